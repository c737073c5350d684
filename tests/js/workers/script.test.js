/**
 * The worker's own script, message by message: however one ends, no plaintext and no key is left in
 * memory that was sent or made there, nor in its instance; and what was sealed only in part never
 * comes back.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";

const require = createRequire(import.meta.url);
const script = readFileSync(require.resolve("age-rt-wasm/worker"), "utf8");
const module = new WebAssembly.Module(readFileSync(require.resolve("age-rt-wasm/age_rt.wasm")));

const CHUNK = 65_536;
const STRIDE = CHUNK + 16;
/** So many chunks that the instance is given them in several turns. */
const COUNT = 6;
const FILE = 7;

/** A worker in which the `at`-th call of `name` goes wrong; and all memory that it has made. */
function worker({ name, at = 1, how, mute = false } = {}) {
  const made = [];
  const replies = [];
  const memories = [];
  let calls = 0;
  class Bytes extends Uint8Array {
    constructor(...args) {
      super(...args);
      if (typeof args[0] === "number") made.push(this);
    }
  }
  const instance = function (...args) {
    const { exports } = new WebAssembly.Instance(...args);
    memories.push(exports.memory);
    const own = { ...exports };
    if (name)
      own[name] = (...args) => {
        calls += 1;
        if (calls === at) return how();
        return exports[name](...args);
      };
    return { exports: own };
  };
  const port = {
    postMessage(message, transfer = []) {
      if (message === "ready") return;
      if (mute && transfer.length > 0) throw new DOMException("no", "DataCloneError");
      replies.push(structuredClone(message, { transfer }));
    },
  };
  new Function("self", "WebAssembly", "Uint8Array", script)(
    port,
    { Module: WebAssembly.Module, Instance: instance },
    Bytes,
  );
  const send = (data) => {
    replies.length = 0;
    port.onmessage({ data });
    return replies;
  };
  return { send, made, memories };
}

const begin = () => ({ file: FILE, module, key: new Uint8Array(32).fill(9), chunkSize: CHUNK });
const end = { file: FILE, end: true };
const plain = () => new Uint8Array(COUNT * STRIDE).fill(0x41);
const batch = (bytes, opening, inPlace) => ({ file: FILE, index: 0, bytes, opening, inPlace });

function sealed() {
  const { send } = worker();
  send(begin());
  return send(batch(plain(), false, false))[0].bytes;
}

const trap = () => {
  throw new WebAssembly.RuntimeError("unreachable");
};
/** What goes wrong in a batch; the number is what the worker says of it. */
const FAILS = {
  "a trap in the first turn": [{ how: trap }, 0],
  "a trap in a later turn": [{ at: 3, how: trap }, 0],
  "an error of the core in a later turn": [{ at: 3, how: () => -16 }, -16],
  "no memory in a later turn": [{ name: "chunksReserve", at: 4, how: () => 0 }, -20],
  "an answer that cannot be sent": [{ name: undefined, mute: true }, 0],
};
const WAYS = {
  "sealing in place": ["chunksSeal", plain, false, true],
  "sealing into new memory": ["chunksSeal", plain, false, false],
  opening: ["chunksOpen", sealed, true, false],
};
/** Memory that has moved away has no length. */
const isZero = (bytes) => bytes.length === 0 || bytes.every((byte) => byte === 0);
/** Nothing that the worker holds has a byte left, but in its instances. */
const wiped = ({ made }, ...sent) => [...made, ...sent].every(isZero);
const overwritten = ({ buffer }) => new BigUint64Array(buffer).every((word) => word === 0n);

for (const [way, [name, input, opening, inPlace]] of Object.entries(WAYS))
  describe(way, () => {
    for (const [what, [fault, failed]] of Object.entries(FAILS))
      test(`${what}: its number and nothing else, and all is wiped`, () => {
        const subject = worker({ name, ...fault });
        subject.send(begin());
        const bytes = input();
        assert.deepEqual(subject.send(batch(bytes, opening, inPlace)), [
          { file: FILE, index: 0, failed },
        ]);
        assert.ok(wiped(subject, bytes));
        assert.ok(subject.memories.every(overwritten));
        // And so is what comes behind it.
        const next = input();
        assert.equal(subject.send(batch(next, opening, inPlace))[0].failed, 0);
        assert.ok(wiped(subject, next));
      });

    test("the answer leaves nothing behind, and the end neither", () => {
      const subject = worker();
      subject.send(begin());
      const bytes = input();
      const { buffer } = bytes;
      const [reply] = subject.send(batch(bytes, opening, inPlace));
      // All of it has moved away.
      assert.equal(buffer.byteLength, 0);
      assert.ok(wiped(subject));
      assert.equal(reply.bytes.length, COUNT * (opening ? CHUNK : STRIDE));
      assert.equal(reply.spent === undefined, inPlace);
      assert.ok(!subject.memories.every(overwritten));
      assert.deepEqual(subject.send(end), [{ file: FILE, ended: true }]);
      assert.ok(subject.memories.every(overwritten));
    });
  });

test("what is sealed in place is what is sealed into new memory, and opens", () => {
  const answers = [true, false].map((inPlace) => {
    const { send } = worker();
    send(begin());
    return send(batch(plain(), false, inPlace))[0].bytes;
  });
  assert.deepEqual(answers[0], answers[1]);
  const { send } = worker();
  send(begin());
  assert.ok(send(batch(answers[0], true, false))[0].bytes.every((byte) => byte === 0x41));
});

for (const wrong of [0, 3, COUNT - 1])
  test(`chunk ${wrong} is refused: those before it, and nothing is left of what came and was made`, () => {
    const subject = worker();
    subject.send(begin());
    const bytes = sealed();
    bytes[wrong * STRIDE] ^= 1;
    const chunk = bytes.slice(wrong * STRIDE, (wrong + 1) * STRIDE);
    const [reply] = subject.send(batch(bytes, true, false));
    assert.equal(reply.bytes.length, wrong * CHUNK);
    assert.ok(reply.bytes.every((byte) => byte === 0x41));
    assert.deepEqual(reply.refused, chunk);
    assert.equal(reply.more, wrong < COUNT - 1);
    assert.ok(wiped(subject, bytes));
  });

describe("a key is wiped", () => {
  for (const [what, fault, failed] of [
    ["that was taken", {}, undefined],
    ["that was refused", { name: "chunksStart", how: () => -16 }, -16],
    ["at a trap", { name: "chunksStart", how: trap }, 0],
    ["where there is no memory", { name: "chunksReserve", how: () => 0 }, -20],
  ])
    test(what, () => {
      const subject = worker(fault);
      const message = begin();
      const replies = subject.send(message);
      assert.ok(isZero(message.key));
      if (failed === undefined) assert.deepEqual(replies, []);
      else {
        assert.deepEqual(replies, [{ file: FILE, failed }]);
        assert.ok(subject.memories.every(overwritten));
      }
    });

  test("of a file that is begun again", () => {
    const subject = worker();
    subject.send(begin());
    subject.send(begin());
    const [first, second] = subject.memories;
    assert.ok(overwritten(first) && !overwritten(second));
  });
});
