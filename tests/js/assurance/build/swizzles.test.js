/** The build changes the compiled module's byte shuffles: what it computes must stay as it was. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import binaryen from "binaryen";
import { withSwizzles } from "../../../../js/tooling/build/swizzles.mjs";
import { root } from "../../lib/repository.js";

const BY_8 = "3 0 1 2 7 4 5 6 11 8 9 10 15 12 13 14";
const BY_16 = "2 3 0 1 6 7 4 5 10 11 8 9 14 15 12 13";

/** A module that shuffles 16 bytes from address 0 to address 16, in ways that are or are not to be changed, one inside of another. */
function shuffling(patterns) {
  const [first, second, third] = patterns.map((pattern) => pattern.join(" "));
  const module = binaryen.parseText(`(module
    (memory (export "memory") 1)
    (func (export "run") (local $v v128) (local $w v128)
      (local.set $v (v128.load (i32.const 0)))
      (local.set $w (i8x16.shuffle ${first} (local.tee $v (i8x16.shuffle ${second} (local.get $v) (local.get $w))) (local.get $v)))
      (v128.store (i32.const 16) (v128.xor (local.get $v) (i8x16.shuffle ${third} (i8x16.shuffle ${BY_8} (local.get $w) (local.get $v)) (local.get $v))))))`);
  module.setFeatures(binaryen.Features.SIMD128);
  const bytes = module.emitBinary();
  module.dispose();
  return bytes;
}

function run(bytes, input) {
  const { memory, run } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  new Uint8Array(memory.buffer).set(input);
  run();
  return Buffer.from(memory.buffer, 16, 16).toString("hex");
}

const shuffles = (bytes) => {
  const module = binaryen.readBinary(bytes);
  const found = [...module.emitText().matchAll(/i8x16\.shuffle ((?:\d+ ){15}\d+)/g)].map(
    ([, list]) => list.split(" ").map(Number),
  );
  module.dispose();
  return found;
};

describe("a module with swizzles for its shuffles", () => {
  test("computes what it did", () => {
    for (let round = 0; round < 300; round += 1) {
      const seed = randomBytes(64);
      // Of one vector, of one or two, and of whole words.
      const patterns = [
        [...seed.subarray(0, 16)].map((byte) => byte % 16),
        [...seed.subarray(16, 32)].map((byte) => byte % (round % 2 ? 16 : 32)),
        [4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11],
      ];
      const before = shuffling(patterns);
      const after = withSwizzles(before);
      assert.ok(shuffles(after).length < shuffles(before).length);
      assert.equal(
        run(after, seed.subarray(48)),
        run(before, seed.subarray(48)),
        `seed ${seed.toString("hex")}`,
      );
    }
  });

  test("is refused if nothing in it was changed", () => {
    const module = binaryen.parseText("(module)");
    const bytes = module.emitBinary();
    module.dispose();
    assert.throws(() => withSwizzles(bytes));
  });

  test("is what is shipped: no rotation of ChaCha20 is a shuffle any more", () => {
    const lists = shuffles(
      readFileSync(join(root, "node_modules", "age-rt-wasm", "dist", "age_rt.wasm")),
    ).map((list) => list.join(" "));
    assert.ok(lists.length > 0, "transposing takes shuffles");
    for (const rotation of [BY_8, BY_16]) assert.ok(!lists.includes(rotation));
  });
});
