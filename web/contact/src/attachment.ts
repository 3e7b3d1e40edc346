/** Attachments: a file is padded, sealed as one age file in slices, and goes out in parts. (docs/sealing.md, section 10) */

import { CHUNK, decryptor, encryptor } from "./age";
import { digest, Forged, hex, random, sleep } from "./bytes";
import type { Picture } from "./picture";
import type { FileRef, ObjectRef } from "./record";

export const MAX_FILE = 25 << 20;
export const STRANGER_FILE = 1 << 20;
const overhead = 1659;

/** The length to which n bytes are padded (Padmé). */
export function padme(n: number): number {
  if (n < 2) return n;
  const e = 31 - Math.clz32(n);
  const step = 2 ** Math.max(0, e - (32 - Math.clz32(e)));
  return Math.ceil(n / step) * step;
}

export const sealedSize = (n: number): number => overhead + padme(n) + (Math.ceil(padme(n) / CHUNK) - 1) * 16;
export const partSize = (sealed: number): number => (sealed <= 4 << 20 ? 256 << 10 : 1 << 20);

/** A file on its way: sealed part by part, each kept until the server has it. */
export class Upload {
  readonly id = hex(random(16));
  readonly size: number;
  readonly parts: number;
  /** Which parts the server has. */
  have = new Set<number>();
  private readonly sealed: Uint8Array;
  private readonly seal: (plain: Uint8Array, last: boolean) => Uint8Array;
  private taken = 0;
  private made = 0;

  constructor(readonly file: Picture, recipient: string) {
    this.size = sealedSize(file.bytes.length);
    this.parts = Math.ceil(this.size / partSize(this.size));
    this.sealed = new Uint8Array(this.size);
    const { head, seal } = encryptor(recipient);
    this.sealed.set(head);
    this.made = head.length;
    this.seal = seal;
  }

  /** One part's bytes. Sealing goes on a chunk at a time, so that the page stays alive. */
  async part(index: number): Promise<Uint8Array> {
    const each = partSize(this.size);
    const end = Math.min((index + 1) * each, this.size);
    const { bytes } = this.file;
    const whole = padme(bytes.length);
    while (this.made < end) {
      const plain = new Uint8Array(Math.min(CHUNK, whole - this.taken));
      plain.set(bytes.subarray(this.taken, this.taken + plain.length));
      this.taken += plain.length;
      const chunk = this.seal(plain, this.taken === whole);
      this.sealed.set(chunk, this.made);
      this.made += chunk.length;
      await sleep();
    }
    return this.sealed.subarray(index * each, end);
  }

  /** How the message names the file. */
  async reference(): Promise<FileRef> {
    const { type, turn, bytes } = this.file;
    const object = { id: this.id, hash: hex(await digest(this.sealed)), parts: this.parts };
    return { type, size: bytes.length, ...(turn > 1 ? { turn } : {}), object };
  }
}

/** Fetches a file part by part and opens it. Nothing of it is believed before the whole is what the message names. */
export async function download(f: FileRef, o: ObjectRef, secret: string, part: (index: number, length: number) => Promise<Uint8Array>, report: (done: number) => void): Promise<Uint8Array> {
  const size = sealedSize(f.size);
  const each = partSize(size);
  const sealed = new Uint8Array(size);
  if (f.size < 1 || f.size > MAX_FILE || o.parts !== Math.ceil(size / each)) throw new Forged("a size that cannot be");
  for (let i = 0; i < o.parts; i++) {
    report(i);
    sealed.set(await part(i, Math.min(each, size - i * each)), i * each);
  }
  if (hex(await digest(sealed)) !== o.hash) throw new Forged("not the file that the message names");
  const out = new Uint8Array(padme(f.size));
  const { open, rest } = decryptor(secret, sealed);
  for (let from = 0, at = 0; from < rest.length; from += CHUNK + 16) {
    const plain = open(rest.subarray(from, from + CHUNK + 16), from + CHUNK + 16 >= rest.length);
    out.set(plain, at);
    at += plain.length;
    await sleep();
  }
  if (out.subarray(f.size).some((b) => b)) throw new Forged("not padded as it should be");
  return out.subarray(0, f.size);
}

