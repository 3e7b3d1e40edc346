/** What the page is doing: one state, one view. Nothing of it is stored in the browser. */

import { MAX_FILE, STRANGER_FILE, type Upload } from "./attachment";
import { Forged } from "./bytes";
import { Conversation, Outdated, Refused, Unknown, type Message, type Way } from "./conversation";
import { PATIENCE_MS, startDerivation, type Derivation } from "./derivation";
import type { Desk } from "./desk";
import { newReceipt } from "./digits";
import { languages, type Language, type Messages } from "./messages";
import { NotKept, type Progress } from "./post";
import { TooLong } from "./pad";
import { prepared, type Picture } from "./picture";
import type { FileRef } from "./record";
import { contactFrom, contactWithoutReceipt } from "./receipt";

export type View = "home" | "write" | "sending" | "receipt" | "check" | "talk" | "return" | "opening";
/** What went wrong for good. */
export type Trouble = "unknown" | "refused" | "outdated" | "forged" | "tooLong" | "broken";

const pollMs = 15000;

/** A file that the person has chosen: what will be sent, and how far it is. */
export interface Chosen {
  readonly file: Picture;
  /** For showing it; only of a picture. */
  readonly url: string;
  readonly tooLarge: boolean;
  /** It as it is drawn: kept, for a large picture is not decoded anew each time that the page is drawn. */
  shown?: HTMLElement;
  upload: Upload | null;
}

/** A file of the desk in this visit. */
export interface Fetched {
  /** Parts that are here while it is on its way. */
  done: number;
  state: "fetching" | "here" | "fileFailed" | "fileForged";
  url: string;
  shown?: HTMLElement;
}

type Act = (c: Conversation, by: Way) => Promise<void>;

export class App {
  view: View = "home";
  draft = "";
  typedReceipt = "";
  /** Digits of the receipt of this visit's new case; empty when there is none. */
  receipt = "";
  derivation: Derivation | null = null;
  /** The receipt's key is there. */
  ready = false;
  /** This device is too slow to make a receipt. */
  slow = false;
  progress: Progress | null = null;
  trouble: Trouble | null = null;
  conversation: Conversation | null = null;
  asking: readonly [number, number] = [0, 1];
  /** The message whose putting away waits for a second tap. */
  puttingAway: Message | null = null;
  notice: "checked" | "putAwayDone" | null = null;
  busy = false;
  chosen: Chosen | null = null;
  readonly fetched = new Map<FileRef, Fetched>();
  private stopSending = new AbortController();
  private sending = false;
  private current: Promise<void> = Promise.resolve();
  lookFailed = false;
  private stop = new AbortController();
  private stopLooking = new AbortController();
  private looking: Promise<void> = Promise.resolve();
  private timer = 0;
  private countdown = 0;

  constructor(
    readonly desk: Desk,
    public lang: Language,
    private readonly draw: (newView: boolean) => void,
  ) {}

  get t(): Messages {
    return languages[this.lang];
  }

  changed(): void {
    this.draw(false);
  }

  go(view: View): void {
    this.view = view;
    this.trouble = null;
    this.draw(true);
  }

  /** Back to the first view; whatever was under way ends. */
  home(): void {
    this.end();
    this.go("home");
  }

  startWriting(): void {
    this.slow = false;
    this.derive(newReceipt());
    this.go("write");
  }

  private derive(digits: string): void {
    this.derivation?.cancel();
    const d = startDerivation(digits, this.desk.manifest.desk, () => {
      if (d !== this.derivation) return;
      if (this.receiptTooSlow(d)) {
        d.cancel();
        this.derivation = null;
        this.slow = true;
      }
      this.changed();
    });
    this.derivation = d;
    this.ready = false;
    d.master.then(
      () => {
        if (d !== this.derivation) return;
        this.ready = true;
        this.changed();
      },
      () => {
        if (d !== this.derivation) return;
        this.derivation = null;
        this.slow = true;
        this.changed();
      },
    );
  }

  /** A new case does not wait for a receipt for ever; whoever comes back has no other way. */
  private receiptTooSlow(d: Derivation): boolean {
    return (this.view === "write" || this.view === "sending") && (d.progress()?.estimate ?? 0) > PATIENCE_MS;
  }

  async sendFirst(): Promise<void> {
    this.go("sending");
    const signal = this.begin();
    try {
      const { contact, receipt } = await this.newContact();
      if (signal.aborted) return;
      const conversation = new Conversation(this.desk, contact, receipt !== "");
      await conversation.create(this.draft, this.lang, this.patiently(signal));
      this.receipt = receipt;
      this.conversation = conversation;
      this.draft = "";
      this.go("receipt");
    } catch (e) {
      if (!signal.aborted) this.fail(e);
    }
  }

  private async newContact() {
    for (let d = this.derivation; d; d = this.derivation) {
      const gone = d;
      const master = await Promise.race([d.master.catch(() => null), this.gaveUp(gone)]);
      if (master) return { contact: contactFrom(master), receipt: d.digits };
    }
    return { contact: contactWithoutReceipt(), receipt: "" };
  }

  /** Ends when the derivation was given up because this device is too slow. */
  private gaveUp(d: Derivation): Promise<null> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.derivation === d) setTimeout(look, 100);
        else resolve(null);
      };
      look();
    });
  }

  /** Begins with the key as soon as a whole receipt has been entered. */
  prepare(digits: string): Derivation {
    if (this.derivation?.digits !== digits) this.derive(digits);
    return this.derivation!;
  }

  async open(digits: string): Promise<void> {
    this.go("opening");
    const signal = this.begin();
    try {
      const master = await this.prepare(digits).master.catch(() => {
        throw new NoKey();
      });
      const contact = contactFrom(master);
      this.derivation = null;
      if (signal.aborted) return;
      const conversation = new Conversation(this.desk, contact, true);
      await conversation.look(this.patiently(signal));
      this.conversation = conversation;
      this.typedReceipt = "";
      this.talk();
    } catch (e) {
      if (!signal.aborted) this.fail(e);
    }
  }

  startCheck(): void {
    const first = Math.floor(Math.random() * 6);
    const second = (first + 1 + Math.floor(Math.random() * 5)) % 6;
    this.asking = first < second ? [first, second] : [second, first];
    this.go("check");
  }

  talk(): void {
    this.go("talk");
    this.poll();
  }

  private poll(): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => {
      this.looking = this.look().then(() => this.poll());
    }, pollMs * (0.75 + Math.random() / 2));
  }

  /** One look for answers. Whatever the person wants goes before it. */
  private async look(): Promise<void> {
    const { conversation } = this;
    const { signal } = this.stop;
    if (!conversation || this.busy || signal.aborted) return;
    const stop = (this.stopLooking = new AbortController());
    try {
      await conversation.look((build) => this.desk.post.attempt(build, stop.signal));
      this.lookFailed = false;
    } catch (e) {
      if (stop.signal.aborted || signal.aborted) return;
      if (e instanceof NotKept) this.lookFailed = true;
      else this.trouble = troubleOf(e);
    }
    this.changed();
  }

  async sendMore(): Promise<void> {
    if (this.sending) return; // a second tap on the same message
    this.sending = true;
    const { draft, chosen } = this;
    await this.busily(async (conversation, by) => {
      if (chosen) {
        const stop = (this.stopSending = new AbortController());
        this.stop.signal.addEventListener("abort", () => stop.abort());
        const upload = (chosen.upload ??= conversation.attach(chosen.file));
        try {
          await conversation.upload(upload, this.patiently(stop.signal), () => this.changed());
        } catch (e) {
          if (stop.signal.aborted) return;
          throw e;
        }
        if (stop.signal.aborted) return;
      }
      await conversation.send(draft, this.lang, by, chosen?.upload);
      if (this.draft === draft) this.draft = "";
      if (chosen) this.drop();
    });
    this.sending = false;
  }

  /** Takes a file: looks what it is, removes what it hides, and shows what will be sent. */
  async choose(file: File | undefined): Promise<void> {
    if (!file) return;
    this.drop();
    const limit = this.conversation!.state!.answered ? MAX_FILE : STRANGER_FILE;
    const tooLarge = file.size > MAX_FILE;
    const picture = prepared(tooLarge ? new Uint8Array() : new Uint8Array(await file.arrayBuffer()));
    const { length } = picture.bytes;
    this.chosen = { file: picture, url: picture.clean ? urlOf(picture.bytes, picture.type) : "", tooLarge: length > limit || length === 0, upload: null };
    this.changed();
  }

  /** Takes the file back; what was sent of it is swept by the server. */
  drop(): void {
    this.stopSending.abort();
    URL.revokeObjectURL(this.chosen?.url ?? "");
    this.chosen = null;
    this.changed();
  }

  fetchFile(file: FileRef): Promise<void> {
    const f: Fetched = { done: 0, state: "fetching", url: "" };
    this.fetched.set(file, f);
    return this.busily(async (conversation, by) => {
      try {
        const bytes = await conversation.fetchFile(file, by, (done) => {
          f.done = done;
          this.changed();
        });
        const { type } = prepared(bytes);
        f.url = urlOf(bytes, type);
        f.state = "here";
      } catch (e) {
        f.state = e instanceof Forged ? "fileForged" : "fileFailed";
      }
    });
  }

  private forget(files: Iterable<FileRef>): void {
    for (const file of [...files]) {
      URL.revokeObjectURL(this.fetched.get(file)?.url ?? "");
      this.fetched.delete(file);
    }
  }

  putAway(message: Message): Promise<void> {
    return this.busily(async (conversation, by) => {
      await conversation.putAway(message, by);
      this.forget(message.files ?? []);
      this.puttingAway = null;
      this.notice = "putAwayDone";
    });
  }

  /** One call after the other: the chain of messages has one end. */
  private busily(act: Act): Promise<void> {
    return (this.current = this.current.then(() => this.now(act)));
  }

  private async now(act: Act): Promise<void> {
    const { conversation } = this;
    const { signal } = this.stop;
    if (!conversation) return;
    this.busy = true;
    this.trouble = this.notice = null;
    this.stopLooking.abort();
    this.changed();
    try {
      await this.looking;
      await act(conversation, this.patiently(signal));
    } catch (e) {
      if (!signal.aborted) this.trouble = troubleOf(e);
    }
    if (signal.aborted) return;
    this.busy = false;
    this.setProgress(null);
    this.changed();
  }

  private patiently(signal: AbortSignal): Way {
    return (build) => this.desk.post.deliver(build, (p) => !signal.aborted && this.setProgress(p), signal);
  }

  /** While it waits for the next attempt, the page counts down. */
  private setProgress(p: Progress | null): void {
    this.progress = p;
    clearInterval(this.countdown);
    if (p?.state === "waiting") this.countdown = window.setInterval(() => this.changed(), 1000);
    if (p) this.changed();
  }

  private fail(e: unknown): void {
    this.trouble = troubleOf(e);
    this.setProgress(null);
    this.changed();
  }

  private begin(): AbortSignal {
    this.stop.abort();
    this.stop = new AbortController();
    this.setProgress(null);
    return this.stop.signal;
  }

  private end(): void {
    this.stop.abort();
    this.stopLooking.abort();
    this.stop = new AbortController();
    clearTimeout(this.timer);
    this.setProgress(null);
    this.derivation?.cancel();
    this.derivation = null;
    this.conversation = null;
    if (this.chosen) this.drop();
    this.forget(this.fetched.keys());
    this.draft = this.typedReceipt = this.receipt = "";
    this.puttingAway = this.notice = null;
    this.busy = this.sending = this.lookFailed = false;
    this.current = Promise.resolve();
  }

  /** Wipes the page, takes its place in the history, and goes somewhere neutral. */
  leave(): void {
    this.end();
    document.title = "";
    document.body.replaceChildren();
    location.replace(this.desk.config.neutral || "about:blank");
  }
}

const urlOf = (bytes: Uint8Array, type: string): string => URL.createObjectURL(new Blob([bytes as Uint8Array<ArrayBuffer>], { type }));

/** This device cannot derive the key: no memory for it. */
class NoKey extends Error {}

function troubleOf(e: unknown): Trouble {
  if (e instanceof Unknown) return "unknown";
  if (e instanceof Refused || e instanceof NotKept) return "refused";
  if (e instanceof Outdated) return "outdated";
  if (e instanceof TooLong) return "tooLong";
  return e instanceof NoKey ? "broken" : "forged";
}
