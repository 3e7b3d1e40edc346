/** Envelopes: every call of the page travels sealed to the intake, and so does the answer. */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { seal } from "./age";
import { concat, cutLine, Forged, hex, Invalid, random, utf8 } from "./bytes";
import { pad } from "./pad";
import { bool, hexOf, int, list, object, optional, read, string, type Shaped } from "./shape";
import { sign, textOf } from "./signed";
import type { Contact } from "./receipt";

const classes = [4096, 8192, 16384, 32768, 49152];
const partClasses = [...classes, ...[64, 128, 256, 512, 1024].map((n) => (n + 4) << 10)];
/** Larger ones cost more work. */
export const MAX_ENVELOPE = 65536;

export type Call =
  | { op: "new"; lookup?: string; code: string }
  | { op: "send"; case: string }
  | { op: "open"; lookup: string }
  | { op: "fetch"; lookup: string; after: number }
  | { op: "putaway"; lookup: string; ids: string[] }
  | { op: "part"; case: string }
  | { op: "file"; lookup: string; object: string; index: number; bytes: number };

const answerShape = object({
  v: int, status: string, text: optional(string), case: optional(hexOf(16)), gen: optional(int), pending: optional(int), more: optional(bool),
  read: optional(int), read_hour: optional(int), used_hour: optional(int), used_count: optional(int), answered: optional(bool),
  seq: optional(int), manifest: optional(int), have: optional(list(int)), parts: list(int),
});

export type AnswerHead = Shaped<typeof answerShape>;

export interface Answer {
  readonly head: AnswerHead;
  readonly parts: readonly Uint8Array[];
}

/** A sealed envelope and what opens its answer. */
export interface Envelope {
  readonly file: Uint8Array;
  readonly key: Uint8Array;
  /** SHA-256 of the file, once it is known. */
  hash?: Uint8Array;
}

export function sealEnvelope(intake: string, call: Call, parts: readonly Uint8Array[]): Envelope {
  const key = random(32);
  const line = JSON.stringify({ v: 1, ...call, key: hex(key), parts: parts.map((p) => p.length) });
  return { file: seal(intake, pad(concat(utf8(line + "\n"), ...parts), call.op === "part" ? partClasses : classes, 0)), key };
}

/** Opens an answer. A relay can neither make one nor take one of another envelope. */
export function openAnswer(envelope: Envelope, sealed: Uint8Array): Answer {
  let plain: Uint8Array;
  try {
    plain = chacha20poly1305(envelope.key, sealed.subarray(0, 12), envelope.hash ?? sha256(envelope.file)).decrypt(sealed.subarray(12));
  } catch {
    throw new Forged("not the server's answer to this envelope");
  }
  const cut = cutLine(plain);
  if (!cut) throw new Invalid("no first line");
  const head = read(cut[0], answerShape);
  let rest = cut[1];
  const parts = head.parts.map((n) => {
    if (n < 0 || n > rest.length) throw new Invalid("a part is longer than the answer");
    const part = rest.subarray(0, n);
    rest = rest.subarray(n);
    return part;
  });
  if (head.v !== 1 || rest.some((b) => b !== 0)) throw new Invalid("something stands after the parts");
  return { head, parts };
}

/** Proves that a call on a case comes from who holds its receipt, for this challenge only. */
export function signRequest(contact: Contact, call: Call & { lookup: string }, challenge: Uint8Array): Uint8Array {
  const args = [
    call.lookup,
    ...(call.op === "fetch" ? [call.after] : call.op === "putaway" ? call.ids : call.op === "file" ? [call.object, call.index, call.bytes] : []),
  ].join(" ");
  return textOf(
    sign("request", { case: contact.caseId, op: call.op, args: hex(sha256(utf8(args))), challenge: hex(sha256(challenge)) }, contact.seed),
  );
}
