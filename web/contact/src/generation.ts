/** Generations of a case's key: nobody seals to a recipient whose generation does not verify. */

import { sha256 } from "@noble/hashes/sha2.js";
import { checkRecipient } from "./age";
import { concat, Forged, hex, Invalid, unhex, utf8 } from "./bytes";
import type { Contact } from "./receipt";
import { hexOf, int, object, string, type Shaped } from "./shape";
import { parse, read, sign, signedBy, type Signed } from "./signed";

const kind = "generation";

const shape = object({
  v: int, kind: string, case: hexOf(16), gen: int, prev: hexOf(32, true), team: string, epoch: int, recipient: string,
  contact_key: hexOf(32, true), contact_recipient: string, hour: int,
});

export type Generation = Shaped<typeof shape>;

/** The case's id belongs to the contact's two keys; nobody can take another's. */
export function caseIdOf(key: Uint8Array, recipient: string): string {
  return hex(sha256(concat(utf8("safeconduct case v1"), key, utf8(recipient))).subarray(0, 16));
}

/** Introduces the first key of a case. */
export function firstGeneration(contact: Contact, recipient: string, epoch: number, hour: number): Signed {
  return sign(
    kind,
    {
      case: contact.caseId, gen: 0, prev: "", team: "desk", epoch, recipient,
      contact_key: hex(contact.key), contact_recipient: contact.identity.recipient, hour,
    },
    contact.seed,
  );
}

/** Verifies the newest generation of the contact's own case: the first by his own signature, later ones by a reply key. */
export function verifyGeneration(text: Uint8Array, contact: Contact, replyKeys: readonly string[]): Generation {
  const signed = parse(text);
  const g = read(signed, kind, shape);
  if (g.gen < 0 || g.epoch < 1 || (g.gen === 0) !== (g.prev === "")) throw new Invalid("a generation that cannot be");
  checkRecipient(g.recipient);
  if (g.case !== contact.caseId || g.contact_key !== hex(contact.key) || g.contact_recipient !== contact.identity.recipient)
    throw new Forged("the key of another case");
  const signers = g.gen === 0 ? [contact.key] : replyKeys.map((k) => unhex(k, 32));
  if (!signers.some((k) => signedBy(signed, kind, k))) throw new Forged("a key of the case that nobody of ours signed");
  return g;
}
