/** A reader that stops stops the source, or a slow disk would fill the memory. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
} from "age-rt-wasm";
import { through } from "../lib/streams.js";

const PASSPHRASE = "a passphrase";
const LOW = { workFactor: 1 };
const CHUNK = new Uint8Array(65_536);
const CHUNKS = 200;
const READ = 5;
/**
 * Chunks that may be under way: one in each queue of the pair, of the pipe and of the source, and
 * some for the framing.
 */
const UNDER_WAY = 8;

const encrypted = {
  age: await through(Array(CHUNKS).fill(CHUNK), new AgeEncryptStream(PASSPHRASE, LOW)),
  "age-rt": await through(Array(CHUNKS).fill(CHUNK), new AgeRtEncryptStream(PASSPHRASE, LOW)),
};

const cases = [
  ["AgeEncryptStream", Array(CHUNKS).fill(CHUNK), () => new AgeEncryptStream(PASSPHRASE, LOW)],
  ["AgeRtEncryptStream", Array(CHUNKS).fill(CHUNK), () => new AgeRtEncryptStream(PASSPHRASE, LOW)],
  ["AgeDecryptStream", encrypted.age, () => new AgeDecryptStream(PASSPHRASE)],
  ["AgeRtDecryptStream", encrypted["age-rt"], () => new AgeRtDecryptStream(PASSPHRASE)],
  ["AgeAutoDecryptStream", encrypted.age, () => new AgeAutoDecryptStream(PASSPHRASE)],
];

describe("a reader that stops stops the source", () => {
  for (const [name, pieces, make] of cases) {
    test(name, async (t) => {
      const { source, given } = counted(pieces);
      const reader = source.pipeThrough(make()).getReader();
      for (let i = 0; i < READ; i += 1) await reader.read();
      await settled(given);
      t.diagnostic(`${READ} chunks read, ${given()} taken`);
      assert.ok(given() <= READ + UNDER_WAY);
      await reader.cancel();
    });

    test(`${name}, never read`, async (t) => {
      const { source, given } = counted(pieces);
      const { readable } = piped(source, make());
      await settled(given);
      t.diagnostic(`${given()} taken`);
      assert.ok(given() <= UNDER_WAY);
      await readable.cancel();
    });
  }

  test("and one that goes on gets the rest", async () => {
    const { source, given } = counted(Array(CHUNKS).fill(CHUNK));
    const reader = source
      .pipeThrough(new AgeRtEncryptStream(PASSPHRASE, LOW))
      .pipeThrough(new AgeRtDecryptStream(PASSPHRASE))
      .getReader();
    for (let i = 0; i < READ; i += 1) await reader.read();
    await settled(given);
    let count = READ;
    while (!(await reader.read()).done) count += 1;
    assert.equal(count, CHUNKS);
  });

  test("one large piece of ciphertext gives a chunk a read", async () => {
    const whole = new Uint8Array(Buffer.concat(encrypted.age));
    const { readable, writable } = new AgeDecryptStream(PASSPHRASE);
    const writer = writable.getWriter();
    let accepted = false;
    writer.write(whole).then(
      () => (accepted = true),
      () => undefined,
    );
    const reader = readable.getReader();
    for (let i = 0; i < READ; i += 1) await reader.read();
    await pause(100);
    assert.equal(accepted, false);
    await reader.cancel();
  });
});

function counted(pieces) {
  let at = 0;
  const source = new ReadableStream(
    {
      pull(controller) {
        if (at < pieces.length) controller.enqueue(pieces[at++]);
        else controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return { source, given: () => at };
}

/** The pair with its pipe running; what the pipe ends with is for the reader to see. */
function piped(source, pair) {
  source.pipeTo(pair.writable).catch(() => undefined);
  return pair;
}

/** Waits until the count has not changed for a while. */
async function settled(count) {
  for (let last = -1; last !== count();) {
    last = count();
    await pause(200);
  }
}
