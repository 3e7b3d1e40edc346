/**
 * The page's second script: Argon2id of a receipt. The page starts it in a worker, from the text of the script element
 * itself, so that writing stays smooth; where there are no workers the same text runs in the page.
 */

import { utf8 } from "./bytes";
import { argon2idPlain } from "./lean/argon2plain";
import { argon2idWasm } from "./lean/argon2wasm";

/** 64 MiB, three passes, one lane (docs/sealing.md, section 3). */
const memory = 65536;
const passes = 3;

export interface Ask {
  readonly digits: string;
  readonly salt: Uint8Array;
}

/** `estimate` is how many milliseconds the whole will take on this device, 0 as long as that is not known. */
export type Tell = { readonly done: number; readonly estimate: number } | { readonly master: Uint8Array } | { readonly fault: true };

export async function derive(ask: Ask, tell: (t: Tell) => void): Promise<void> {
  try {
    tell({ master: (await withWasm(ask, tell)) ?? (await withoutWasm(ask, tell)) });
  } catch {
    tell({ fault: true });
  }
}

async function withWasm(ask: Ask, tell: (t: Tell) => void): Promise<Uint8Array | null> {
  const run = (password: string, kib: number, times: number): Promise<Uint8Array> => argon2idWasm(utf8(password), ask.salt, kib, times, 32);
  try {
    tell({ done: 0, estimate: await estimateOf(() => run("0", 1024, 1)) });
    return await run(ask.digits, memory, passes);
  } catch {
    return null; // no WebAssembly here, or no 64 MiB for it
  }
}

/** The best of a few small runs: what the device can do, not what it was busy with. The first one compiles. */
async function estimateOf(small: () => Promise<unknown>): Promise<number> {
  let best = Infinity;
  for (let n = 0; n < 6 && best * times > 5000; n++) {
    const begun = performance.now();
    await small();
    best = Math.min(best, performance.now() - begun);
  }
  return best * times;
}
/** How many times as much as a small run the whole is. */
const times = (memory / 1024) * passes;

/** Without WebAssembly it takes this much work or time before anything can be said of the rest. */
const sample = { done: 0.1, ms: 2500 };

/** How many milliseconds the page hears and draws nothing, where this runs in it. */
const pause = 100;

function withoutWasm(ask: Ask, tell: (t: Tell) => void): Promise<Uint8Array> {
  const begun = performance.now();
  return argon2idPlain(utf8(ask.digits), ask.salt, memory, passes, 32, pause, (done) => {
    const spent = performance.now() - begun;
    tell({ done, estimate: done < sample.done && spent < sample.ms ? 0 : spent / Math.max(done, 1e-6) });
  });
}

const place = globalThis as unknown as {
  document?: unknown;
  safeconductDerive?: typeof derive;
  onmessage: ((e: { data: Ask }) => void) | null;
  postMessage: (t: Tell) => void;
};
if (place.document === undefined) place.onmessage = (e) => void derive(e.data, (t) => place.postMessage(t));
else place.safeconductDerive = derive;
