/** Records: what one side says, signed, padded and sealed. */

import { sha256 } from "@noble/hashes/sha2.js";
import { open, seal, type Identity } from "./age";
import { concat, cutLine, Forged, hex, Invalid, random, utf8 } from "./bytes";
import { pad } from "./pad";
import { bool, hexOf, int, list, object, optional, read as readShape, string, type Shaped } from "./shape";
import { cut, parse, read, sign, textOf, type Signed } from "./signed";

const kind = "record";
const classes = [1024, 2048, 4096, 8192, 16384];
export const MAX_RECORD = 16384;

const headerShape = object({
  v: int, kind: string, case: hexOf(16), gen: int, side: string, seq: int, prev: hexOf(32, true), seen: int, hour: int, body: hexOf(32),
  objects: optional(list(hexOf(16))), copies: optional(list(hexOf(16))),
});
const objectShape = object({ id: hexOf(16), hash: hexOf(32), parts: int });
const fileShape = object({ type: string, size: int, turn: optional(int), object: objectShape, copy: optional(objectShape) });
const bodyShape = object({
  salt: string, text: string, lang: optional(string), code: optional(string), people: optional(int), effort: optional(bool),
  files: optional(list(fileShape)),
});

export type Header = Shaped<typeof headerShape>;
export type ObjectRef = Shaped<typeof objectShape>;
/** An attachment as a message names it; `copy` is the desk's, sealed to the person. */
export type FileRef = Shaped<typeof fileShape>;
export type Body = Shaped<typeof bodyShape>;

export interface Record {
  readonly header: Header;
  readonly signed: Signed;
  readonly body: Body;
}

/** What a header says besides the hash of the body. */
export type Place = Pick<Header, "case" | "gen" | "side" | "seq" | "prev" | "seen" | "hour">;

/** A body with a fresh salt: the commitment in the header does not betray the text. */
export const newBody = (fields: Omit<Body, "salt">): Body => ({ salt: hex(random(16)), ...fields });

/** Makes a record: its signed header and the padded plaintext. */
export function write(place: Place, body: Body, seed: Uint8Array): { signed: Signed; padded: Uint8Array } {
  const line = utf8(JSON.stringify(body));
  const objects = body.files?.map((f) => f.object.id);
  const signed = sign(kind, { ...place, body: hex(sha256(line)), ...(objects ? { objects } : {}) }, seed);
  return { signed, padded: pad(concat(textOf(signed), line, utf8("\n")), classes, 10) };
}

export const sealRecord = (recipient: string, padded: Uint8Array): Uint8Array => seal(recipient, padded);

/** Reads a signed header. No signature is checked here. */
export function parseHeader(text: Uint8Array): { header: Header; signed: Signed } {
  const signed = parse(text);
  return { header: headerOf(signed), signed };
}

function headerOf(signed: Signed): Header {
  const h = read(signed, kind, headerShape);
  if (!["contact", "desk", "gateway"].includes(h.side) || h.seq < 0 || h.seen < -1 || h.gen < 0 || h.hour < 0 || (h.seq === 0) !== (h.prev === ""))
    throw new Invalid("a header that cannot be");
  return h;
}

/** Opens a record. The caller checks who signed it and its place in the chain. */
export function openRecord(identity: Pick<Identity, "secret">, file: Uint8Array): Record {
  const padded = open(identity, file);
  if (!classes.includes(padded.length)) throw new Invalid("not a size of records");
  let end = padded.length;
  while (end > 0 && padded[end - 1] === 10) end--;
  const [signed, rest] = cut(concat(padded.subarray(0, end), utf8("\n")));
  const line = cutLine(rest);
  if (!line || !line[0].length || line[1].length) throw new Invalid("not exactly one body line");
  const header = headerOf(signed);
  if (header.body !== hex(sha256(line[0]))) throw new Forged("the text is not the one that was signed");
  const body = readShape(line[0], bodyShape);
  const names = (of: "object" | "copy"): string => (body.files ?? []).map((f) => f[of]?.id ?? "").join("");
  if (names("object") !== (header.objects ?? []).join("") || names("copy") !== (header.copies ?? []).join("")) throw new Forged("other files than the header names");
  return { header, signed, body };
}

/**
 * How many bytes of the largest record a text leaves free; negative when it is too long.
 * The measure is a record with every field at its longest, so what fits here fits when it is sent, with a file too.
 */
export function room(text: string): number {
  const longest = JSON.stringify({ salt: "0".repeat(32), text, lang: "ru", code: "0".repeat(12), effort: true });
  return MAX_RECORD - 970 - utf8(longest).length;
}
