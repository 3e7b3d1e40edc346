/** The manifest: where to send, to which keys, and until when; signed by the authority whose keys the page carries. */

import { checkRecipient } from "./age";
import { Forged, Invalid, unhex } from "./bytes";
import { hexOf, int, list, map, object, optional, string, type Shaped } from "./shape";
import { parse, read, signedBy } from "./signed";

const kind = "manifest";

export const authorityShape = object({ keys: list(hexOf(32)), threshold: int });
export type Authority = Shaped<typeof authorityShape>;

const shape = object({
  v: int, kind: string, desk: hexOf(16), serial: int, hour: int, expires: int, use_until: int, routes: list(string),
  channels: optional(list(object({ channel: string, address: string }))), intake: string,
  teams: map(object({ epoch: int, recipient: string, reply_key: hexOf(32, true) })), reply_keys: list(hexOf(32)),
  gateway_key: hexOf(32, true), gateway: string,
});

export type Manifest = Shaped<typeof shape>;

export function verifyManifest(text: Uint8Array, authority: Authority): Manifest {
  const signed = parse(text);
  const signers = [...new Set(authority.keys)].filter((k) => signedBy(signed, kind, unhex(k, 32)));
  if (authority.threshold < 1 || signers.length < authority.threshold) throw new Forged("a manifest that the authority did not sign");
  const m = read(signed, kind, shape);
  const desk = m.teams.get("desk");
  if (!desk || desk.epoch < 1 || m.serial < 1 || m.use_until < m.expires) throw new Invalid("an incomplete manifest");
  checkRecipient(desk.recipient);
  checkRecipient(m.intake);
  return m;
}

/** Whether `next` may take the place of `now`. */
export const replaces = (next: Manifest, now: Manifest): boolean => next.desk === now.desk && next.serial > now.serial;
