/**
 * The derivation in a browser: the page stays alive, its memory comes back, and an end is an end.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Chromium, roundTrip } from "../lib/chromium.js";
import { treeMemory } from "../lib/process-tree.js";
import { until } from "../lib/wait.js";

const MIB = 2 ** 20;
const SCRYPT = 256 * MIB;
const MAX_LEFT = 48 * MIB;
const MIN_TICKS = 20;
const MAX_MS = 300;
/**
 * Chromium lets a worker that is busy run on for two seconds after terminate(), and a second is for
 * a slow machine.
 */
const MAX_GRACE_MS = 3000;

/** Run in the page; none waits for what it starts. */
const endings = {
  "an abort": () => void globalThis.writer.abort("changed my mind"),
  "a cancel": () => void globalThis.reader.cancel("changed my mind"),
  "the signal": () => globalThis.controller.abort("changed my mind"),
};

describe("in Chromium", () => {
  let chromium;
  before(async () => void (chromium = await Chromium.start()));
  after(() => chromium?.stop());

  test("a 10 ms timer fires during a derivation", async (t) => {
    const { page } = await chromium.open();
    const { ticks, longestGap } = await page.evaluate(async () => {
      const stop = globalThis.help.ticking();
      await globalThis.age.encrypt("text", "a passphrase");
      return stop();
    });
    t.diagnostic(`${ticks} ticks, longest gap ${longestGap.toFixed(0)} ms`);
    assert.ok(ticks >= MIN_TICKS);
  });

  test("two seconds after a derivation the memory of all processes is back", async (t) => {
    const { page } = await chromium.open();
    await roundTrip(page, 1);
    await pause(1000);
    const atFirst = treeMemory(chromium.pid);
    let peak = 0;
    const timer = setInterval(() => (peak = Math.max(peak, treeMemory(chromium.pid))), 20);
    await page.evaluate(async () => void (await globalThis.age.encrypt("text", "a passphrase")));
    clearInterval(timer);
    await pause(2000);
    const left = treeMemory(chromium.pid);
    t.diagnostic(`before: ${mib(atFirst)} MiB, peak: ${mib(peak)} MiB, after: ${mib(left)} MiB`);
    assert.ok(peak - atFirst > 0.5 * SCRYPT, "the derivation was not seen");
    assert.ok(left - atFirst <= MAX_LEFT);
  });

  for (const [name, end] of Object.entries(endings)) {
    describe(`${name} during a derivation`, () => {
      let seen;
      before(async () => void (seen = await endedBy(end)));

      test("tells the worker to end at once", (t) => {
        t.diagnostic(
          `told after ${seen.msToTell.toFixed(0)} ms, gone after ${seen.msToEnd.toFixed(0)} ms`,
        );
        assert.ok(seen.msToTell < MAX_MS);
      });

      test("ends the worker as soon as Chromium can", () => assert.ok(seen.msToEnd < MAX_GRACE_MS));

      test("starts no other worker", () => assert.equal(seen.started, 1));

      test("leaves no object", () => assert.equal(seen.live, 0));
    });
  }

  async function endedBy(end) {
    const { page, started } = await chromium.open();
    await page.evaluate(() => {
      const { terminate } = Worker.prototype;
      Worker.prototype.terminate = function () {
        globalThis.toldAt = performance.now();
        terminate.call(this);
      };
      globalThis.controller = new AbortController();
      const pair = new globalThis.age.AgeDecryptStream("a passphrase", {
        signal: globalThis.controller.signal,
      });
      globalThis.writer = pair.writable.getWriter();
      globalThis.reader = pair.readable.getReader();
      for (const { closed } of [globalThis.writer, globalThis.reader])
        closed.catch(() => undefined);
      globalThis.writer.write(globalThis.help.headerOf(19)).catch(() => undefined);
    });
    await until(() => page.workers().length === 1);
    await pause(100);
    await page.evaluate(`globalThis.endedAt = performance.now(); (${end})()`);
    const msToEnd = await until(() => page.workers().length === 0);
    const { msToTell, live } = await page.evaluate(() => ({
      msToTell: globalThis.toldAt - globalThis.endedAt,
      live: globalThis.help.liveObjects(),
    }));
    await page.close();
    return { msToTell, msToEnd, started: started.length, live };
  }
});

function mib(bytes) {
  return (bytes / MIB).toFixed(0);
}
