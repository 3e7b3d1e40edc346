/** What the page knows of the desk: the manifest in force, the hour, and the way there. */

import { fromUtf8, utf8 } from "./bytes";
import { authorityShape, replaces, verifyManifest, type Manifest } from "./manifest";
import { fetchManifest, Post, type Challenge } from "./post";
import { list, object, read, string, type Shaped } from "./shape";

const configShape = object({ authority: authorityShape, routes: list(string), neutral: string, form: string });
export type Config = Shaped<typeof configShape>;

/** A phone whose clock is further off than this goes by the server's hour, or its records would be refused. */
const clockTolerance = 48;

export class Desk {
  readonly post: Post;
  private failedSerial = 0;

  constructor(
    readonly config: Config,
    public manifest: Manifest,
    private readonly signal: AbortSignal,
  ) {
    this.post = new Post(config.routes, (serial, route) => this.update(serial, route));
  }

  /** Reads what was stamped into the page. */
  static fromPage(configText: string, manifestText: string, signal: AbortSignal): Desk {
    const config = read(utf8(configText), configShape);
    const text = read(utf8(manifestText), string);
    return new Desk(config, verifyManifest(utf8(text), config.authority), signal);
  }

  hour(challenge?: Challenge): number {
    const own = Math.floor(Date.now() / 3600000);
    return challenge && Math.abs(challenge.hour - own) > clockTolerance ? challenge.hour : own;
  }

  /** Past `expires` the page warns. */
  expired(): boolean {
    return this.hour() > this.manifest.expires;
  }

  /** Past `use_until` the keys may be gone: what was sealed to them could never be read. */
  usable(hour: number): boolean {
    return hour <= this.manifest.use_until;
  }

  /** Takes a newer manifest of the same authority. What does not verify is left aside, and so is its serial. */
  private async update(serial: number, route: string): Promise<void> {
    if (serial <= this.manifest.serial || serial === this.failedSerial) return;
    try {
      const text = await fetchManifest(route, this.signal);
      fromUtf8(text);
      const next = verifyManifest(text, this.config.authority);
      if (replaces(next, this.manifest)) this.manifest = next;
    } catch {
      this.failedSerial = serial;
    }
  }
}
