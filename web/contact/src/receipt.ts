/** What a receipt yields: the person's own keys and the two ways to find the case. */

import { hkdf } from "@noble/hashes/hkdf.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { identityFromSeed, type Identity } from "./age";
import { hex, random, utf8 } from "./bytes";
import { withCheck } from "./digits";
import { caseIdOf } from "./generation";
import { publicKey } from "./signed";

export interface Contact {
  readonly lookup: string;
  readonly code: string;
  readonly identity: Identity;
  readonly seed: Uint8Array;
  readonly key: Uint8Array;
  readonly caseId: string;
}

/** Derives a contact from M, the 32 bytes that Argon2id makes of a receipt. */
export function contactFrom(master: Uint8Array): Contact {
  const expand = (label: string, length: number): Uint8Array => hkdf(sha256, master, undefined, utf8("safeconduct v1 " + label), length);
  const identity = identityFromSeed(expand("contact age seed", 32));
  const seed = expand("contact signing seed", 32);
  const key = publicKey(seed);
  const number = expand("channel code", 8).reduce((n, b) => n * 256n + BigInt(b), 0n) % 10000000000n;
  const code = withCheck(number.toString().padStart(10, "0"));
  return { lookup: hex(expand("lookup", 16)), code, identity, seed, key, caseId: caseIdOf(key, identity.recipient) };
}

/** A contact without a receipt: nobody can come back to it by the page. */
export const contactWithoutReceipt = (): Contact => contactFrom(random(32));
