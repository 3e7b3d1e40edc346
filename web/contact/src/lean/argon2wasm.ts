/**
 * Argon2id (RFC 9106) with the WebAssembly program of hash-wasm, which fills the memory. hash-wasm's own wrapper brings a
 * second program and other hashes: 6 KB for every phone.
 */

import { unbase64 } from "../bytes";
import { begin, longHash, parametersOf } from "./argon2";

/** hash-wasm's program in base64; the build script puts it here. */
declare const ARGON2_WASM: string;

interface Program {
  readonly memory: WebAssembly.Memory;
  Hash_SetMemorySize(bytes: number): void;
  Hash_GetBuffer(): number;
  Hash_Calculate(length: number, memoryKiB: number): void;
}

/** One lane. Throws where there is no WebAssembly or not enough memory. */
export async function argon2idWasm(password: Uint8Array, salt: Uint8Array, memoryKiB: number, passes: number, length: number): Promise<Uint8Array> {
  const { instance } = await WebAssembly.instantiate(unbase64(ARGON2_WASM) as Uint8Array<ArrayBuffer>, {});
  const program = instance.exports as unknown as Program;
  const size = (memoryKiB + 1) * 1024;
  const at = program.Hash_GetBuffer(); // before the memory grows: it lies behind what there is now
  program.Hash_SetMemorySize(size);
  const memory = new Uint8Array(program.memory.buffer, at, size);
  const parameters = parametersOf(memoryKiB, passes, length);
  memory.set(parameters, memoryKiB * 1024); // where the program looks for them
  begin(memory, parameters, password, salt);
  program.Hash_Calculate(0, memoryKiB);
  const last = memory.slice(0, 1024);
  memory.fill(0);
  return longHash(last, length);
}
