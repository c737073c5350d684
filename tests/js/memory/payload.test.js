/** Memory stays where it is however much goes through: the whole point of streams. */
import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { runChild } from "../lib/child.js";
import { MIB } from "./pattern.js";

const MAX_RISE = 128 * MIB;
const MAX_GROWTH = 16 * MIB;
/**
 * What V8 decides by the clock is decided beforehand: a collector on threads of its own comes as
 * late as the machine is busy, and the space for young objects grows once, at a moment of its own;
 * either is more than the bound.
 */
const FLAGS = ["--expose-gc", "--single-threaded-gc", "--min-semi-space-size=16"];

for (const format of ["age", "age-rt"]) {
  describe(`2 GiB through the ${format} streams`, () => {
    let seen;
    before(
      async () =>
        void (seen = (
          await runChild(new URL("child.js", import.meta.url), {
            args: [format, "2"],
            flags: FLAGS,
            timeoutMs: 600_000,
          })
        ).report),
    );

    test("every byte is right", (t) => {
      t.diagnostic(
        `${(seen.bytes / seen.seconds / 1e6).toFixed(0)} MB/s, making and comparing the bytes included`,
      );
      assert.deepEqual([seen.bytes, seen.wrong], [2048 * MIB, 0]);
    });

    test("memory rises by 128 MiB at most", (t) => {
      const rise = Math.max(...seen.peaks) - seen.before;
      t.diagnostic(`before: ${mib(seen.before)} MiB, risen by ${mib(rise)} MiB`);
      assert.ok(rise <= MAX_RISE);
    });

    test("the second GiB takes no more than the first", (t) => {
      const [first, second] = seen.peaks;
      t.diagnostic(`peak after 1 GiB: ${mib(first)} MiB, after 2 GiB: ${mib(second)} MiB`);
      assert.ok(second - first <= MAX_GROWTH);
    });
  });
}

function mib(bytes) {
  return (bytes / MIB).toFixed(1);
}
