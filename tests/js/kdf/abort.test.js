/**
 * Whatever ends a stream ends its derivation at once: a worker left alone would hold a core, and up
 * to a GiB for seconds.
 */
import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { before, describe, test } from "node:test";
import { AgeRtEncoder } from "age-rt-wasm";
import { runChild } from "../lib/child.js";

/** Less than the rest of the derivation would take. */
const MAX_MS = 700;
/** What a worker says before it works. */
const READY = 1;

const endings = {
  signal: { read: "the reason", written: "the reason" },
  cancel: { read: "done", written: "the reason" },
  abort: { read: "the reason", written: "the reason" },
  // Only where the derivation does not hold up a write: the platform's writable takes no other
  // meanwhile, and its pipe waits.
  chunk: { read: "TypeError", written: "TypeError" },
  source: { read: "the reason", written: "the reason" },
};

for (const [which, how, when] of [
  ["encrypt", "signal", "later"],
  ["encrypt", "cancel", "later"],
  ["encrypt", "abort", "later"],
  ["encrypt", "chunk", "later"],
  ["encrypt", "source", "later"],
  ["decrypt", "signal", "later"],
  ["decrypt", "cancel", "later"],
  ["decrypt", "abort", "later"],
  ["encrypt", "signal", "at once"],
  ["decrypt", "cancel", "at once"],
]) {
  describe(`${which}ing, ended by ${how} in the derivation, ${when}`, () => {
    let seen;
    let msToExit;
    before(
      async () =>
        void ({ report: seen, msToExit } = await runChild(
          new URL("children/abort.js", import.meta.url),
          { args: [which, how, when] },
        )),
    );

    test("both sides say why", () =>
      assert.deepEqual({ read: seen.read, written: seen.written }, endings[how]));

    test("the worker ends at once", (t) => {
      t.diagnostic(`${seen.msToEnd.toFixed(0)} ms`);
      assert.ok(seen.msToEnd < MAX_MS);
    });

    test("before it has a key", () => assert.ok(seen.messages <= READY));

    test("no other worker was started", () => assert.equal(seen.made, 1));

    test("no object is left", () => assert.equal(seen.live, 0));

    test("nothing keeps the process", (t) => {
      t.diagnostic(`ended ${msToExit.toFixed(0)} ms later`);
      assert.ok(msToExit < MAX_MS);
    });
  });
}

test("a signal that outlives a derivation keeps nothing of it", async () => {
  const { signal } = new AbortController();
  (await AgeRtEncoder.create("a passphrase", { workFactor: 10, signal })).free();
  assert.equal(getEventListeners(signal, "abort").length, 0);
});
