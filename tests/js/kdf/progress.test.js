/** Whoever waits for a derivation hears how far it is, with workers and without. */
import { workers } from "../lib/workers.js";
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  configure,
  decrypt,
  encrypt,
  passphraseIdentity,
} from "age-rt-wasm";
import { runChild } from "../lib/child.js";
import { until } from "../lib/wait.js";

const PASSPHRASE = "a passphrase";

function assertRises(fractions, between) {
  assert.equal(fractions[0], 0);
  assert.equal(fractions.at(-1), 1);
  assert.ok(fractions.every((fraction, i) => i === 0 || fraction >= fractions[i - 1]));
  assert.ok(fractions.length - 2 >= between, `${fractions.length} were told`);
}

function heard() {
  const fractions = [];
  return { fractions, onDerivation: (fraction) => fractions.push(fraction) };
}

test("with a worker it rises from 0 to 1, ten times a second", async () => {
  const encrypting = heard();
  // The processor's time: a worker that waits for it among others has nothing to tell.
  const start = process.cpuUsage();
  const wire = await encrypt("text", PASSPHRASE, { onDerivation: encrypting.onDerivation });
  const { user, system } = process.cpuUsage(start);
  const tenths = Math.floor((user + system) / 100_000);
  // The start of the worker is in that time too: half of it is enough here.
  assertRises(encrypting.fractions, Math.floor(tenths / 2));
  const decrypting = heard();
  await decrypt(wire, PASSPHRASE, { onDerivation: decrypting.onDerivation });
  assertRises(decrypting.fractions, 1);
});

test("without one it does so too", async () => {
  const { report } = await runChild(new URL("children/progress.js", import.meta.url));
  assertRises(report.fractions, 2);
});

test("a derivation that is made on the spot begins and ends", async () => {
  const { fractions, onDerivation } = heard();
  await encrypt("text", PASSPHRASE, { workFactor: 1, onDerivation });
  assert.deepEqual(fractions, [0, 1]);
});

test("nothing is told while it waits for another", async () => {
  configure({ concurrency: 1 });
  let firstIsOver = false;
  const first = encrypt("text", PASSPHRASE).then(() => (firstIsOver = true));
  let toldEarly = false;
  const second = encrypt("text", PASSPHRASE, {
    workFactor: 12,
    onDerivation: () => (toldEarly ||= !firstIsOver && workers.running > 1),
  });
  await Promise.all([first, second]);
  assert.equal(toldEarly, false);
});

test("several passphrases are parts of one way", async () => {
  const wire = await encrypt("text", PASSPHRASE, { workFactor: 10 });
  for (const [position, expected] of [
    [0, [0, 1 / 3, 1]],
    [2, [0, 1 / 3, 2 / 3, 1]],
  ]) {
    const keys = ["wrong", "wrong too", "wrong as well"];
    keys[position] = PASSPHRASE;
    const { fractions, onDerivation } = heard();
    await decrypt(
      wire,
      keys.map((key) => passphraseIdentity(key)),
      { onDerivation },
    );
    assertRises(fractions, 1);
    for (const fraction of expected) assert.ok(fractions.includes(fraction), `${fraction}`);
  }
});

test("without a passphrase nothing is told", async () => {
  const fileKeys = [];
  const recipient = {
    wrapFileKey: (fileKey) => {
      fileKeys.push(fileKey.slice());
      return [{ args: ["test"], body: new Uint8Array(0) }];
    },
  };
  const { fractions, onDerivation } = heard();
  const wire = await encrypt("text", recipient, { onDerivation });
  await decrypt(wire, { unwrapFileKey: () => fileKeys[0] }, { onDerivation });
  assert.deepEqual(fractions, []);
});

for (const workFactor of [1, 16]) {
  for (const at of [0, 1]) {
    describe(`what it throws at ${at}, of work factor ${workFactor}`, () => {
      const reason = new Error("not now");
      const onDerivation = (fraction) => {
        if (fraction === at) throw reason;
      };

      test("is the error of a stream that encrypts", async () => {
        for (const Stream of [AgeEncryptStream, AgeRtEncryptStream]) {
          const { readable } = new Stream(PASSPHRASE, { workFactor, onDerivation });
          await assert.rejects(readable.getReader().read(), (error) => error === reason);
        }
      });

      test("is the error of a stream that decrypts, and of one call", async () => {
        const wire = await encrypt("text", PASSPHRASE, { workFactor });
        const file = new Blob([wire]).stream();
        const decrypted = file.pipeThrough(new AgeDecryptStream(PASSPHRASE, { onDerivation }));
        await assert.rejects(decrypted.getReader().read(), (error) => error === reason);
        await assert.rejects(
          decrypt(wire, PASSPHRASE, { onDerivation }),
          (error) => error === reason,
        );
        await until(() => workers.alive === 0);
      });
    });
  }
}

test("it belongs to the encoder that derives, not to its stream", async () => {
  const { fractions, onDerivation } = heard();
  const encoder = await AgeEncoder.create(PASSPHRASE, { workFactor: 10, onDerivation });
  assertRises(fractions, 0);
  assert.throws(() => new AgeEncryptStream(encoder, { onDerivation }), TypeError);
  encoder.free();
});

test("it is a function", () => {
  for (const Stream of [AgeEncryptStream, AgeDecryptStream, AgeRtDecryptStream])
    assert.throws(() => new Stream(PASSPHRASE, { onDerivation: "often" }), TypeError);
});
