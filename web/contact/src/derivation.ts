/** One derivation of M from a receipt: runs while the person types, says how far it is, and can be given up. */

import { Invalid, unhex } from "./bytes";
import type { Ask, derive, Tell } from "./kdf";

/** Beyond this a new case is sent without a receipt. */
export const PATIENCE_MS = 30000;

export interface Derivation {
  readonly digits: string;
  readonly master: Promise<Uint8Array>;
  /** From 0 to 1, and the milliseconds that the whole takes, 0 until that is known; null before the beginning. */
  progress(): { done: number; estimate: number } | null;
  cancel(): void;
}

export function startDerivation(digits: string, desk: string, changed: () => void): Derivation {
  const ask: Ask = { digits, salt: unhex(desk, 16) };
  const begun = performance.now();
  let last: { done: number; estimate: number } | null = null;
  let stop = (): void => {};
  const master = new Promise<Uint8Array>((resolve, reject) => {
    const hear = (t: Tell): void => {
      if ("master" in t) resolve(t.master);
      else if ("fault" in t) reject(new Invalid("the key could not be derived"));
      else {
        last = t;
        changed();
      }
    };
    stop = run(ask, hear);
  });
  return {
    digits,
    master,
    progress: () =>
      last && { done: last.done || Math.min(0.99, last.estimate ? (performance.now() - begun) / last.estimate : 0), estimate: last.estimate },
    cancel: () => stop(),
  };
}

/** Starts the second script in a worker, or in the page where no worker answers. Returns what stops it. */
function run(ask: Ask, hear: (t: Tell) => void): () => void {
  const here = (): void => {
    const inPage = (globalThis as { safeconductDerive?: typeof derive }).safeconductDerive!;
    setTimeout(() => void inPage(ask, hear), 50); // lets the page be drawn first
  };
  try {
    const source = document.getElementById("kdf")!.textContent!;
    const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    const worker = new Worker(url);
    let answered = false;
    const end = (): void => {
      worker.terminate();
      URL.revokeObjectURL(url);
    };
    worker.onmessage = (e: MessageEvent<Tell>) => {
      answered = true;
      hear(e.data);
      if ("master" in e.data || "fault" in e.data) end();
    };
    worker.onerror = () => {
      end();
      if (answered) hear({ fault: true });
      else here();
    };
    worker.postMessage(ask);
    return end;
  } catch {
    here();
    return () => {};
  }
}
