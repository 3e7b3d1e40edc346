import { be } from "./be";
import { en } from "./en";
import type { Messages } from "./messages";
import { ru } from "./ru";
import { uk } from "./uk";

export type { Card, Messages } from "./messages";

export const languages = { ru, uk, be, en } as const satisfies Record<string, Messages>;
export type Language = keyof typeof languages;

const isLanguage = (s: string): s is Language => Object.prototype.hasOwnProperty.call(languages, s);

/** The choice lives in the URL's fragment only; without one the browser's languages decide. */
export function languageOf(fragment: string, preferred: readonly string[]): Language {
  for (const wish of [fragment.replace("#", ""), ...preferred.map((p) => p.toLowerCase().split("-")[0]!)]) if (isLanguage(wish)) return wish;
  return "ru";
}
