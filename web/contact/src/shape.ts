/** Strict reading of JSON: exact names, exact types, no name twice. */

import { fromUtf8, Invalid } from "./bytes";

/** Returns the value when it has the shape, and throws otherwise. */
export type Shape<T> = (v: unknown) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

const fail = (): never => {
  throw new Invalid("JSON of another shape");
};

export const string: Shape<string> = (v) => (typeof v === "string" ? v : fail());
export const bool: Shape<boolean> = (v) => (typeof v === "boolean" ? v : fail());
export const int: Shape<number> = (v) => (Number.isSafeInteger(v) ? (v as number) : fail());

/** Lower-case hexadecimal of so many bytes; the empty text ("none") where it is allowed. */
export const hexOf =
  (length: number, none = false): Shape<string> =>
  (v) =>
    typeof v === "string" && ((none && v === "") || (v.length === 2 * length && /^[0-9a-f]+$/.test(v))) ? v : fail();

export const list =
  <T>(each: Shape<T>): Shape<T[]> =>
  (v) =>
    Array.isArray(v) ? v.map(each) : fail();

export const map =
  <T>(each: Shape<T>): Shape<Map<string, T>> =>
  (v) =>
    new Map(entries(v).map(([k, x]) => [k, each(x)]));

/** A name that may be left out. */
export interface Optional<T> {
  readonly optional: Shape<T>;
}
export const optional = <T>(shape: Shape<T>): Optional<T> => ({ optional: shape });

type Fields = Record<string, Shape<unknown> | Optional<unknown>>;
type Whole<F extends Fields> = { [K in keyof F as F[K] extends Shape<unknown> ? K : never]: Shaped<F[K]> } & {
  [K in keyof F as F[K] extends Optional<unknown> ? K : never]?: F[K] extends Optional<infer T> ? T : never;
};

export function object<F extends Fields>(fields: F): Shape<Whole<F>> {
  return (v) => {
    const out: Record<string, unknown> = {};
    for (const [name, value] of entries(v)) {
      if (!Object.prototype.hasOwnProperty.call(fields, name)) fail();
      const field = fields[name]!;
      out[name] = typeof field === "function" ? field(value) : field.optional(value);
    }
    for (const name of Object.keys(fields)) if (typeof fields[name] === "function" && !(name in out)) fail();
    return out as Whole<F>;
  };
}

function entries(v: unknown): [string, unknown][] {
  return typeof v === "object" && v !== null && !Array.isArray(v) ? Object.entries(v) : fail();
}

/** Reads one line of JSON. */
export function read<T>(line: Uint8Array, shape: Shape<T>): T {
  const text = fromUtf8(line);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    fail();
  }
  refuseRepeatedNames(text);
  return shape(value);
}

/** JSON.parse takes the last of two equal names; another reader might take the first. `text` is valid JSON. */
function refuseRepeatedNames(text: string): void {
  const open: Set<string>[] = [];
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}]/g;
  for (let m = token.exec(text); m; m = token.exec(text)) {
    if (m[0] === "{") open.push(new Set());
    else if (m[0] === "}") open.pop();
    else if (m[1] !== undefined) {
      const name = JSON.parse(m[0].slice(0, -m[1].length)) as string;
      const names = open[open.length - 1]!;
      if (names.has(name)) fail();
      names.add(name);
    }
  }
}
