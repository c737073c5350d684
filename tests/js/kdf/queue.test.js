/** Derivations wait for each other: each takes a core and up to a GiB. */
import { workers } from "../lib/workers.js";
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { AgeEncryptStream, AgeRtEncoder, configure, encrypt } from "age-rt-wasm";
import { until } from "../lib/wait.js";

const QUICK = { workFactor: 14 };
const MIB = 2 ** 20;

/** One that runs until it is let go: what waits for it waits for as long as the test wants. */
async function holding() {
  const made = workers.made;
  const abort = new AbortController();
  const held = assert.rejects(
    encrypt("text", "a passphrase", { workFactor: 20, signal: abort.signal }),
    { name: "AbortError" },
  );
  await until(() => workers.made === made + 1);
  return () => {
    abort.abort();
    return held;
  };
}

/**
 * Long enough for what was begun to have come to the queue: one that is aborted before has never
 * waited.
 */
const inQueue = () => new Promise((resolve) => setTimeout(resolve, 50));

function start(count, options) {
  workers.most = 0;
  return Promise.all(Array.from({ length: count }, () => encrypt("text", "a passphrase", options)));
}

describe("derivations queue", () => {
  for (const concurrency of [1, 3]) {
    test(`${concurrency} at a time`, async () => {
      configure({ concurrency });
      await start(6, QUICK);
      assert.equal(workers.most, concurrency);
    });
  }

  test("by memory too: two of 256 MiB take turns where two usual ones may run", async (t) => {
    configure({ concurrency: 2 });
    let peak = 0;
    const timer = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 10);
    await start(2, { workFactor: 20 });
    clearInterval(timer);
    t.diagnostic(`peak ${(peak / MIB).toFixed(0)} MiB`);
    assert.equal(workers.most, 1);
  });
});

describe("a derivation that is aborted while it waits", () => {
  const reason = new Error("changed my mind");

  /** One that runs, one that waits and is aborted, one that waits behind it. */
  async function abortTheSecond() {
    configure({ concurrency: 1 });
    const made = workers.made;
    const letGo = await holding();
    const abort = new AbortController();
    const second = encrypt("text", "a passphrase", { ...QUICK, signal: abort.signal });
    const third = encrypt("text", "a passphrase", QUICK);
    const refusal = assert.rejects(second, (error) => error === reason);
    await inQueue();
    abort.abort(reason);
    // Before the one that runs, which does not end by itself.
    await refusal;
    const running = workers.running;
    await Promise.all([letGo(), third]);
    return { running, made: workers.made - made };
  }

  test("ends with the reason, before the one that runs", async () =>
    assert.equal((await abortTheSecond()).running, 1));

  test("never has a worker", async () => assert.equal((await abortTheSecond()).made, 2));
});

test("create() can be aborted while it waits", async () => {
  configure({ concurrency: 1 });
  const made = workers.made;
  const letGo = await holding();
  await assert.rejects(AgeRtEncoder.create("a passphrase", { signal: AbortSignal.timeout(50) }), {
    name: "TimeoutError",
  });
  await letGo();
  assert.equal(workers.made, made + 1);
});

test("a stream that waits for its turn can be cancelled", async () => {
  configure({ concurrency: 1 });
  const made = workers.made;
  const letGo = await holding();
  const reader = new AgeEncryptStream("a passphrase").readable.getReader();
  const read = reader.read();
  await inQueue();
  await reader.cancel("enough");
  await Promise.all([letGo(), read]);
  assert.equal(workers.made, made + 1);
});

test("a thousand derivations, asked for at once, all come to an end", async (t) => {
  configure({ concurrency: 2 });
  const started = performance.now();
  const results = await start(1000, { workFactor: 9 });
  t.diagnostic(`${(performance.now() - started).toFixed(0)} ms`);
  assert.equal(results.filter((wire) => wire.length > 0).length, 1000);
});

test("a thousand small ones, asked for at once, leave the event loop its turns", async (t) => {
  let done = 0;
  let doneAtFirstTurn;
  const all = Array.from({ length: 1000 }, () =>
    encrypt("text", "a passphrase", { workFactor: 8 }).then(() => (done += 1)),
  );
  setTimeout(() => (doneAtFirstTurn = done), 0);
  await Promise.all(all);
  t.diagnostic(`${doneAtFirstTurn} before the first`);
  assert.ok(doneAtFirstTurn < 500);
});

test("a small one that waits for such a turn can be aborted", async () => {
  const abort = new AbortController();
  const reason = new Error("changed my mind");
  const all = Array.from({ length: 300 }, () =>
    encrypt("text", "a passphrase", { workFactor: 8, signal: abort.signal }),
  );
  setTimeout(() => abort.abort(reason), 0);
  const results = await Promise.allSettled(all);
  assert.ok(results.some((result) => result.reason === reason));
});

afterEach(() => until(() => workers.alive === 0));
