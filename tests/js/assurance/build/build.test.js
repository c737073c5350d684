/**
 * What a build leaves is what its sources make: a file that somebody has changed, removed or added
 * since is built anew.
 */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, describe, test } from "node:test";
import { step } from "../../../../js/tooling/build/build.mjs";
import { root } from "../../lib/repository.js";

const NAME = `test-${process.pid}`;
const folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-build-"));
const output = join(folder, "made");
const file = join(output, "file.js");
let runs = 0;

function build() {
  return step(NAME, ["LICENSE"], [output], () => {
    runs += 1;
    rmSync(output, { recursive: true, force: true });
    mkdirSync(output);
    writeFileSync(file, "made");
  });
}

describe("a step of the build", () => {
  beforeEach(async () => {
    await build();
    runs = 0;
  });
  after(() => {
    rmSync(folder, { recursive: true });
    rmSync(join(root, "target", "npm", `${NAME}.sha256`), { force: true });
  });

  test("does not run again while nothing has changed", async () => {
    await build();
    assert.equal(runs, 0);
  });

  for (const [how, tamper] of [
    ["changed", () => writeFileSync(file, "changed")],
    ["removed", () => rmSync(file)],
    ["added", () => writeFileSync(join(output, "more.js"), "more")],
  ]) {
    test(`runs again when an output was ${how}`, async () => {
      tamper();
      await build();
      assert.equal(runs, 1);
      assert.equal(readFileSync(file, "utf8"), "made");
    });
  }
});
