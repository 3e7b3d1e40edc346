import type { Messages } from "./messages";
import { unpack } from "./pack";

export type { Card, Messages } from "./messages";

/** All texts as the build packs them (build, pack.ts): their common shape, then each language's texts in its order. */
declare const TEXTS: readonly [shape: string, ru: string, uk: string, be: string, en: string];

const of = (n: number): Messages => unpack(TEXTS[0], TEXTS[n]!, n < 4) as Messages;

export const languages = { ru: of(1), uk: of(2), be: of(3), en: of(4) } as const;
export type Language = keyof typeof languages;

const isLanguage = (s: string): s is Language => Object.prototype.hasOwnProperty.call(languages, s);

/** The choice lives in the URL's fragment only; without one the browser's languages decide. */
export function languageOf(fragment: string, preferred: readonly string[]): Language {
  for (const wish of [fragment.replace("#", ""), ...preferred.map((p) => p.toLowerCase().split("-")[0]!)]) if (isLanguage(wish)) return wish;
  return "ru";
}

/** Fills in what a text leaves open. */
export const fill = (text: string, ...values: (string | number)[]): string => text.replace(/%(\d)/g, (_, n: string) => String(values[+n - 1]));
