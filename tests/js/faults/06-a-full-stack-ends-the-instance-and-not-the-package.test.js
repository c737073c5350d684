/**
 * A call near the end of the stack traps in the module: whatever then fails once more, that
 * instance is given up, and the next one works.
 */
import { replace } from "../assurance/lib/instances.js";
import assert from "node:assert/strict";
import { test } from "node:test";
import { AgeEncoder, AgeRtDecoder, AgeRtError, decrypt, encrypt, init } from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const QUICK = { workFactor: 1 };

/** Calls with less and less of the stack left, from none on. */
function atTheEnd(call) {
  const outcomes = [];
  const down = () => {
    try {
      down();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    // On the way back each frame has a little more stack than the last.
    if (outcomes.length < 400) {
      try {
        outcomes.push({ value: call() });
      } catch (error) {
        outcomes.push({ error });
      }
    }
  };
  down();
  return outcomes;
}

for (const [name, make] of [
  [
    "an encoder",
    async () => {
      const encoder = await AgeEncoder.create(PASSPHRASE, QUICK);
      const chunk = new Uint8Array(65_536);
      return () => encoder.encodeChunk(chunk, false);
    },
  ],
  [
    "a decoder",
    async () => {
      const file = await encrypt("x", PASSPHRASE, { ...QUICK, format: "age-rt" });
      return () => {
        const decoder = new AgeRtDecoder(PASSPHRASE);
        for (const byte of file.subarray(0, 30)) decoder.feed(Uint8Array.of(byte));
        decoder.free();
      };
    },
  ],
]) {
  test(`${name}: every outcome is a value or an error, and afterwards all works again`, async () => {
    await init();
    const outcomes = atTheEnd(await make());
    assert.ok(outcomes.some(({ error }) => error));
    for (const { error } of outcomes)
      if (error && !(error instanceof RangeError)) {
        assert.ok(error instanceof AgeRtError, String(error));
        assert.ok(
          ["internal", "out-of-memory", "not-initialized"].includes(error.code),
          error.code,
        );
      }
    await init();
    const file = await encrypt("attack at dawn", PASSPHRASE, QUICK);
    assert.equal(new TextDecoder().decode(await decrypt(file, PASSPHRASE)), "attack at dawn");
  });
}

test("an instance whose clean-up fails as well is never called again, and is wiped later", async () => {
  await init();
  const decoder = new AgeRtDecoder(PASSPHRASE);
  const other = new AgeRtDecoder(PASSPHRASE);
  const full = () => {
    throw new RangeError("Maximum call stack size exceeded");
  };
  const restore = replace("decoder_advance", full);
  const { fill } = Uint8Array.prototype;
  Uint8Array.prototype.fill = full;
  try {
    assert.throws(() => decoder.feed(Uint8Array.of(97)));
  } finally {
    Uint8Array.prototype.fill = fill;
    restore();
  }
  for (const each of [decoder, other])
    assert.throws(() => each.feed(Uint8Array.of(97)), { code: "internal" });
  await new Promise((resolve) => setTimeout(resolve));
  await init();
  const file = await encrypt("attack at dawn", PASSPHRASE, QUICK);
  assert.equal(new TextDecoder().decode(await decrypt(file, PASSPHRASE)), "attack at dawn");
});
