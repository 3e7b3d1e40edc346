/** Bytes and their written forms. Reading is strict: what another writer would not write is an error. */

import { sha256 } from "@noble/hashes/sha2.js";

/** Something that came from outside and is not what the protocol allows. */
export class Invalid extends Error {}

/** A signature, hash or seal that does not verify: this did not come from whom it claims. */
export class Forged extends Error {}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Uint8Array => encoder.encode(text);

export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new Invalid("not valid UTF-8");
  }
}

export function concat(...parts: Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

export function random(length: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(length));
}

export const hex = (bytes: Uint8Array): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

export function unhex(text: string, length: number): Uint8Array {
  if (text.length !== 2 * length || !/^[0-9a-f]*$/.test(text)) throw new Invalid("not hexadecimal");
  return Uint8Array.from({ length }, (_, i) => parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (const b of bytes) text += String.fromCharCode(b);
  return btoa(text);
}

export function unbase64(text: string): Uint8Array {
  let raw: string;
  try {
    raw = atob(text);
  } catch {
    throw new Invalid("not base64");
  }
  if (btoa(raw) !== text) throw new Invalid("not base64"); // atob skips spaces and missing padding
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}

/** Cuts at the first line end; null when there is none. */
export function cutLine(bytes: Uint8Array): [line: Uint8Array, rest: Uint8Array] | null {
  const at = bytes.indexOf(10);
  return at < 0 ? null : [bytes.subarray(0, at), bytes.subarray(at + 1)];
}

/** Gives the page a moment to draw. */
export const sleep = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** SHA-256 of much: by the browser where it may, which is many times faster. */
export async function digest(bytes: Uint8Array): Promise<Uint8Array> {
  const { subtle } = crypto;
  if (subtle) return new Uint8Array(await subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
  const hash = sha256.create();
  for (let at = 0; at < bytes.length; at += 1 << 17) {
    hash.update(bytes.subarray(at, at + (1 << 17)));
    await sleep();
  }
  return hash.digest();
}
