/**
 * Argon2id (RFC 9106) where there is no WebAssembly: one lane, the memory as signed 32-bit words, a 64-bit number in two
 * of them, the lower one first. Signed, because the engines keep those in registers; noble's, which makes an object of
 * every product, takes two to three times as long. TestVectors compares all three.
 */

import { begin, longHash, parametersOf } from "./argon2";

/** The block that is being mixed. */
const w = new Int32Array(256);
const unit = 2 ** -32;

/**
 * Upper half of a + b + 2ab, of which `low` is the lower. The sum is below 2^66, so each of the four steps in floating
 * point is off by 2^12 at most, and the result, a whole number in truth, by less than 2^-17: rounding gives it.
 */
const upper = (a: number, b: number, low: number): number => ((2 * a * b + a + b - low) * unit + 0.5) | 0;

/** GB of section 3.6: rotations by 32, 24, 16 and 63. */
function mix(a: number, b: number, c: number, d: number): void {
  let al = w[a]!, ah = w[a + 1]!, bl = w[b]!, bh = w[b + 1]!, cl = w[c]!, ch = w[c + 1]!, dl = w[d]!, dh = w[d + 1]!, x: number, t: number;
  x = al >>> 0; al = (al + bl + (Math.imul(al, bl) << 1)) | 0; ah = (ah + bh + upper(x, bl >>> 0, al >>> 0)) | 0;
  t = dl ^ al; dl = dh ^ ah; dh = t;
  x = cl >>> 0; cl = (cl + dl + (Math.imul(cl, dl) << 1)) | 0; ch = (ch + dh + upper(x, dl >>> 0, cl >>> 0)) | 0;
  bl ^= cl; bh ^= ch; t = (bl >>> 24) | (bh << 8); bh = (bh >>> 24) | (bl << 8); bl = t;
  x = al >>> 0; al = (al + bl + (Math.imul(al, bl) << 1)) | 0; ah = (ah + bh + upper(x, bl >>> 0, al >>> 0)) | 0;
  dl ^= al; dh ^= ah; t = (dl >>> 16) | (dh << 16); dh = (dh >>> 16) | (dl << 16); dl = t;
  x = cl >>> 0; cl = (cl + dl + (Math.imul(cl, dl) << 1)) | 0; ch = (ch + dh + upper(x, dl >>> 0, cl >>> 0)) | 0;
  bl ^= cl; bh ^= ch; t = (bl << 1) | (bh >>> 31); bh = (bh << 1) | (bl >>> 31); bl = t;
  w[a] = al; w[a + 1] = ah; w[b] = bl; w[b + 1] = bh; w[c] = cl; w[c + 1] = ch; w[d] = dl; w[d + 1] = dh;
}

/** P of section 3.6 over eight registers of two numbers each, of which the first begins at `a` and the next `s` further on. */
function permute(a: number, s: number): void {
  const b = a + 2 * s, c = a + 4 * s, d = a + 6 * s;
  mix(a, b, c, d); mix(a + 2, b + 2, c + 2, d + 2); mix(a + s, b + s, c + s, d + s); mix(a + s + 2, b + s + 2, c + s + 2, d + s + 2);
  mix(a, b + 2, c + s, d + s + 2); mix(a + 2, b + s, c + s + 2, d); mix(a + s, b + s + 2, c, d + 2); mix(a + s + 2, b, c + 2, d + s);
}

/** G of section 3.5 of the blocks that begin at x and y, to the one at `out`; with `keep` it is added to what is there. */
function compress(m: Int32Array, x: number, y: number, out: number, keep: boolean): void {
  for (let i = 0; i < 256; i++) {
    const v = (w[i] = m[x + i]! ^ m[y + i]!);
    m[out + i] = keep ? m[out + i]! ^ v : v;
  }
  for (let i = 0; i < 256; i += 32) permute(i, 4);
  for (let i = 0; i < 32; i += 4) permute(i, 32);
  for (let i = 0; i < 256; i++) m[out + i]! ^= w[i]!;
}

/** Sections 3.2 and 3.4. Stops after every 64 blocks and says how much is done, from 0 to 1. */
function* fill(m: Int32Array, memoryKiB: number, passes: number): Generator<number> {
  const quarter = memoryKiB / 4, addresses = memoryKiB * 256, input = addresses + 256, zeros = input + 256;
  for (let pass = 0; pass < passes; pass++)
    for (let slice = 0; slice < 4; slice++) {
      const independent = pass === 0 && slice < 2; // what makes it Argon2id
      m.fill(0, addresses);
      m.set([pass, 0, 0, 0, slice, 0, memoryKiB, 0, passes, 0, 2], input);
      for (let i = 0; i < quarter; i++) {
        const here = slice * quarter + i, before = (here || memoryKiB) - 1;
        if (i % 64 === 0) yield (pass + here / memoryKiB) / passes;
        if (independent && i % 128 === 0) {
          m[input + 12]!++;
          compress(m, input, zeros, addresses, false);
          compress(m, addresses, zeros, addresses, false);
        }
        if (pass === 0 && here < 2) continue;
        const r = m[independent ? addresses + 2 * (i % 128) : before * 256]! >>> 0;
        const area = pass === 0 ? here - 1 : memoryKiB - quarter + i - 1;
        const square = Math.round((r * r - (Math.imul(r, r) >>> 0)) * unit); // its upper half
        const from = (pass === 0 || slice === 3 ? 0 : (slice + 1) * quarter) + area - 1 - Math.floor(area * square * unit);
        compress(m, before * 256, (from % memoryKiB) * 256, here * 256, pass > 0);
      }
    }
}

/** One lane; `memoryKiB` is a multiple of four. Lets the page draw and hear every `pause` milliseconds and tells how much is done. */
export async function argon2idPlain(
  password: Uint8Array, salt: Uint8Array, memoryKiB: number, passes: number, length: number, pause: number, tell: (done: number) => void,
): Promise<Uint8Array> {
  const words = new Int32Array((memoryKiB + 3) * 256), memory = new Uint8Array(words.buffer);
  begin(memory, parametersOf(memoryKiB, passes, length), password, salt);
  let last = performance.now();
  for (const done of fill(words, memoryKiB, passes)) {
    if (performance.now() - last < pause) continue;
    tell(done);
    await new Promise((go) => setTimeout(go)); // a promise alone would let nothing be drawn
    last = performance.now();
  }
  const key = longHash(memory.slice((memoryKiB - 1) * 1024, memoryKiB * 1024), length);
  words.fill(0);
  w.fill(0);
  return key;
}
