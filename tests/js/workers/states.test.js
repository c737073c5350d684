/**
 * What becomes of a stream with workers when one of them dies, is slow or cannot be had, when it is
 * given up, and when a chunk is wrong: the right chunks, then the right error.
 */
import { SimulatedWorker } from "./lib/simulated.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncryptStream,
  configure,
  decrypt,
  encrypt,
  NotSupportedError,
} from "age-rt-wasm";
import { through } from "./lib/through.js";

const PASSPHRASE = "states of workers";
const MIB = 2 ** 20;
const QUICK = { workFactor: 1 };
const data = Buffer.alloc(5 * MIB + 12_345, Buffer.from("not a multiple of anything"));
const file = await encrypt(data, PASSPHRASE, QUICK);
const HEADER = file.length - data.length - 81 * 16;

/** What the workers of the next streams do. */
let plan;
configure({ worker: () => new SimulatedWorker(plan) });

/** Those of an earlier test end, and the next are started anew. */
async function workers(next) {
  plan = { delay: () => 0, dies: () => false, ...next };
  while (SimulatedWorker.started.some((worker) => !worker.dead && !worker.terminated))
    await new Promise((resolve) => setTimeout(resolve, 50));
  SimulatedWorker.started.length = 0;
}

function changed(index) {
  const copy = new Uint8Array(file);
  copy[HEADER + index * 65_552 + 100] ^= 1;
  return copy;
}

describe("streams with workers", () => {
  test("a chunk that comes out owns its memory, and holds a whole batch", async () => {
    await workers();
    const { parts } = await through(new AgeDecryptStream(PASSPHRASE, { workers: 2 }), file);
    for (const part of parts) assert.equal(part.buffer.byteLength, part.length);
    assert.ok(parts.some((part) => part.length > 65_536));
    assert.ok(parts.every((part) => part.length <= MIB));
    assert.ok(data.equals(Buffer.concat(parts)));
  });

  for (const [name, delay] of Object.entries({
    "each message late": () => 3,
    "one worker slower than the other": (() => {
      let count = 0;
      return () => ((count += 1) % 2) * 20;
    })(),
  }))
    test(`order holds: ${name}`, async () => {
      await workers({ delay });
      const sealed = await encrypt(data, PASSPHRASE, { ...QUICK, workers: 2 });
      assert.ok(data.equals(await decrypt(sealed, PASSPHRASE)));
      assert.ok(data.equals(await decrypt(file, PASSPHRASE, { workers: 2 })));
      assert.ok(SimulatedWorker.started.some((worker) => worker.batches > 0));
    });

  test("workers that are equally fast are given equally many batches", async () => {
    const long = Buffer.alloc(12 * MIB + 1, data);
    let sealed;
    for (const work of [
      async () => (sealed = await encrypt(long, PASSPHRASE, { ...QUICK, workers: 2 })),
      () => decrypt(sealed, PASSPHRASE, { workers: 2 }),
    ]) {
      await workers();
      await work();
      const given = SimulatedWorker.started.map(({ batches }) => batches);
      assert.deepEqual(
        given.filter((batches) => batches > 0),
        [6, 6],
      );
    }
  });

  for (const [when, how] of [
    ["before it has done its batch", true],
    ["after it has, and before it says so", "late"],
  ]) {
    test(`a worker that dies ${when}: what came before it, then worker-failed`, async () => {
      await workers({ dies: (batch) => batch === 2 && how });
      const opening = await through(new AgeDecryptStream(PASSPHRASE, { workers: 2 }), file);
      assert.ok(opening.error instanceof NotSupportedError);
      assert.equal(opening.error.code, "worker-failed");
      assert.ok(opening.bytes.length >= MIB);
      assert.ok(data.subarray(0, opening.bytes.length).equals(opening.bytes));
      await workers({ dies: (batch) => batch === 2 && how });
      const sealing = await through(
        new AgeEncryptStream(PASSPHRASE, { ...QUICK, workers: 2 }),
        data,
      );
      assert.equal(sealing.error.code, "worker-failed");
      assert.ok(sealing.bytes.length >= MIB);
    });
  }

  test("a worker that dies while it has nothing to do costs nothing", async () => {
    await workers();
    const { readable, writable } = new AgeEncryptStream(PASSPHRASE, { ...QUICK, workers: 2 });
    const written = (async () => {
      const writer = writable.getWriter();
      await writer.write(data.subarray(0, MIB / 2));
      await new Promise((resolve) => setTimeout(resolve, 300));
      for (const worker of SimulatedWorker.started) worker.onerror({ preventDefault() {} });
      await writer.write(data.subarray(MIB / 2));
      await writer.close();
    })();
    const sealed = Buffer.concat(await all(readable));
    await written;
    assert.ok(data.equals(await decrypt(sealed, PASSPHRASE)));
  });

  test("a worker that is silent for a minute is taken for dead: what came before it, then worker-failed", async (t) => {
    for (const [Stream, input, options] of [
      [AgeDecryptStream, file, {}],
      [AgeEncryptStream, data, QUICK],
    ]) {
      await workers({ dies: (batch) => batch === 2 && "silent" });
      t.mock.timers.enable({ apis: ["setInterval"] });
      let over = false;
      const outcome = through(new Stream(PASSPHRASE, { ...options, workers: 2 }), input).finally(
        () => (over = true),
      );
      // Others may still speak, which begins the minute anew.
      let seconds = 0;
      for (; !over; seconds += 1) {
        t.mock.timers.tick(1000);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const { bytes, error } = await outcome;
      // The other is silent too: nobody waits for it any more, and it goes all the same.
      const silent = () => SimulatedWorker.started.filter((worker) => worker.silent);
      for (; silent().some(({ terminated }) => !terminated); seconds += 1) {
        t.mock.timers.tick(1000);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      assert.equal(silent().length, 2);
      t.mock.timers.reset();
      assert.ok(seconds >= 60, `${seconds} seconds`);
      assert.equal(error.code, "worker-failed");
      assert.ok(bytes.length >= MIB);
      if (Stream === AgeDecryptStream) assert.ok(data.subarray(0, bytes.length).equals(bytes));
    }
  });

  test("a worker that needs nearly a minute for each batch is waited for", async (t) => {
    t.mock.timers.enable({ apis: ["setInterval"] });
    let late = 0;
    await workers({
      dies() {
        t.mock.timers.tick(59_000);
        late += 1;
        return false;
      },
    });
    const { bytes } = await through(new AgeDecryptStream(PASSPHRASE, { workers: 1 }), file);
    assert.ok(data.equals(bytes));
    assert.ok(late >= 5);
  });

  for (const index of [0, 1, 15, 16, 40, 79, 80])
    test(`chunk ${index} is wrong: those before it, then its error, as without workers`, async () => {
      await workers();
      const input = changed(index);
      const expected = await through(new AgeDecryptStream(PASSPHRASE), input);
      for (const Stream of [AgeDecryptStream, AgeAutoDecryptStream]) {
        const { bytes, error } = await through(new Stream(PASSPHRASE, { workers: 2 }), input);
        assert.equal(error.code, "chunk-authentication");
        assert.equal(error.chunkIndex, index);
        assert.equal(error.message, expected.error.message);
        assert.ok(expected.bytes.equals(bytes));
        assert.equal(bytes.length, index * 65_536);
      }
    });

  for (const [name, input] of Object.entries({
    "cut within a chunk": file.subarray(0, HEADER + 40 * 65_552 + 7),
    "cut between two chunks": file.subarray(0, HEADER + 40 * 65_552),
    "cut within the last": file.subarray(0, -1),
    "added to": Buffer.concat([file, Buffer.from("x")]),
  }))
    test(`a file that was ${name} fails as without workers`, async () => {
      await workers();
      const expected = await through(new AgeDecryptStream(PASSPHRASE), input);
      const { bytes, error } = await through(
        new AgeDecryptStream(PASSPHRASE, { workers: 2 }),
        input,
      );
      assert.equal(error.code, expected.error.code);
      assert.equal(error.message, expected.error.message);
      assert.ok(expected.bytes.equals(bytes));
    });

  test("the final chunk may be full, and nothing may follow it", async () => {
    await workers();
    const plaintext = data.subarray(0, 2 * MIB);
    for (const workersOf of [0, 2]) {
      const sealed = await encrypt(plaintext, PASSPHRASE, { ...QUICK, workers: workersOf });
      assert.ok(plaintext.equals(await decrypt(sealed, PASSPHRASE, { workers: 2 })));
      const longer = Buffer.concat([sealed, Buffer.alloc(3 * MIB)]);
      const { bytes, error } = await through(
        new AgeDecryptStream(PASSPHRASE, { workers: 2 }),
        longer,
      );
      assert.equal(error.code, "trailing-data");
      assert.ok(plaintext.equals(bytes));
    }
  });

  test("an abort in the midst of a batch ends both sides at once, and what the worker still says is dropped", async () => {
    await workers({ delay: () => 30 });
    const abort = new AbortController();
    const stream = new AgeDecryptStream(PASSPHRASE, { workers: 2, signal: abort.signal });
    const outcome = through(stream, file);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const reason = new Error("enough");
    abort.abort(reason);
    assert.equal((await outcome).error, reason);
  });

  test("workers end when nobody has needed them for a while", async () => {
    await workers();
    assert.ok(data.equals(await decrypt(file, PASSPHRASE, { workers: 2 })));
    assert.equal(SimulatedWorker.started.filter((worker) => worker.batches > 0).length, 2);
    await workers();
  });

  test("what is no number of workers is refused", async () => {
    for (const [workersOf, kind] of [
      [-1, RangeError],
      [1.5, RangeError],
      [65, RangeError],
      ["2", TypeError],
      [true, TypeError],
    ])
      assert.throws(() => new AgeEncryptStream(PASSPHRASE, { workers: workersOf }), kind);
    await assert.rejects(encrypt(data, PASSPHRASE, { format: "age-rt", workers: 2 }), TypeError);
  });
});

async function all(readable) {
  const parts = [];
  for await (const part of readable) parts.push(part);
  return parts;
}
