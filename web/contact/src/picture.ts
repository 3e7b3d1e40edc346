/**
 * What a file is, and a picture without what its camera wrote into it: place, time, device, names, a small copy of the
 * whole. How the camera was held is kept beside the file. Pixels are not touched. (JPEG: ITU-T T.81, annex B; PNG: W3C)
 */

export interface Picture {
  readonly bytes: Uint8Array;
  readonly type: string;
  /** Exif's orientation, 1 to 8. */
  readonly turn: number;
  /** Hidden data is gone; false: nothing could be removed. */
  readonly clean: boolean;
}

const kinds: readonly [pattern: RegExp, type: string][] = [
  [/^\xff\xd8\xff/, "image/jpeg"],
  [/^\x89PNG\r\n\x1a\n/, "image/png"],
  [/^%PDF-/, "application/pdf"],
  [/^RIFF[^]{4}WAVE/, "audio/wav"],
  [/^OggS/, "audio/ogg"],
  [/^(ID3|\xff[\xe3\xf3\xfb\xe2\xf2\xfa])/, "audio/mpeg"],
  [/^[^]{4}ftyp(M4A|mp42|isom)/, "audio/mp4"],
];

/** Says what a file is by how it begins, not by its name. */
export function typeOf(bytes: Uint8Array): string {
  const head = String.fromCharCode(...bytes.subarray(0, 16));
  return kinds.find(([pattern]) => pattern.test(head))?.[1] ?? "application/octet-stream";
}

export function prepared(bytes: Uint8Array): Picture {
  const type = typeOf(bytes);
  const turn = { turn: 1 };
  try {
    if (type === "image/jpeg") return { bytes: jpeg(bytes, turn), type, ...turn, clean: true };
    if (type === "image/png") return { bytes: png(bytes), type, turn: 1, clean: true };
  } catch {
    // Broken: it can only go as it is.
  }
  return { bytes, type, turn: 1, clean: false };
}

const broken = (): never => {
  throw new RangeError("broken");
};
const joined = (pieces: Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(pieces.reduce((n, p) => n + p.length, 0));
  pieces.reduce((at, p) => (out.set(p, at), at + p.length), 0);
  return out;
};

/** Keeps what a decoder needs: no APPn but a bare JFIF head and Adobe's colour word, no comments, nothing after the end. */
function jpeg(b: Uint8Array, found: { turn: number }): Uint8Array {
  const kept = [b.subarray(0, 2)];
  for (let at = 2; ; ) {
    if (b[at] !== 0xff) broken();
    while (b[at + 1] === 0xff) at++; // fill bytes
    const mark = b[at + 1]!;
    if (mark === 0xd9) return joined([...kept, b.subarray(at, at + 2)]);
    const end = at + 2 + ((b[at + 2]! << 8) | b[at + 3]!);
    if (!(end >= at + 4 && end <= b.length) || mark < 0xc0 || (mark >= 0xd0 && mark <= 0xd8)) broken();
    const body = b.subarray(at + 4, end);
    const says = (text: string): boolean => String.fromCharCode(...body.subarray(0, text.length)) === text;
    if (mark === 0xe1 && says("Exif\0")) found.turn = orientation(body.subarray(6));
    const app = mark >= 0xe0 && mark <= 0xef;
    if ((!app && mark !== 0xfe) || (mark === 0xe0 && says("JFIF\0") && body.length === 14) || (mark === 0xee && says("Adobe") && body.length === 12)) kept.push(b.subarray(at, end));
    at = end;
    if (mark !== 0xda) continue;
    // The scan: up to a marker that is neither a stuffed zero nor a restart.
    for (; at < b.length - 1 && !(b[at] === 0xff && b[at + 1] !== 0 && (b[at + 1]! < 0xd0 || b[at + 1]! > 0xd7)); ) at++;
    kept.push(b.subarray(end, at));
  }
}

/** Exif's orientation (tag 0x0112 of the first directory), or 1. */
function orientation(tiff: Uint8Array): number {
  try {
    const v = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
    const little = v.getUint16(0) === 0x4949;
    const at = v.getUint32(4, little);
    for (let n = v.getUint16(at, little); n-- > 0; ) {
      if (v.getUint16(at + 2 + 12 * n, little) !== 0x112) continue;
      const turn = v.getUint16(at + 10 + 12 * n, little);
      return turn >= 1 && turn <= 8 ? turn : 1;
    }
  } catch {
    // No directory there.
  }
  return 1;
}

/** Keeps the critical chunks and transparency. */
function png(b: Uint8Array): Uint8Array {
  const kept = [b.subarray(0, 8)];
  const v = new DataView(b.buffer, b.byteOffset, b.length);
  for (let at = 8; ; ) {
    const end = at + 12 + v.getUint32(at);
    if (end > b.length) broken();
    const name = String.fromCharCode(...b.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(name) || (at === 8) !== (name === "IHDR")) broken();
    if (name < "a" || name === "tRNS") kept.push(b.subarray(at, end));
    if (name === "IEND") return joined(kept);
    at = end;
  }
}
