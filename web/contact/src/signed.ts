/** Signed texts: one line of JSON and one to eight Ed25519 signatures. The bytes of the line are kept as they came. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { base64, concat, cutLine, fromUtf8, hex, Invalid, unbase64, utf8 } from "./bytes";
import { read as readShape, type Shape } from "./shape";

export interface Signed {
  readonly line: Uint8Array;
  readonly sigs: readonly { readonly key: string; readonly sig: Uint8Array }[];
}

const maxLine = 262144;
const maxSignatures = 8;

export const publicKey = (seed: Uint8Array): Uint8Array => ed25519.getPublicKey(seed);

/** Names a key in a signature line. */
export const keyId = (key: Uint8Array): string => hex(sha256(concat(utf8("safeconduct key v1\n"), key)).subarray(0, 8));

const covered = (kind: string, line: Uint8Array): Uint8Array => concat(utf8(`safeconduct v1 ${kind}\n`), line);

export function sign(kind: string, fields: object, seed: Uint8Array): Signed {
  const line = utf8(JSON.stringify({ v: 1, kind, ...fields }));
  return { line, sigs: [{ key: keyId(publicKey(seed)), sig: ed25519.sign(covered(kind, line), seed) }] };
}

export function signedBy(s: Signed, kind: string, key: Uint8Array): boolean {
  const id = keyId(key);
  return s.sigs.some((x) => {
    if (x.key !== id) return false;
    try {
      return ed25519.verify(x.sig, covered(kind, s.line), key, { zip215: false });
    } catch {
      return false; // the library throws at points that are not on the curve
    }
  });
}

/** What the next text of a chain names as `prev`. */
export const hashOf = (s: Signed): string => hex(sha256(s.line));

/** The text as it travels. */
export const textOf = (s: Signed): Uint8Array =>
  concat(s.line, utf8("\n" + s.sigs.map((x) => `sig ${x.key} ${base64(x.sig)}\n`).join("")));

/** Reads a signed text and nothing after it. Whose signatures are needed is the caller's knowledge. */
export function parse(text: Uint8Array): Signed {
  const [signed, rest] = cut(text);
  if (rest.length) throw new Invalid("something stands after the signatures");
  return signed;
}

/** Reads a signed text and returns what follows it. */
export function cut(text: Uint8Array): [Signed, Uint8Array] {
  const first = cutLine(text);
  if (!first || first[0].length < 2 || first[0].length > maxLine || first[0][0] !== 0x7b) throw new Invalid("no line of JSON");
  const line = first[0];
  let rest = first[1];
  const sigs: { key: string; sig: Uint8Array }[] = [];
  for (;;) {
    const next = cutLine(rest);
    if (rest[0] !== 0x73) break; // "s"; a body line begins with "{"
    const found = next && /^sig ([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)$/.exec(fromUtf8(next[0]));
    if (!next || !found || sigs.length === maxSignatures) throw new Invalid("malformed signature line");
    const key = found[1]!;
    if (sigs.some((x) => x.key === key)) throw new Invalid("one key signed twice");
    sigs.push({ key, sig: unbase64(found[2]!) });
    rest = next[1];
  }
  if (!sigs.length) throw new Invalid("not signed");
  return [{ line, sigs }, rest];
}

/** Reads the line of a text of this kind. */
export function read<T extends { v: number; kind: string }>(s: Signed, kind: string, shape: Shape<T>): T {
  const value = readShape(s.line, shape);
  if (value.v !== 1 || value.kind !== kind) throw new Invalid("another kind or version");
  return value;
}
