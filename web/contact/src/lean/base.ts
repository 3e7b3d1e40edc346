/**
 * Stands in for @scure/base with the two alphabets that age uses: Bech32 (BIP 173, without its limit of length) and
 * base64 without padding (RFC 4648, section 4). The whole package would cost every phone 2 KB.
 */

import { base64 as padded, unbase64 } from "../bytes";

const alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

function polymod(values: readonly number[]): number {
  let chk = 1;
  for (const v of values) {
    const top = chk >>> 25;
    chk = ((chk & 0x1ffffff) << 5) ^ v;
    generator.forEach((g, i) => {
      if ((top >>> i) & 1) chk ^= g;
    });
  }
  return chk;
}

const expand = (prefix: string): number[] => {
  const codes = Array.from(prefix, (c) => c.charCodeAt(0));
  return [...codes.map((c) => c >> 5), 0, ...codes.map((c) => c & 31)];
};

/** Regroups bits; left-over bits must be zero when reading. */
function regroup(from: readonly number[] | Uint8Array, bits: number, to: number, reading: boolean): number[] {
  const out: number[] = [];
  let acc = 0;
  let have = 0;
  for (const v of from) {
    acc = (acc << bits) | v;
    for (have += bits; have >= to; ) out.push((acc >> (have -= to)) & ((1 << to) - 1));
    acc &= (1 << have) - 1;
  }
  if (reading ? have >= bits || acc !== 0 : false) throw new Error("bits are left over");
  if (!reading && have > 0) out.push((acc << (to - have)) & ((1 << to) - 1));
  return out;
}

const toWords = (bytes: Uint8Array): number[] => regroup(bytes, 8, 5, false);
const fromWords = (words: number[]): Uint8Array => Uint8Array.from(regroup(words, 5, 8, true));

function encode(prefix: string, words: number[]): string {
  const sum = polymod([...expand(prefix), ...words, 0, 0, 0, 0, 0, 0]) ^ 1;
  const check = [25, 20, 15, 10, 5, 0].map((shift) => (sum >>> shift) & 31);
  return prefix + "1" + [...words, ...check].map((w) => alphabet[w]).join("");
}

function decode(text: string): { prefix: string; words: number[] } {
  const lower = text.toLowerCase();
  if (text !== lower && text !== text.toUpperCase()) throw new Error("mixed case");
  const at = lower.lastIndexOf("1");
  const words = Array.from(lower.slice(at + 1), (c) => alphabet.indexOf(c));
  const prefix = lower.slice(0, at);
  if (at < 1 || words.length < 6 || words.includes(-1) || polymod([...expand(prefix), ...words]) !== 1) throw new Error("not Bech32");
  return { prefix, words: words.slice(0, -6) };
}

export const bech32 = {
  toWords,
  fromWords,
  encode,
  decode,
  encodeFromBytes: (prefix: string, bytes: Uint8Array): string => encode(prefix.toLowerCase(), toWords(bytes)),
  decodeToBytes(text: string): { prefix: string; bytes: Uint8Array } {
    const { prefix, words } = decode(text);
    return { prefix, bytes: fromWords(words) };
  },
};

export const base64nopad = {
  encode: (bytes: Uint8Array): string => padded(bytes).replace(/=+$/, ""),
  decode: (text: string): Uint8Array => unbase64(text + "=".repeat((4 - (text.length % 4)) % 4)),
};

export const base64 = { encode: padded, decode: unbase64 };
