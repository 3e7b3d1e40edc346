/** Proof of work: bound to challenge and envelope, so that a replay is a resend of the same thing. */

import { sha256 } from "@noble/hashes/sha2.js";
import { concat, Invalid, utf8 } from "./bytes";

export const CHALLENGE_SIZE = 42;
const maxWork = 15;

/** How many bits begin with zero. */
export function zeroBits(sum: Uint8Array): number {
  let n = 0;
  for (const b of sum) {
    if (b === 0) {
      n += 8;
      continue;
    }
    return n + Math.clz32(b) - 24;
  }
  return n;
}

/** The body of a POST; the work is done here, in slices, so that the page stays alive. */
export async function postBody(challenge: Uint8Array, envelope: Uint8Array, pause: () => Promise<void>): Promise<Uint8Array> {
  const bits = challenge[1]!;
  if (challenge.length !== CHALLENGE_SIZE || challenge[0] !== 1 || bits > maxWork) throw new Invalid("not a challenge of this protocol");
  const begun = sha256.create().update(challenge).update(sha256(envelope));
  const nonce = new Uint8Array(8);
  const view = new DataView(nonce.buffer);
  for (let n = 0; ; n++) {
    view.setUint32(4, n);
    if (zeroBits(begun.clone().update(nonce).digest()) >= bits) break;
    if (n % 512 === 511) await pause();
  }
  return concat(utf8("SCE1"), challenge, nonce, envelope);
}
