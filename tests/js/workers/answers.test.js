/**
 * Workers that answer what they were not asked, or can be sent nothing: the right chunks, then
 * worker-failed, or the calling thread does it. Nothing comes out twice, or in another's place.
 */
import { forget, nothingLeft, SimulatedWorker } from "./lib/simulated.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AgeDecryptStream, AgeEncoder, AgeEncryptStream, configure, encrypt } from "age-rt-wasm";
import { through } from "./lib/through.js";

const PASSPHRASE = "what nobody asked";
const MIB = 2 ** 20;
const QUICK = { workFactor: 1 };
const data = Buffer.alloc(5 * MIB + 12_345, Buffer.from("not a multiple of anything"));
const file = await encrypt(data, PASSPHRASE, QUICK);

const HONEST = {
  delay: () => 0,
  dies: () => false,
  says: undefined,
  refuses: undefined,
  keyless: false,
};
const plan = { ...HONEST };
/** One that is given up takes along what it had. */
class Mortal extends SimulatedWorker {
  postMessage(message, transfer) {
    if (!plan.keyless || !message.file) return super.postMessage(message, transfer);
    const { file, index } = message;
    const data = "end" in message ? { file, ended: true } : { file, index, failed: 0 };
    setImmediate(() => this.onmessage?.({ data }));
  }

  terminate() {
    super.terminate();
    this.dead = true;
  }
}
configure({ worker: () => new Mortal(plan) });

const isBatch = ({ bytes }) => bytes !== undefined;
/** What a worker makes of its answer to its second batch. */
const second = (change) => (reply, batches) =>
  isBatch(reply) && batches === 2 ? change(reply) : [reply];
const copy = (reply) => structuredClone(reply);
const detached = ({ bytes, ...rest }) => {
  structuredClone(bytes, { transfer: [bytes.buffer] });
  return { ...rest, bytes };
};

const BROKEN = {
  "another index": second((reply) => [{ ...reply, index: reply.index + 1000 }]),
  "no index": second(({ index: _, ...reply }) => [reply]),
  "a file that there is not": second((reply) => [{ ...reply, file: 1e9 }]),
  "less than it was sent": second((reply) => [{ ...reply, bytes: reply.bytes.slice(1) }]),
  "more than it was sent": second((reply) => [
    { ...reply, bytes: new Uint8Array(reply.bytes.length + 65_552) },
  ]),
  "memory that has moved away": second((reply) => [detached(reply)]),
  "what is no memory": second((reply) => [{ ...reply, bytes: "text" }]),
  nothing: second(({ bytes: _, ...reply }) => [reply]),
  "a refused chunk of another length": second((reply) => [
    { ...reply, bytes: reply.bytes.slice(0, 65_536), refused: new Uint8Array(7) },
  ]),
  "that the file has ended": second(({ file }) => [{ file, ended: true }]),
};
/** What costs a stream nothing that it needs, or nothing but its worker. */
const TWICE = second((reply) => [reply, copy(reply)]);
const HARMLESS = {
  "what others say in that worker": (reply) =>
    reply.file ? [null, undefined, "text", 7, {}, [], reply] : [reply],
};

const streams = {
  sealing: () => [new AgeEncryptStream(PASSPHRASE, { ...QUICK, workers: 2 }), data],
  opening: () => [new AgeDecryptStream(PASSPHRASE, { workers: 2 }), file],
};

async function run(make, special) {
  Object.assign(plan, HONEST, special);
  forget();
  const result = await through(...make());
  const plain =
    result.bytes.subarray(0, 3).toString() === "age"
      ? await through(new AgeDecryptStream(PASSPHRASE), result.bytes)
      : result;
  // What came out is the beginning, and nothing else.
  assert.ok(data.subarray(0, plain.bytes.length).equals(plain.bytes));
  await nothingLeft();
  return { ...result, plain: plain.bytes };
}

for (const [how, make] of Object.entries(streams))
  describe(how, () => {
    for (const [name, says] of Object.entries(BROKEN))
      test(`a worker answers ${name}: the chunks before it, then worker-failed`, async () => {
        const { error, plain } = await run(make, { says });
        assert.equal(error?.code, "worker-failed");
        assert.ok(plain.length >= MIB - 65_536);
        assert.ok(plain.length < data.length);
      });

    test("a worker answers twice: nothing comes out twice", async () => {
      const { error, plain } = await run(make, { says: TWICE });
      // It is given up, with what it may still have to do.
      if (error) assert.equal(error.code, "worker-failed");
      else assert.ok(plain.equals(data));
    });

    for (const [name, says] of Object.entries(HARMLESS))
      test(`${name} is ignored`, async () => {
        const { error, plain } = await run(make, { says });
        assert.equal(error, undefined);
        assert.ok(plain.equals(data));
      });

    test("workers cannot be sent a key: the calling thread does it", async () => {
      const { error, plain } = await run(make, { refuses: (message) => "chunkSize" in message });
      assert.equal(error, undefined);
      assert.ok(plain.equals(data));
    });

    test("one worker cannot be sent a key: the other does it", async () => {
      let count = 0;
      const { error, plain } = await run(make, {
        refuses: (message) => "chunkSize" in message && (count += 1) === 1,
      });
      assert.equal(error, undefined);
      assert.ok(plain.equals(data));
    });

    for (const which of [1, 3])
      test(`a worker cannot be sent batch ${which}: those before it, then worker-failed, and it is wiped`, async () => {
        let count = 0;
        let bytes;
        const { error, plain } = await run(make, {
          refuses(message) {
            if (!isBatch(message) || (count += 1) !== which) return false;
            ({ bytes } = message);
            return true;
          },
        });
        assert.equal(error?.code, "worker-failed");
        assert.equal(error.cause?.name, "DataCloneError");
        assert.ok(plain.length < data.length);
        assert.ok(bytes.length > 0 && bytes.every((byte) => byte === 0));
      });

    test("workers cannot be told of the end of a file: nothing is lost, and they go", async () => {
      const { error, plain } = await run(make, { refuses: (message) => "end" in message });
      assert.equal(error, undefined);
      assert.ok(plain.equals(data));
      const had = SimulatedWorker.started.filter(({ batches }) => batches > 0).slice(-2);
      assert.ok(had.every(({ terminated }) => terminated));
    });
  });

for (const [how, make] of Object.entries(streams))
  test(`${how}: workers that take no key fail a stream to which nobody writes again`, async () => {
    Object.assign(plan, HONEST, { keyless: true });
    const [stream, bytes] = make();
    const begun = new ReadableStream({
      start: (controller) => controller.enqueue(bytes.subarray(0, 3.5 * 65_536)),
    });
    await assert.rejects(
      async () => {
        for await (const _ of begun.pipeThrough(stream));
      },
      { code: "worker-failed" },
    );
  });

test("in Node chunks are sealed in the memory that was sent, and opened into new memory", async () => {
  for (const [make, opening] of [
    [streams.sealing, false],
    [streams.opening, true],
  ]) {
    const batches = [];
    const refuses = (message) => {
      if (isBatch(message)) batches.push([message.opening, message.inPlace]);
      return false;
    };
    const { plain } = await run(make, { refuses });
    assert.ok(plain.equals(data));
    assert.ok(batches.length >= 5);
    for (const batch of batches) assert.deepEqual(batch, [opening, !opening]);
  }
});

test("workers that end while a key is still derived are started again", async () => {
  Object.assign(plan, HONEST);
  const ended = () => SimulatedWorker.started.every((each) => each.terminated || each.dead);
  const turn = () => new Promise((resolve) => setTimeout(resolve, 20));
  // Those of the tests before it.
  while (!ended()) await turn();
  const before = SimulatedWorker.started.length;
  const later = () => SimulatedWorker.started.slice(before);
  let give;
  const stream = new AgeEncryptStream(new Promise((resolve) => (give = resolve)), { workers: 2 });
  const outcome = through(stream, data);
  while (later().length < 2 || !ended()) await turn();
  const gone = later().length;
  give(await AgeEncoder.create(PASSPHRASE, QUICK));
  const { bytes } = await outcome;
  assert.ok(data.equals((await through(new AgeDecryptStream(PASSPHRASE), bytes)).bytes));
  const again = later().slice(gone);
  assert.ok(again.some(({ batches }) => batches > 0));
});
