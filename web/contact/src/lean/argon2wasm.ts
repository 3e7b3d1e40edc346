/**
 * Argon2id (RFC 9106) with the WebAssembly program of hash-wasm, which fills the memory, and BLAKE2b from noble, which
 * the page has anyway. hash-wasm's own wrapper brings a second program and other hashes: 6 KB for every phone.
 */

import { blake2b } from "@noble/hashes/blake2.js";
import { concat, unbase64 } from "../bytes";

/** hash-wasm's program in base64; the build script puts it here. */
declare const ARGON2_WASM: string;

interface Program {
  readonly memory: WebAssembly.Memory;
  Hash_SetMemorySize(bytes: number): void;
  Hash_GetBuffer(): number;
  Hash_Calculate(length: number, memoryKiB: number): void;
}

const le32 = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

/** H' of RFC 9106, section 3.3. */
function longHash(input: Uint8Array, length: number): Uint8Array {
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

/** One lane. Throws where there is no WebAssembly or not enough memory. */
export async function argon2idWasm(password: Uint8Array, salt: Uint8Array, memoryKiB: number, passes: number, length: number): Promise<Uint8Array> {
  const { instance } = await WebAssembly.instantiate(unbase64(ARGON2_WASM) as Uint8Array<ArrayBuffer>, {});
  const program = instance.exports as unknown as Program;
  const size = (memoryKiB + 1) * 1024;
  const at = program.Hash_GetBuffer(); // before the memory grows: it lies behind what there is now
  program.Hash_SetMemorySize(size);
  const memory = new Uint8Array(program.memory.buffer, at, size);
  const parameters = le32(1, length, memoryKiB, passes, 0x13, 2);
  memory.set(parameters, memoryKiB * 1024); // where the program looks for them
  const h0 = blake2b(concat(parameters, le32(password.length), password, le32(salt.length), salt, le32(0), le32(0)));
  for (const block of [0, 1]) memory.set(longHash(concat(h0, le32(block, 0)), 1024), block * 1024);
  program.Hash_Calculate(0, memoryKiB);
  const last = memory.slice(0, 1024);
  memory.fill(0);
  return longHash(last, length);
}
