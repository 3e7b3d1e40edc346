/**
 * Sealed files: age v1 with exactly one post-quantum hybrid recipient. The stanza (X-Wing, HPKE) is the age library's;
 * header and payload are written here, because the library would also accept classic recipients, which would undo the
 * protection against a later quantum computer, and because an attachment is sealed in slices.
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
export const CHUNK = 65536;

const macOf = (fileKey: Uint8Array, header: string): Uint8Array =>
  hmac(sha256, hkdf(sha256, fileKey, undefined, utf8("header"), 32), utf8(header));
/** Seals or opens one chunk after the other; a nonce is a counter and whether it is the last. (age-encryption.org/v1, "Payload") */
function payload(fileKey: Uint8Array, nonce: Uint8Array, way: "encrypt" | "decrypt"): (chunk: Uint8Array, last: boolean) => Uint8Array {
  const key = hkdf(sha256, fileKey, nonce, utf8("payload"), 32);
  const counter = new Uint8Array(12);
  const view = new DataView(counter.buffer);
  let n = 0;
  return (chunk, last) => {
    view.setUint32(7, n++);
    counter[11] = last ? 1 : 0;
    return chacha20poly1305(key, counter)[way](chunk);
  };
}
const unpadded = (bytes: Uint8Array): string => base64(bytes).replace(/=+$/, "");

/** The head of a file and what seals its chunks of 64 KiB in their order. */
export function encryptor(recipient: string) {
  checkRecipient(recipient);
  const fileKey = random(16);
  const [wrapped] = new HybridRecipient(recipient).wrapFileKey(fileKey);
  const header = `${intro}-> ${wrapped!.args.join(" ")}\n${unpadded(wrapped!.body)}\n---`;
  const nonce = random(16);
  return { head: concat(utf8(`${header} ${unpadded(macOf(fileKey, header))}\n`), nonce), seal: payload(fileKey, nonce, "encrypt") };
}

export function seal(recipient: string, plaintext: Uint8Array): Uint8Array {
  const { head, seal } = encryptor(recipient);
  const out = [head];
  for (let at = 0; at === 0 || at < plaintext.length; at += CHUNK) out.push(seal(plaintext.subarray(at, at + CHUNK), at + CHUNK >= plaintext.length));
  return concat(...out);
}

/** Opens a file. Files with several recipients or with one of another kind are refused before any key is used. */
export function decryptor(secret: string, file: Uint8Array) {
  const f = parseFile(file);
  let fileKey: Uint8Array | null = null;
  try {
    fileKey = new HybridIdentity(secret).unwrapFileKey([{ args: [stanza, f.encapsulation], body: f.body }]);
  } catch {
    // Not authentic: see below.
  }
  if (!fileKey || hex(macOf(fileKey, f.header)) !== hex(f.mac)) throw forged();
  const chunk = payload(fileKey, f.nonce, "decrypt");
  const open = (bytes: Uint8Array, last: boolean): Uint8Array => {
    try {
      return chunk(bytes, last);
    } catch {
      throw forged();
    }
  };
  return { rest: f.ciphertext, open };
}

const forged = (): Forged => new Forged("sealed to another key, or changed");

/** Opens a file of one chunk, as records are. */
export function open(identity: Pick<Identity, "secret">, file: Uint8Array): Uint8Array {
  if (file.length > 2 * CHUNK) throw new Invalid("more than one chunk");
  const { rest, open } = decryptor(identity.secret, file);
  return open(rest, true);
}

/**
 * Takes a file apart without any key: an age v1 header with exactly one stanza, which is post-quantum and of the right
 * size, a MAC, and chunks. (age-encryption.org/v1, "mlkem768x25519 recipient stanza")
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
  if (rest.length < 16 + 16) fail();
  return { encapsulation, body, header, mac, nonce: rest.subarray(0, 16), ciphertext: rest.subarray(16) };
}
