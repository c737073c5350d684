/**
 * Is PROTOCOL.md precise? What was written from it and the package give the same chunks and the
 * same code for whatever is wrong.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  AgeRtDecoder,
  AgeRtEncoder,
  AgeRtError,
  decodeBytes,
  encodeBytes,
  init,
} from "age-rt-wasm";
import { seeded } from "../lib/random.js";
import { read } from "./protocol.js";

const FIRST = "github.com/parsimonit/age-rt-encryption/v0.2";
const SALT = "A".repeat(22);
const KEY = "A".repeat(43);
const LIMITS = { maxChunkSize: 65_536, maxWorkFactor: 8 };
const RUNS = 3000;

await init();

/** A header of the parts that are given, and of good ones. */
function header({
  first = FIRST,
  stanzas = [`-> scrypt ${SALT} 1\n${KEY}`],
  last = `--- ${KEY}`,
} = {}) {
  return [first, ...stanzas, last, ""].join("\n");
}
const scrypt = (words, body = KEY) => header({ stanzas: [`-> ${words}\n${body}`] });
const first = (text) => header({ first: text });
const last = (text) => header({ last: text });

const HEADERS = {
  "a good one": header(),
  "both limits exceeded": header({
    first: `${FIRST}?maxchunk=100000`,
    stanzas: [`-> scrypt ${SALT} 9\n${KEY}`],
  }),
  "a limit exceeded, and the grammar broken after it": header({
    first: `${FIRST}?maxchunk=100000`,
    last: "---",
  }),
  ...Object.fromEntries(
    ["0", "9", "21", "64", "99999999999", "01", "+1", "-1", "0x1", "1.0", ""].map((logN) => [
      `work factor ${logN}`,
      scrypt(`scrypt ${SALT} ${logN}`),
    ]),
  ),
  ...Object.fromEntries(
    [
      `scrypt ${SALT}`,
      "scrypt",
      `scrypt ${SALT} 1 x`,
      `scrypt ${SALT}AA 1`,
      `scrypt ${SALT.slice(1)} 1`,
      `scrypt ${SALT.slice(1)}B 1`,
      `SCRYPT ${SALT} 1`,
      `X25519 ${KEY}`,
      ` scrypt ${SALT} 1`,
      `scrypt ${SALT} 1 `,
      `scrypt ${SALT} é`,
    ].map((words) => [`stanza ${words}`, scrypt(words)]),
  ),
  ...Object.fromEntries(
    [
      "",
      "A",
      "AB",
      `${KEY}=`,
      KEY.slice(1),
      `${KEY.slice(1)}B`,
      `${KEY.slice(1)}-`,
      `${"A".repeat(64)}\n`,
      `${"A".repeat(64)}\nAA`,
      "A".repeat(64),
      "A".repeat(65),
    ].map((body) => [`body ${body}`, scrypt(`scrypt ${SALT} 1`, body)]),
  ),
  "no stanza": header({ stanzas: [] }),
  "two passphrase stanzas": header({
    stanzas: [`-> scrypt ${SALT} 1\n${KEY}`, `-> scrypt ${SALT} 1\n${KEY}`],
  }),
  "a stanza before": header({
    stanzas: [`-> X25519 ${KEY}\n${KEY}`, `-> scrypt ${SALT} 1\n${KEY}`],
  }),
  "a stanza after": header({ stanzas: [`-> scrypt ${SALT} 1\n${KEY}`, "-> x\n"] }),
  "others only, with bodies of one and of many lines": header({
    stanzas: ["-> x y\n", `-> z\n${"A".repeat(64)}\n${"A".repeat(64)}\nAAAA`],
  }),
  ...Object.fromEntries(
    [
      "?",
      "?foo=1",
      "?maxchunk",
      "?maxchunk=",
      "?maxchunk=0",
      "?maxchunk=01",
      "?maxchunk=1",
      "?maxchunk=65536",
      "?maxchunk=65537",
      "?maxchunk=16777216",
      "?maxchunk=16777217",
      "?maxchunk=99999999999999999999999",
      "?maxchunk=1&maxchunk=1",
      "?maxchunk=1&foo=1",
      "?maxchunk=1&",
      "?maxchunk=1?",
      "?chunk=1",
      "x",
      " ",
      "\r",
      "\t",
      "é",
    ].map((text) => [`first line with ${JSON.stringify(text)}`, first(FIRST + text)]),
  ),
  ...Object.fromEntries(
    [
      "github.com/parsimonit/age-rt-encryption/v9",
      "github.com/parsimonit/age-rt-encryption/",
      "github.com/parsimonit/age-rt-encryption/v9?x",
      "github.com/parsimonit/age-rt-encryption",
      "github.com/x",
      "age-encryption.org/v1",
      "age-encryption.org/v1?chunk=5",
      "age-encryption.org/v1?x",
      "age-encryption.org/v2",
      "",
      "<!doctype html>",
      FIRST.toUpperCase(),
      ` ${FIRST}`,
    ].map((text) => [`first line ${text}`, first(text)]),
  ),
  ...Object.fromEntries(
    [
      "---",
      "--- ",
      `---${KEY}`,
      `---  ${KEY}`,
      `--- ${KEY} `,
      `--- ${KEY}A`,
      `--- ${KEY}=`,
      `--- ${KEY.slice(1)}`,
      `--- ${KEY.slice(1)}B`,
      `----${KEY}`,
    ].map((text) => [`last line ${text}`, last(text)]),
  ),
  CRLF: header().replaceAll("\n", "\r\n"),
  "no line end": FIRST,
  "a first line of 70,000 bytes": first(`${FIRST}${"x".repeat(70_000)}`),
  "a stanza of 70,000 bytes": scrypt(`scrypt ${"x".repeat(70_000)}`),
  nothing: "",
};

/** The package's judgement in the form of `read()`. */
function judged(bytes) {
  const chunks = [];
  try {
    for (const chunk of decodeBytes(
      bytes,
      new AgeRtDecoder("pw", LIMITS.maxChunkSize, LIMITS.maxWorkFactor),
    ))
      chunks.push(Buffer.from(chunk));
    return { chunks, code: undefined };
  } catch (error) {
    if (!(error instanceof AgeRtError)) throw error;
    return { chunks, code: error.code };
  }
}

for (const [what, text] of Object.entries(HEADERS)) {
  test(`a header: ${JSON.stringify(what).slice(0, 80)}`, () => {
    const bytes = Buffer.from(text, "latin1");
    assert.deepEqual(read(bytes, "pw", LIMITS), judged(bytes));
  });
}

test("a header that is cut anywhere", () => {
  const bytes = Buffer.from(header());
  for (let end = 0; end < bytes.length; end++)
    assert.deepEqual(
      read(bytes.subarray(0, end), "pw", LIMITS),
      judged(bytes.subarray(0, end)),
      `at ${end}`,
    );
});

test(`${RUNS} streams with changes at random`, { timeout: 600_000 }, async (t) => {
  const random = seeded(t);
  const messages = ["Hello", "", "World"].map((text) => Buffer.from(text));
  const good = Buffer.from(
    encodeBytes(messages, await AgeRtEncoder.create("pw", { workFactor: 1 })),
  );
  const codes = new Set();
  for (let run = 0; run < RUNS; run++) {
    const bytes = changed(good, random);
    const theirs = judged(bytes);
    assert.deepEqual(read(bytes, "pw", LIMITS), theirs, JSON.stringify(bytes.toString("latin1")));
    codes.add(theirs.code);
  }
  for (const code of [
    "not-age",
    "unknown-format",
    "invalid-header",
    "wrong-passphrase",
    "header-mac",
    "chunk-length",
    "chunk-authentication",
    "truncated",
    "trailing-data",
  ])
    assert.ok(codes.has(code), `never ${code}: ${[...codes]}`);
});

/** One to three bytes flipped, left out, put in or repeated, or the end cut off. */
function changed(bytes, random) {
  let copy = Buffer.from(bytes);
  for (let count = 1 + random.below(3); count > 0; count--) {
    const at = random.below(copy.length);
    const [before, after] = [copy.subarray(0, at), copy.subarray(at)];
    const ways = [
      () =>
        Buffer.concat([before, Buffer.of(copy[at] ^ (1 << random.below(8))), after.subarray(1)]),
      () => Buffer.concat([before, after.subarray(1 + random.below(3))]),
      () => Buffer.concat([before, Buffer.from(random.bytes(1)), after]),
      () => Buffer.concat([before, after.subarray(0, 8), after]),
      () => Buffer.concat([copy, Buffer.from(random.bytes(1))]),
      () => before,
    ];
    copy = ways[random.below(ways.length)]();
    if (copy.length === 0) return copy;
  }
  return copy;
}
