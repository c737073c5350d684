/**
 * What scrypt takes is what it may take, and is given back at once: WebAssembly memory never
 * shrinks, its instance must go.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { configure, decrypt, encrypt } from "age-rt-wasm";
import { runChild } from "../lib/child.js";

const MIB = 2 ** 20;
const MAX_LEFT = 48 * MIB;

/** What a derivation takes beside scrypt's table: a worker, an instance. */
const MAX_BESIDE = 40 * MIB;

for (const [args, scrypt] of [
  [[], 128],
  [["64"], 64],
  [["256"], 256],
  [["1000"], 256],
]) {
  describe(`the standard derivation, ${args[0] ? `allowed ${args[0]} MiB` : "by itself"}`, () => {
    const seen = runChild(new URL("children/memory.js", import.meta.url), { args });

    test(`takes ${scrypt} MiB`, async (t) => {
      const { before, peak } = (await seen).report;
      t.diagnostic(`before: ${mib(before)} MiB, peak: ${mib(peak)} MiB`);
      assert.ok(peak - before > 0.9 * scrypt * MIB, "the derivation was not seen");
      assert.ok(peak - before < scrypt * MIB + MAX_BESIDE);
    });

    test("has given it back two seconds later", async (t) => {
      const { before, after } = (await seen).report;
      t.diagnostic(`before: ${mib(before)} MiB, after: ${mib(after)} MiB`);
      assert.ok(after - before <= MAX_LEFT);
    });
  });
}

test("what needs more than it may take, even at a quarter, fails at once", async () => {
  configure({ memory: 2 * MIB });
  await assert.rejects(encrypt("text", "a passphrase", { workFactor: 14 }), {
    code: "out-of-memory",
    message: "The key needs 4 MiB: allow as much with configure({ memory })",
  });
  const wire = await encrypt("text", "a passphrase", { workFactor: 13 });
  configure({ memory: MIB });
  await assert.rejects(decrypt(wire, "a passphrase"), { code: "out-of-memory" });
  configure({ memory: 8 * MIB });
  assert.equal(new TextDecoder().decode(await decrypt(wire, "a passphrase")), "text");
});

for (const [memory, ErrorClass] of [
  ["1e9", TypeError],
  [null, TypeError],
  [0, RangeError],
  [256, RangeError],
  [2 ** 20 - 1, RangeError],
  [2 ** 20 + 0.5, RangeError],
  [Infinity, RangeError],
  [NaN, RangeError],
]) {
  test(`memory: ${memory} is refused`, () =>
    assert.throws(() => configure({ memory }), ErrorClass));
}

function mib(bytes) {
  return (bytes / MIB).toFixed(0);
}
