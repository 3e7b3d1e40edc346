/**
 * Runs the test vectors of docs/sealing.md with the page's own modules: built into dist/vectors.js, which a test loads
 * into a browser. It is no part of the page.
 */

import { argon2idAsync } from "@noble/hashes/argon2.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { bech32 } from "@scure/base";
import { identityFromSeed, open, parseFile, seal } from "./age";
import { download, padme, partSize, sealedSize } from "./attachment";
import { concat, cutLine, fromUtf8, hex, unbase64, unhex, utf8 } from "./bytes";
import { CHANNEL_CODE, parseDigits, RECEIPT } from "./digits";
import { openAnswer } from "./envelope";
import { argon2idPlain } from "./lean/argon2plain";
import { argon2idWasm } from "./lean/argon2wasm";
import { verifyManifest, type Authority } from "./manifest";
import { fill, languages } from "./messages";
import { contactFrom } from "./receipt";
import { openRecord } from "./record";
import { hashOf, keyId, parse, publicKey, signedBy } from "./signed";
import { postBody, zeroBits } from "./work";

interface Vectors {
  codes: { kind: string; typed: string; digits: string; error: string }[];
  receipts: { receipt: string; desk: string; lookup: string; identity: string; recipient: string; key: string; signing_seed: string; code: string; case: string }[];
  signed: { name: string; kind: string; text: string; key: string; good: boolean; hash: string }[];
  wraps: { holder: string; file: string; recipient: string }[];
  records: { name: string; identity: string; file: string; key: string; good: boolean; text: string; side: string; seq: number }[];
  files: { name: string; file: string; good: boolean }[];
  envelopes: { identity: string; file: string; op: string; parts: string[]; key: string; answer: string; status: string }[];
  work: { challenge: string; envelope: string; nonce: string; work: number }[];
  manifests: { name: string; text: string; authority: Authority; good: boolean; serial: number }[];
  sizes: { bytes: number; padded: number; sealed: number; parts: number; part: number; last: number }[];
  objects: { identity: string; sealed: string; unpadded: string; cases: ObjectCase[] };
  keys: { [name: string]: string };
}

interface ObjectCase {
  name: string;
  size: number;
  hash: string;
  parts: number;
  of: "sealed" | "unpadded";
  take: [from: number, to: number][];
  good: boolean;
}

interface Report {
  readonly passed: { [part: string]: number };
  readonly failed: string[];
}

const threw = (act: () => unknown): boolean => {
  try {
    act();
    return false;
  } catch {
    return true;
  }
};

async function run(v: Vectors): Promise<Report> {
  const passed: { [part: string]: number } = {};
  const failed: string[] = [];
  const check = (part: string, name: string, good: boolean): void => {
    if (good) passed[part] = (passed[part] ?? 0) + 1;
    else failed.push(`${part}: ${name}`);
  };

  for (const c of v.codes) {
    const got = parseDigits(c.typed, c.kind === "receipt" ? RECEIPT : CHANNEL_CODE);
    check("codes", c.typed, got.fault ? got.fault === c.error && c.digits === "" : got.digits === c.digits);
  }
  for (const r of v.receipts) {
    const salt = unhex(r.desk, 16);
    const wasm = await argon2idWasm(utf8(r.receipt), salt, 65536, 3, 32);
    const js = await argon2idAsync(r.receipt, salt, { m: 65536, t: 3, p: 1, dkLen: 32 });
    const plain = await argon2idPlain(utf8(r.receipt), salt, 65536, 3, 32, 1e9, () => {});
    check("argon2", r.desk, hex(wasm) === hex(js) && hex(plain) === hex(js));
    const c = contactFrom(wasm);
    const got = [c.lookup, c.identity.secret, c.identity.recipient, hex(c.key), hex(c.seed), c.code, c.caseId];
    check("receipts", r.desk, got.join() === [r.lookup, r.identity, r.recipient, r.key, r.signing_seed, r.code, r.case].join());
  }
  for (const s of v.signed) {
    let good = false;
    try {
      const signed = parse(utf8(s.text));
      good = signedBy(signed, s.kind, unhex(s.key, 32));
      if (s.good) check("hashes", s.name, hashOf(signed) === s.hash);
    } catch {
      // Refused is not good.
    }
    check("signed", s.name, good === s.good);
  }
  for (const w of v.wraps) {
    const line = fromUtf8(open({ secret: w.holder }, unbase64(w.file)));
    const inside = identityFromSeed(bech32.decodeToBytes(line.trimEnd()).bytes).recipient;
    check("wraps", w.recipient.slice(0, 20), line.endsWith("\n") && inside === w.recipient);
  }
  for (const r of v.records) {
    let good = false;
    try {
      const record = openRecord({ secret: r.identity }, unbase64(r.file));
      good = signedBy(record.signed, "record", unhex(r.key, 32)) && record.body.text === r.text && record.header.side === r.side && record.header.seq === r.seq;
    } catch {
      // Refused is not good.
    }
    check("records", r.name, good === r.good);
  }
  for (const f of v.files) check("files", f.name, threw(() => parseFile(unbase64(f.file))) !== f.good);
  for (const e of v.envelopes) {
    const file = unbase64(e.file);
    const plain = open({ secret: e.identity }, file);
    const [line, rest] = cutLine(plain)!;
    const head = JSON.parse(fromUtf8(line)) as { op: string; key: string };
    check("envelopes", e.op, head.op === e.op && head.key === e.key && hex(rest.subarray(0, 3)) === hex(unbase64(e.parts[0]!)));
    const envelope = { file, key: unhex(e.key, 32) };
    const answer = unbase64(e.answer);
    check("answers", e.op, openAnswer(envelope, answer).head.status === e.status);
    answer[answer.length - 1]! ^= 1;
    check("answers", e.op + ", changed", threw(() => openAnswer(envelope, answer)));
    check("answers", e.op + ", of another envelope", threw(() => openAnswer({ ...envelope, file: file.subarray(1) }, unbase64(e.answer))));
  }
  for (const w of v.work) {
    const [challenge, envelope] = [unbase64(w.challenge), unbase64(w.envelope)];
    const whole = [...challenge, ...sha256(envelope), ...unbase64(w.nonce)];
    check("work", w.challenge, zeroBits(sha256(Uint8Array.from(whole))) === w.work);
    const body = await postBody(challenge, { file: envelope });
    check("work", "nonce for " + w.challenge, hex(body.subarray(46, 54)) === hex(unbase64(w.nonce)));
  }
  for (const m of v.manifests) {
    let good = false;
    try {
      good = verifyManifest(utf8(m.text), m.authority).serial === m.serial;
    } catch {
      // Refused is not good.
    }
    check("manifests", m.name, good === m.good);
  }
  for (const s of v.sizes) {
    const sealed = sealedSize(s.bytes);
    const each = Math.min(partSize(sealed), sealed);
    const parts = Math.ceil(sealed / each);
    const got = [padme(s.bytes), sealed, parts, each, sealed - (parts - 1) * each];
    check("sizes", String(s.bytes), got.join() === [s.padded, s.sealed, s.parts, s.part, s.last].join());
  }
  for (const c of v.objects.cases) check("objects", c.name, (await comesWhole(v, c)) === c.good);
  const one = identityFromSeed(new Uint8Array(32).fill(1));
  check("keys", "identity", one.secret === v.keys["identity of seed 01…01"]);
  check("keys", "recipient", one.recipient === v.keys["recipient of seed 01…01"]);
  check("keys", "id", keyId(publicKey(new Uint8Array(32).fill(2))) === v.keys["key id of signing seed 02…02"]);
  const sealed = seal(one.recipient, utf8("round trip"));
  check("keys", "round trip", fromUtf8(open(one, sealed)) === "round trip");
  return { passed, failed };
}

/** Whether the page takes what comes for the file that the case describes. */
async function comesWhole(v: Vectors, c: ObjectCase): Promise<boolean> {
  const from = unbase64(v.objects[c.of]);
  const came = concat(...c.take.map(([a, b]) => from.subarray(a, b)));
  const object = { id: "01".repeat(16), hash: c.hash, parts: c.parts };
  try {
    let at = 0;
    const content = await download({ type: "image/jpeg", size: c.size, object }, object, v.objects.identity, (_, length) => {
      const part = came.subarray(at, (at += length));
      return part.length === length ? Promise.resolve(part) : Promise.reject(new Error("a part of another length"));
    }, () => {});
    return content.length === c.size && content.every((b, i) => b === (i & 255));
  } catch {
    return false;
  }
}

/** Every text of a language by its place, those with a number or two filled in. */
function texts(messages: unknown, at = ""): [string, string][] {
  if (typeof messages !== "object" || messages === null) return [[at, fill(String(messages), "12", "34")]];
  return Object.entries(messages).flatMap(([name, value]) => texts(value, at + "/" + name));
}

const pageTexts = Object.fromEntries(Object.entries(languages).map(([lang, m]) => [lang, Object.fromEntries(texts(m))]));

Object.assign(globalThis, { runVectors: run, pageTexts });
