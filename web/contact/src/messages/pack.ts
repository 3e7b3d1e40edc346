/**
 * Texts as they stand in the built page. Three of four languages are Cyrillic, which UTF-8 writes with two bytes a letter;
 * one byte each saves the phone 3 KB on the way. `build` packs with this same file; a test compares what comes out.
 */

/** The n-th Cyrillic letter stands as the n-th Latin one; "^" makes the next letter a capital, "`" leaves it as it is. */
const cyrillic = "оаетинсрвлпдукмзьбяыічгйшжєхюцщфўїёэґъ";
const latin = "etaoinsrhldcumfpgwybvkxjqzETAOINSRHLDC";

type Shape = 0 | readonly Shape[] | { readonly [name: string]: Shape };

const shapeOf = (v: unknown): Shape =>
  typeof v === "string" ? 0 : Array.isArray(v) ? v.map(shapeOf) : Object.fromEntries(Object.entries(v as object).map(([k, x]) => [k, shapeOf(x)]));
const textsOf = (v: unknown): string[] => (typeof v === "string" ? [v] : Object.values(v as object).flatMap(textsOf));

/** Packs languages of one shape; the last is not Cyrillic. */
export function pack(all: readonly unknown[]): string[] {
  const shape = JSON.stringify(shapeOf(all[0]));
  return [
    shape,
    ...all.map((v, n) => {
      if (JSON.stringify(shapeOf(v)) !== shape) throw new Error("the languages' texts stand in different orders");
      const text = textsOf(v).join("\n");
      if (/[`^]/.test(text)) throw new Error("a text holds a mark of the packing");
      return n === all.length - 1 ? text : [...text].map(encode).join("");
    }),
  ];
}

function encode(c: string): string {
  if (/[a-z]/i.test(c)) return "`" + c;
  const at = cyrillic.indexOf(c.toLowerCase());
  return at < 0 ? c : (c === c.toLowerCase() ? "" : "^") + latin[at]!;
}

export function unpack(shape: string, packed: string, decode: boolean): unknown {
  const text = decode
    ? packed.replace(/([`^]?)([a-z])/gi, (_, mark: string, c: string) => {
        const letter = mark === "`" ? c : cyrillic[latin.indexOf(c)]!;
        return mark === "^" ? letter.toUpperCase() : letter;
      })
    : packed;
  const texts = text.split("\n").values();
  const fill = (s: Shape): unknown =>
    s === 0 ? texts.next().value : Array.isArray(s) ? s.map(fill) : Object.fromEntries(Object.entries(s).map(([k, x]) => [k, fill(x as Shape)]));
  return fill(JSON.parse(shape) as Shape);
}
