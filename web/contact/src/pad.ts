/** Padding to size classes, so that a length tells only the class. */

/** A text that does not fit, by so many bytes. */
export class TooLong extends Error {
  constructor(readonly by: number) {
    super("too long");
  }
}

export function pad(plain: Uint8Array, classes: readonly number[], fill: number): Uint8Array {
  const size = classes.find((c) => plain.length <= c);
  if (size === undefined) throw new TooLong(plain.length - classes[classes.length - 1]!);
  const out = new Uint8Array(size).fill(fill);
  out.set(plain);
  return out;
}
