/** Proof of work: bound to challenge and envelope, so that a replay is a resend of the same thing. */

import { sha256 } from "@noble/hashes/sha2.js";
import { concat, digest, Invalid, sleep, utf8 } from "./bytes";
import { MAX_ENVELOPE, type Envelope } from "./envelope";

export const CHALLENGE_SIZE = 42;
const maxWork = 15;
/** A large envelope costs the server eight times what a message does. */
const partWork = 3;

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
export async function postBody(challenge: Uint8Array, envelope: Pick<Envelope, "file" | "hash">): Promise<Uint8Array> {
  const asked = challenge[1]!;
  const bits = asked && envelope.file.length > MAX_ENVELOPE ? Math.min(asked + partWork, maxWork) : asked;
  if (challenge.length !== CHALLENGE_SIZE || challenge[0] !== 1 || asked > maxWork) throw new Invalid("not a challenge of this protocol");
  envelope.hash ??= await digest(envelope.file);
  const begun = sha256.create().update(challenge).update(envelope.hash);
  const nonce = new Uint8Array(8);
  const view = new DataView(nonce.buffer);
  for (let n = 0; ; n++) {
    view.setUint32(4, n);
    if (zeroBits(begun.clone().update(nonce).digest()) >= bits) break;
    if (n % 512 === 511) await sleep();
  }
  return concat(utf8("SCE1"), challenge, nonce, envelope.file);
}
