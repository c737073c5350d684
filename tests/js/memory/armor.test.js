/** Armor of any length takes no more memory than a short one. `npm run test:armor` sends 2 GiB. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { runChild } from "../lib/child.js";
import { MIB } from "./pattern.js";

const GIB = process.env.ARMOR_GIB ?? "0.25";
const MAX_RISE = 64 * MIB;
const MAX_GROWTH = 16 * MIB;
/** See payload.test.js. */
const FLAGS = ["--expose-gc", "--single-threaded-gc", "--min-semi-space-size=16"];

describe(`${GIB} GiB through ArmorStream and DearmorStream`, () => {
  let seen;
  before(async () => {
    const options = { args: ["armor", GIB], flags: FLAGS, timeoutMs: 600_000 };
    seen = (await runChild(new URL("child.js", import.meta.url), options)).report;
  });

  test("every byte is right", (t) => {
    t.diagnostic(`${(seen.bytes / seen.seconds / 1e6).toFixed(0)} MB/s`);
    assert.deepEqual([seen.bytes, seen.wrong], [Number(GIB) * 1024 * MIB, 0]);
  });

  test("memory rises by 64 MiB at most", (t) => {
    const rise = Math.max(...seen.peaks) - seen.before;
    t.diagnostic(`risen by ${(rise / MIB).toFixed(1)} MiB`);
    assert.ok(rise <= MAX_RISE);
  });

  test("the second half takes no more than the first", () => {
    const [first, second] = seen.peaks;
    assert.ok(second - first <= MAX_GROWTH, `${first} and ${second}`);
  });
});
