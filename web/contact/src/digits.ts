/** Receipts (24 digits) and channel codes (12 digits), as people type and see them. */

import { random } from "./bytes";

export type Fault = "length" | "character" | "check";
export type Typed = { digits: string; fault?: undefined } | { fault: Fault };

export const RECEIPT = 24;
export const CHANNEL_CODE = 12;

/** Zero of each writing of digits that is understood: ASCII, Arabic-Indic, Persian, full-width. */
const zeros = [0x30, 0x660, 0x6f0, 0xff10];
const separators = " \t\n\r-./_\u00a0\u202f\u2007\u2009\u200e\u200f\u2010\u2011\u2012\u2013\u2014\u2212";

function digitOf(c: string): string | undefined {
  const point = c.codePointAt(0)!;
  const zero = zeros.find((z) => point >= z && point <= z + 9);
  return zero === undefined ? undefined : String(point - zero);
}

/** Reads a code: check digits are verified, so that a slip costs nobody a key derivation. */
export function parseDigits(typed: string, want: number): Typed {
  let digits = "";
  for (const c of typed) {
    const digit = digitOf(c);
    if (digit !== undefined) digits += digit;
    else if (!separators.includes(c)) return { fault: "character" };
    if (digits.length > want) return { fault: "length" };
  }
  if (digits.length !== want) return { fault: "length" };
  return mod97(digits) === 1 ? { digits } : { fault: "check" };
}

/** ISO/IEC 7064, MOD 97-10. */
function mod97(digits: string): number {
  let n = 0;
  for (const d of digits) n = (n * 10 + Number(d)) % 97;
  return n;
}

/** Appends the check digits that make the whole 1 modulo 97. */
export function withCheck(digits: string): string {
  return digits + String(98 - mod97(digits + "00")).padStart(2, "0");
}

/** Draws a receipt: 22 random digits, each from a byte below 250, so that all are equally likely. */
export function newReceipt(): string {
  let digits = "";
  while (digits.length < RECEIPT - 2) for (const b of random(32)) if (b < 250 && digits.length < RECEIPT - 2) digits += String(b % 10);
  return withCheck(digits);
}

export const groups = (digits: string): string[] => digits.match(/.{4}/g) ?? [];

/** The four digits of one group, however they were typed; empty when there are not four. */
export function parseGroup(typed: string): string {
  let digits = "";
  for (const c of typed) digits += digitOf(c) ?? "";
  return digits.length === 4 ? digits : "";
}
