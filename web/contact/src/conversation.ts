/**
 * A person's conversation with the desk: a new case, more messages, coming back, replies, putting away. No DOM here.
 * Everything the server says is checked; what does not verify is shown as such and never acted on.
 */

import { sha256 } from "@noble/hashes/sha2.js";
import { newIdentity, seal } from "./age";
import { download, Upload } from "./attachment";
import { digest, Forged, hex, Invalid, unhex, utf8 } from "./bytes";
import type { Desk } from "./desk";
import { sealEnvelope, signRequest, type Answer, type Call, type Envelope } from "./envelope";
import { firstGeneration, verifyGeneration } from "./generation";
import type { Build, Challenge } from "./post";
import type { Contact } from "./receipt";
import type { Picture } from "./picture";
import { newBody, openRecord, parseHeader, sealRecord, write, type FileRef, type Header } from "./record";
import { hashOf, sign, signedBy, textOf, type Signed } from "./signed";

export interface Message {
  readonly side: "contact" | "desk";
  readonly seq: number;
  readonly hour: number;
  /** Null: it does not verify, so it is not shown. */
  readonly text: string | null;
  /** Of the desk's file, for putting it away. */
  readonly id?: string;
  /** Messages between the one before and this one are not there. */
  readonly gap?: boolean;
  readonly files?: readonly FileRef[];
}

/** What the server says of the case. */
export interface State {
  readonly answered: boolean;
  /** Whether somebody has read the person's last message, and when. */
  readonly read: boolean;
  readonly readHour: number | null;
  /** When the receipt was used before this visit; null for never, undefined where the receipt is new. */
  readonly usedHour: number | null | undefined;
}

/** How a call is delivered: with patience, or once. */
export type Way = (build: Build) => Promise<Answer>;

/** The manifest is too old: its keys may have been destroyed. */
export class Outdated extends Error {}
/** The server refused what was sent; it was not kept. */
export class Refused extends Error {}
/** No case answers to this receipt. */
export class Unknown extends Error {}

/** The end of a chain of headers. */
interface Link {
  readonly seq: number;
  readonly hash: string;
}
const start: Link = { seq: -1, hash: "" };

export class Conversation {
  state: State | null = null;
  messages: Message[] = [];
  /** Somebody else wrote with this receipt while the page was open. */
  otherDevice = false;
  /** How many files the person's last message named. */
  fileCount = 0;
  /** The server showed something that did not come from us. */
  forged = false;

  private key: { gen: number; recipient: string } | null = null;
  private mine: Link = start;
  private seen = -1;
  /** Hashes of the desk's headers by their number, of this visit; empty where one did not verify. */
  private readonly theirs = new Map<number, string>();
  private visited = false;

  constructor(
    private readonly desk: Desk,
    readonly contact: Contact,
    private readonly withReceipt: boolean,
  ) {}

  /** Sends the first message. */
  async create(text: string, lang: string, by: Way): Promise<void> {
    let made: { envelope: Envelope; signed: Signed; hour: number; recipient: string } | null = null;
    const answer = await by((challenge) => {
      made ??= this.firstEnvelope(text, lang, challenge);
      return made.envelope;
    });
    this.expect(answer, "received");
    const { signed, hour, recipient } = made!;
    this.key = { gen: 0, recipient };
    this.said(text, { seq: 0, hash: hashOf(signed) }, hour);
    this.state = { answered: false, read: false, readHour: null, usedHour: undefined };
    this.visited = true;
  }

  private firstEnvelope(text: string, lang: string, challenge: Challenge) {
    const hour = this.checkedHour(challenge);
    const { manifest } = this.desk;
    const team = manifest.teams.get("desk")!;
    const s0 = newIdentity();
    const body = newBody({ text, lang, code: this.contact.code, ...(this.withReceipt ? {} : { effort: true }) });
    const place = { case: this.contact.caseId, gen: 0, side: "contact", seq: 0, prev: "", seen: -1, hour };
    const record = write(place, body, this.contact.seed);
    const call: Call = { op: "new", code: this.contact.code, ...(this.withReceipt ? { lookup: this.contact.lookup } : {}) };
    const envelope = sealEnvelope(manifest.intake, call, [
      textOf(firstGeneration(this.contact, s0.recipient, team.epoch, hour)),
      seal(team.recipient, utf8(s0.secret + "\n")),
      textOf(record.signed),
      sealRecord(s0.recipient, record.padded),
    ]);
    return { envelope, signed: record.signed, hour, recipient: s0.recipient };
  }

  /** Sends one more message. The same envelope is sent until the server answers. */
  async send(text: string, lang: string, by: Way, upload?: Upload | null): Promise<void> {
    const key = this.key;
    if (!key) throw new Invalid("no verified key");
    const files = upload ? { files: [await upload.reference()] } : {};
    const link = this.mine;
    const seen = this.seen;
    let made: { envelope: Envelope; signed: Signed; hour: number } | null = null;
    const answer = await by((challenge) => {
      if (!made) {
        const hour = this.checkedHour(challenge);
        const place = { case: this.contact.caseId, gen: key.gen, side: "contact", seq: link.seq + 1, prev: link.hash, seen, hour };
        const record = write(place, newBody({ text, lang, ...files }), this.contact.seed);
        const parts = [textOf(record.signed), sealRecord(key.recipient, record.padded)];
        const call: Call = { op: "send", case: this.contact.caseId };
        made = { envelope: sealEnvelope(this.desk.manifest.intake, call, parts), signed: record.signed, hour };
      }
      return made.envelope;
    });
    this.expect(answer, "received");
    this.said(text, { seq: link.seq + 1, hash: hashOf(made!.signed) }, made!.hour, files.files);
    this.fileCount = files.files?.length ?? 0;
    this.state = { ...this.state!, read: false, readHour: null };
  }

  /** Begins to seal a file for the case. */
  attach(file: Picture): Upload {
    if (!this.key) throw new Invalid("no verified key");
    return new Upload(file, this.key.recipient);
  }

  /** Sends the parts of a file that the server does not have yet. */
  async upload(file: Upload, by: Way, report: () => void): Promise<void> {
    for (let index = 0; index < file.parts; index++) {
      if (file.have.has(index)) continue;
      const part = await file.part(index);
      const hash = hex(await digest(part));
      let made: Envelope | null = null;
      const answer = await by((challenge) => {
        const fields = { case: this.contact.caseId, object: file.id, index, parts: file.parts, size: file.size, hash, hour: this.checkedHour(challenge) };
        made ??= sealEnvelope(this.desk.manifest.intake, { op: "part", case: this.contact.caseId }, [textOf(sign("part", fields, this.contact.seed)), part]);
        return made;
      });
      this.expect(answer, "received");
      file.have = new Set(answer.head.have);
      report();
    }
  }

  /** Fetches and opens a file that the desk sent. */
  fetchFile(file: FileRef, by: Way, report: (done: number) => void): Promise<Uint8Array> {
    const part = async (index: number, bytes: number): Promise<Uint8Array> => {
      const answer = await this.call({ op: "file", lookup: this.contact.lookup, object: file.copy!.id, index, bytes }, by);
      this.expect(answer, "known");
      if (answer.parts[0]?.length !== bytes) throw new Forged("a part of another length");
      return answer.parts[0];
    };
    return download(file, file.copy!, this.contact.identity.secret, part, report);
  }

  /** Asks how the case stands and fetches what is new. */
  async look(by: Way): Promise<void> {
    const answer = await this.call({ op: "open", lookup: this.contact.lookup }, by);
    const { head, parts } = answer;
    if (head.status === "unknown") throw new Unknown();
    this.expect(answer, "known");
    if (parts.length !== 3 || head.case !== this.contact.caseId) throw new Forged("the answer is of another case");
    const generation = verifyGeneration(parts[0]!, this.contact, this.desk.manifest.reply_keys);
    if (this.key && generation.gen < this.key.gen) throw new Forged("an older key of the case");
    if (this.key && generation.gen === this.key.gen && generation.recipient !== this.key.recipient) throw new Forged("another key of the case");
    this.key = generation;
    this.takeOwnHeader(parts[1]!);
    const last = parts[2]!.length ? this.deskHeader(parts[2]!) : null;
    // His own signature says what he has seen of us: a server that shows less has gone back in time.
    if ((last?.seq ?? -1) < this.seen) this.forged = true;
    this.state = {
      answered: head.answered ?? false,
      read: (head.read ?? -1) >= this.mine.seq && this.mine.seq >= 0,
      readHour: head.read_hour ?? null,
      usedHour: this.visited ? this.state?.usedHour : (head.used_hour ?? null),
    };
    this.visited = true;
    await this.fetchNew(last, by);
  }

  /** "I have remembered this; do not show it again": the server deletes the person's copy for good. */
  async putAway(message: Message, by: Way): Promise<void> {
    const answer = await this.call({ op: "putaway", lookup: this.contact.lookup, ids: [message.id!] }, by);
    this.expect(answer, "received");
    this.messages = this.messages.filter((m) => m !== message);
  }

  /** His own last header as the server keeps it; his signature makes it his. */
  private takeOwnHeader(text: Uint8Array): void {
    const { header, signed } = parseHeader(text);
    if (header.case !== this.contact.caseId || header.side !== "contact" || !signedBy(signed, "record", this.contact.key))
      throw new Forged("a header that the contact did not sign");
    const link = { seq: header.seq, hash: hashOf(signed) };
    if (this.visited && (link.seq > this.mine.seq || (link.seq === this.mine.seq && link.hash !== this.mine.hash))) this.otherDevice = true;
    if (link.seq >= this.mine.seq) this.mine = link;
    this.fileCount = header.objects?.length ?? 0;
    if (header.seen > this.seen) this.seen = header.seen;
  }

  private deskHeader(text: Uint8Array): Link {
    const { header, signed } = parseHeader(text);
    this.checkDesk(header, signed);
    return { seq: header.seq, hash: hashOf(signed) };
  }

  private checkDesk(header: Header, signed: Signed): void {
    const ours = this.desk.manifest.reply_keys.some((k) => signedBy(signed, "record", unhex(k, 32)));
    if (!ours || header.side !== "desk" || header.case !== this.contact.caseId) throw new Forged("not from the desk");
  }

  /** Fetches the replies that were not put away and were not fetched in this visit. */
  private async fetchNew(last: Link | null, by: Way): Promise<void> {
    let after = Math.max(-1, ...this.theirs.keys());
    for (let more = true; more; ) {
      const answer = await this.call({ op: "fetch", lookup: this.contact.lookup, after }, by);
      if (answer.head.status === "nothing") return;
      this.expect(answer, "known");
      const seq = answer.head.seq ?? 0; // Go leaves a zero out
      if (answer.parts.length !== 1 || seq <= after) throw new Forged("the replies are out of order");
      this.takeReply(answer.parts[0]!, seq, last);
      more = answer.head.more ?? false;
      after = seq;
    }
  }

  private takeReply(file: Uint8Array, seq: number, last: Link | null): void {
    const id = hex(sha256(file));
    try {
      const { header, signed, body } = openRecord(this.contact.identity, file);
      this.checkDesk(header, signed);
      const before = this.theirs.get(seq - 1);
      if (header.seq !== seq || (before && header.prev !== before)) throw new Forged("another place in the chain");
      const hash = hashOf(signed);
      if (last?.seq === seq && hash !== last.hash) throw new Forged("another last message");
      const gap = before === undefined && seq - 1 > this.seen;
      this.theirs.set(seq, hash);
      this.seen = Math.max(this.seen, seq);
      this.messages.push({ side: "desk", seq, hour: header.hour, text: body.text, id, gap, ...(body.files?.every((f) => f.copy) ? { files: body.files } : {}) });
    } catch (e) {
      if (!(e instanceof Forged || e instanceof Invalid)) throw e;
      this.forged = true;
      this.theirs.set(seq, "");
      this.messages.push({ side: "desk", seq, hour: 0, text: null });
    }
  }

  private said(text: string, link: Link, hour: number, files?: readonly FileRef[]): void {
    this.mine = link;
    this.messages.push({ side: "contact", seq: link.seq, hour, text, ...(files ? { files } : {}) });
  }

  /** A call on the case: signed for one challenge, so it is made anew for each. */
  private call(call: Call & { lookup: string }, by: Way): Promise<Answer> {
    return by((challenge) => sealEnvelope(this.desk.manifest.intake, call, [signRequest(this.contact, call, challenge.bytes)]));
  }

  private checkedHour(challenge: Challenge): number {
    const hour = this.desk.hour(challenge);
    if (!this.desk.usable(hour)) throw new Outdated();
    return hour;
  }

  private expect(answer: Answer, status: string): void {
    if (answer.head.status === "unknown") throw new Unknown();
    if (answer.head.status !== status) throw new Refused(answer.head.text ?? answer.head.status);
  }
}
