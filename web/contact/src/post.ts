/** The way to the server: tries every route, tries again by itself, and never says "received" unless it is. */

import { Forged, Invalid, unbase64 } from "./bytes";
import { MAX_ENVELOPE, openAnswer, type Answer, type Envelope } from "./envelope";
import { int, object, optional, read, string } from "./shape";
import { CHALLENGE_SIZE, postBody } from "./work";

export interface Challenge {
  readonly bytes: Uint8Array;
  readonly hour: number;
}

/** Makes the envelope of a call; the same one each time where the call allows it. */
export type Build = (challenge: Challenge) => Envelope;

/** Why a message is not sent yet. */
export type Obstacle = "offline" | "busy" | "fault";
export type Progress = { state: "trying" } | { state: "waiting"; why: Obstacle; until: number };

/** One round over the routes that did not succeed. */
export class NotKept extends Error {
  constructor(
    readonly why: Obstacle,
    readonly retryAfter = 0,
  ) {
    super(why);
  }
}

const challengeShape = object({ challenge: string, hour: int, manifest: int });
const problemShape = object({ error: string, text: string, retry_after: optional(int) });

/** Milliseconds. An envelope of 50 KB takes 25 s at 2 KB/s. */
const patience = { challenge: 20000, post: 90000, part: 180000 };
const firstPause = 3000;
const longestPause = 120000;
const conflicts = 3;

export class Post {
  private best = 0;
  private wake: () => void = () => {};

  constructor(
    private readonly routes: readonly string[],
    /** Hears of the serial of the newest manifest before anything is sealed. */
    private readonly hearSerial: (serial: number, route: string) => Promise<void>,
  ) {
    addEventListener("online", () => this.retryNow());
  }

  /** Ends a pause between two attempts. */
  retryNow(): void {
    this.wake();
  }

  /** Delivers a call, however long it takes; only `signal` ends it. A refusal is an answer too. */
  async deliver(build: Build, report: (p: Progress) => void, signal: AbortSignal): Promise<Answer> {
    for (let n = 0; ; n++) {
      report({ state: "trying" });
      try {
        return await this.attempt(build, signal);
      } catch (e) {
        if (signal.aborted || !(e instanceof NotKept)) throw e;
        const backoff = Math.min(longestPause, firstPause * 2 ** Math.min(n, 10)) * (0.5 + Math.random());
        const pause = e.retryAfter ? e.retryAfter * 1000 * (1 + Math.random() / 2) : backoff;
        report({ state: "waiting", why: e.why, until: Date.now() + pause });
        await this.sleep(pause, signal);
      }
    }
  }

  /** One round: every route once, the one that worked last first. */
  async attempt(build: Build, signal: AbortSignal): Promise<Answer> {
    let worst = new NotKept("offline");
    for (let i = 0; i < this.routes.length; i++) {
      const at = (this.best + i) % this.routes.length;
      try {
        const answer = await this.through(this.routes[at]!, build, signal);
        this.best = at;
        return answer;
      } catch (e) {
        if (signal.aborted) throw e;
        if (e instanceof NotKept && e.why !== "offline") worst = e;
        else if (e instanceof Forged || e instanceof Invalid) worst = new NotKept("fault");
        else if (!(e instanceof NotKept)) throw e;
      }
    }
    throw worst;
  }

  private async through(route: string, build: Build, signal: AbortSignal): Promise<Answer> {
    for (let n = 0; n < conflicts; n++) {
      const challenge = await this.challenge(route, signal);
      const envelope = build(challenge);
      const body = await postBody(challenge.bytes, envelope);
      const response = await ask(route + "/v1/envelope", body.length > MAX_ENVELOPE ? patience.part : patience.post, signal, body);
      if (response.status === 200) return openAnswer(envelope, response.body);
      if (response.status !== 409) throw problem(response.body);
    }
    throw new NotKept("fault");
  }

  private async challenge(route: string, signal: AbortSignal): Promise<Challenge> {
    const { status, body } = await ask(route + "/v1/challenge", patience.challenge, signal);
    if (status !== 200) throw problem(body);
    const c = read(trimEnd(body), challengeShape);
    const bytes = unbase64(c.challenge);
    if (bytes.length !== CHALLENGE_SIZE) throw new Invalid("not a challenge");
    await this.hearSerial(c.manifest, route);
    return { bytes, hour: c.hour };
  }

  private sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(new NotKept("offline"));
      }, { once: true });
    });
  }
}

/** The newest manifest as signed text. */
export async function fetchManifest(route: string, signal: AbortSignal): Promise<Uint8Array> {
  const { status, body } = await ask(route + "/v1/manifest", patience.challenge, signal);
  if (status !== 200) throw problem(body);
  return body;
}

function problem(body: Uint8Array): NotKept {
  try {
    const p = read(trimEnd(body), problemShape);
    if (p.error === "busy") return new NotKept("busy", Math.min(Math.max(p.retry_after ?? 0, 1), 600));
  } catch {
    // A proxy on the way speaks for itself.
  }
  return new NotKept("fault");
}

const trimEnd = (body: Uint8Array): Uint8Array => (body[body.length - 1] === 10 ? body.subarray(0, -1) : body);

/** One request without any header, so that no pre-flight is made; nothing of it is kept by the browser. */
async function ask(
  url: string,
  limit: number,
  signal: AbortSignal,
  body?: Uint8Array,
): Promise<{ status: number; body: Uint8Array }> {
  const stop = new AbortController();
  const abort = (): void => stop.abort();
  const timer = setTimeout(abort, limit);
  signal.addEventListener("abort", abort);
  try {
    const response = await fetch(url, {
      method: body ? "POST" : "GET",
      body: (body as Uint8Array<ArrayBuffer> | undefined) ?? null,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: stop.signal,
    });
    return { status: response.status, body: new Uint8Array(await response.arrayBuffer()) };
  } catch {
    throw new NotKept("offline");
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}
