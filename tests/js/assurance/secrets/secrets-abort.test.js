/**
 * Where there are no workers a stream's derivation is given up between two slices: scrypt's table
 * and the passphrase are wiped then too.
 */
import "../../lib/no-workers.js";
import { atCall, holds } from "../lib/instances.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  encrypt,
} from "age-rt-wasm";
import { until } from "../../lib/wait.js";
import { firstBlocks } from "../lib/scrypt-blocks.js";

/** Several turns of the event loop, on any machine. */
const WORK = { workFactor: 15 };
/** As every stride keeps them. */
const KEPT = 4;

let count = 0;
const newPassphrase = () => `passphrase number ${(count += 1)} of ${process.pid}`;

/** A file, and the first blocks that scrypt makes of its salt. */
async function fileOf(passphrase, format) {
  const bytes = await encrypt("attack at dawn", passphrase, { ...WORK, format });
  const [, salt] = /-> scrypt (\S+)/.exec(Buffer.from(bytes).toString("latin1"));
  return {
    bytes,
    blocks: firstBlocks(
      passphrase,
      Buffer.concat([Buffer.from("age-encryption.org/v1/scrypt"), Buffer.from(salt, "base64")]),
      2 * KEPT + 1,
    ),
  };
}

const ENDINGS = {
  "its signal": ({ controller }) => controller.abort(new Error("the end")),
  "cancel()": ({ reader }) => void reader.cancel(new Error("the end")),
  "abort()": ({ writer }) => void writer.abort(new Error("the end")).catch(() => undefined),
};

for (const [format, Decrypt] of [
  ["age", AgeDecryptStream],
  ["age-rt", AgeRtDecryptStream],
]) {
  describe(`${format}: what a decrypt stream's derivation worked on is gone after`, () => {
    for (const [name, end] of Object.entries(ENDINGS)) {
      test(name, async () => {
        const passphrase = newPassphrase();
        const { bytes, blocks } = await fileOf(passphrase, format);
        const parts = [0, KEPT, 2 * KEPT].map((index) => blocks[index].subarray(0, 64));
        assertGone(passphrase, parts, "before it begins");
        const controller = new AbortController();
        const stream = new Decrypt(passphrase, { signal: controller.signal });
        const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
        const ended = Promise.allSettled([writer.write(bytes), writer.closed, reader.closed]);
        await interrupted(passphrase, parts, () => end({ controller, reader, writer }));
        await ended;
      });
    }

    test("a listener of its progress that throws", async () => {
      const passphrase = newPassphrase();
      const { bytes, blocks } = await fileOf(passphrase, format);
      const parts = [blocks[0].subarray(0, 64)];
      let ends = false;
      const stream = new Decrypt(passphrase, {
        onDerivation: () => {
          if (ends) throw new Error("the end");
        },
      });
      const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
      const ended = Promise.allSettled([writer.write(bytes), writer.closed, reader.closed]);
      await interrupted(passphrase, parts, () => (ends = true));
      await ended;
    });
  });
}

for (const [format, Encrypt] of [
  ["age", AgeEncryptStream],
  ["age-rt", AgeRtEncryptStream],
]) {
  describe(`${format}: what an encrypt stream's derivation worked on is gone after`, () => {
    for (const [name, end] of Object.entries(ENDINGS)) {
      test(name, async () => {
        const passphrase = newPassphrase();
        const controller = new AbortController();
        const stream = new Encrypt(passphrase, { ...WORK, signal: controller.signal });
        const [reader, writer] = [stream.readable.getReader(), stream.writable.getWriter()];
        const ended = Promise.allSettled([
          writer.write(new Uint8Array(1)),
          writer.closed,
          reader.closed,
        ]);
        // Its salt is nobody's to know before the header is out: the passphrase is what can be
        // looked for.
        await interrupted(passphrase, [], () => end({ controller, reader, writer }));
        await ended;
      });
    }
  });
}

/** Ends the derivation in the first turn that it leaves to others, when its blocks are there. */
async function interrupted(passphrase, parts, end) {
  let found;
  const steps = new Promise((resolve) => {
    const looked = atCall("kdfStep", () =>
      setImmediate(() => {
        found = [Buffer.from(passphrase), ...parts].map(holds);
        looked();
        end();
        resolve();
      }),
    );
  });
  await steps;
  assert.ok(
    found.every(Boolean),
    `while it runs: the passphrase, and blocks of the table: ${found}`,
  );
  await until(() => ![Buffer.from(passphrase), ...parts].some(holds));
}

function assertGone(passphrase, parts, when) {
  for (const bytes of [Buffer.from(passphrase), ...parts]) assert.ok(!holds(bytes), when);
}
