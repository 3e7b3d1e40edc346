/**
 * Sealed files: age v1 with exactly one post-quantum hybrid recipient. The stanza (X-Wing, HPKE) is the age library's;
 * header and payload are written here, because the library would also accept classic recipients, which would undo the
 * protection against a later quantum computer, and because everything the page seals fits into one chunk of 64 KiB.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { MLKEM768X25519 } from "@noble/post-quantum/hybrid.js";
import { bech32 } from "@scure/base";
import { HybridIdentity, HybridRecipient } from "../../node_modules/age-encryption/dist/recipients.js";
import { base64, concat, cutLine, Forged, fromUtf8, hex, Invalid, random, unbase64, utf8 } from "./bytes";

/** An age identity, "AGE-SECRET-KEY-PQ-1…", and its recipient. */
export interface Identity {
  readonly secret: string;
  readonly recipient: string;
}

export function identityFromSeed(seed: Uint8Array): Identity {
  const recipient = bech32.encode("age1pq", bech32.toWords(MLKEM768X25519.getPublicKey(seed)), false);
  return { secret: bech32.encodeFromBytes("age-secret-key-pq-", seed).toUpperCase(), recipient };
}

export const newIdentity = (): Identity => identityFromSeed(random(32));

/** Throws unless `recipient` is a well-formed "age1pq1…". */
export function checkRecipient(recipient: string): void {
  if (!recipient.startsWith("age1pq1") || recipient.length !== 1959) throw new Invalid("not a post-quantum recipient");
}

const intro = "age-encryption.org/v1\n";
const stanza = "mlkem768x25519";
/** The nonce of a chunk that is both the first and the last. (age-encryption.org/v1, "Payload") */
const onlyChunk = Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
const chunkSize = 65536;

const macOf = (fileKey: Uint8Array, header: string): Uint8Array =>
  hmac(sha256, hkdf(sha256, fileKey, undefined, utf8("header"), 32), utf8(header));
const payload = (fileKey: Uint8Array, nonce: Uint8Array) => chacha20poly1305(hkdf(sha256, fileKey, nonce, utf8("payload"), 32), onlyChunk);
const unpadded = (bytes: Uint8Array): string => base64(bytes).replace(/=+$/, "");

export function seal(recipient: string, plaintext: Uint8Array): Uint8Array {
  checkRecipient(recipient);
  if (plaintext.length > chunkSize) throw new Invalid("more than one chunk");
  const fileKey = random(16);
  const [wrapped] = new HybridRecipient(recipient).wrapFileKey(fileKey);
  const header = `${intro}-> ${wrapped!.args.join(" ")}\n${unpadded(wrapped!.body)}\n---`;
  const nonce = random(16);
  return concat(utf8(`${header} ${unpadded(macOf(fileKey, header))}\n`), nonce, payload(fileKey, nonce).encrypt(plaintext));
}

/** Opens a file. Files with several recipients or with one of another kind are refused before any key is used. */
export function open(identity: Pick<Identity, "secret">, file: Uint8Array): Uint8Array {
  const f = parseFile(file);
  try {
    const fileKey = new HybridIdentity(identity.secret).unwrapFileKey([{ args: [stanza, f.encapsulation], body: f.body }]);
    if (fileKey && hex(macOf(fileKey, f.header)) === hex(f.mac)) return payload(fileKey, f.nonce).decrypt(f.ciphertext);
  } catch {
    // Not authentic: see below.
  }
  throw new Forged("sealed to another key, or changed");
}

/**
 * Takes a file apart without any key: an age v1 header with exactly one stanza, which is post-quantum and of the right
 * size, a MAC, and one chunk. (age-encryption.org/v1, "mlkem768x25519 recipient stanza")
 */
export function parseFile(file: Uint8Array) {
  const fail = (): never => {
    throw new Invalid("not a file sealed to one post-quantum recipient");
  };
  let rest = file;
  const line = (prefix: string): string => {
    const cut = cutLine(rest) ?? fail();
    const text = cut[0].length > 2048 ? fail() : fromUtf8(cut[0]);
    rest = cut[1];
    return text.startsWith(prefix) ? text.slice(prefix.length) : fail();
  };
  const decode = (text: string, length: number): Uint8Array => {
    const bytes = unbase64(text + "=".repeat((3 - (length % 3)) % 3));
    return bytes.length === length ? bytes : fail();
  };
  if (line("") + "\n" !== intro) fail();
  const encapsulation = line(`-> ${stanza} `);
  decode(encapsulation, 1120);
  const body = decode(line(""), 32);
  const header = fromUtf8(file.subarray(0, file.length - rest.length)) + "---";
  const mac = decode(line("--- "), 32);
  if (rest.length < 16 + 16 || rest.length > 16 + chunkSize + 16) fail();
  return { encapsulation, body, header, mac, nonce: rest.subarray(0, 16), ciphertext: rest.subarray(16) };
}
