/** What both ways of filling the memory of Argon2id (RFC 9106) have in common. BLAKE2b comes from noble, which the page has anyway. */

import { blake2b } from "@noble/hashes/blake2.js";
import { concat } from "../bytes";

export const le32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

/** H' of RFC 9106, section 3.3. */
export function longHash(input: Uint8Array, length: number): Uint8Array {
  const seed = concat(le32(length), input);
  if (length <= 64) return blake2b(seed, { dkLen: length });
  const out: Uint8Array[] = [];
  let v = blake2b(seed);
  let left = length;
  for (; left > 64; left -= 32) {
    out.push(v.subarray(0, 32));
    v = blake2b(v, { dkLen: left - 32 > 64 ? 64 : left - 32 });
  }
  return concat(...out, v);
}

/** Parallelism 1, version 0x13, type id: section 3.2, in the order in which H_0 takes them. */
export const parametersOf = (memoryKiB: number, passes: number, length: number): Uint8Array => le32(1, length, memoryKiB, passes, 0x13, 2);

/** Puts the first two blocks of the only lane where they belong. */
export function begin(memory: Uint8Array, parameters: Uint8Array, password: Uint8Array, salt: Uint8Array): void {
  const h0 = blake2b(concat(parameters, le32(password.length), password, le32(salt.length), salt, le32(0), le32(0)));
  for (const block of [0, 1]) memory.set(longHash(concat(h0, le32(block, 0)), 1024), block * 1024);
}
