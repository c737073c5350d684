/**
 * What the package's README shows can be pasted into a strict project. tests/js/docs/types.test.js
 * has the doc comments too.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { blocksIn } from "../docs/lib/blocks.js";
import { complaints } from "../docs/lib/compile.js";
import { root } from "../lib/repository.js";

const readme = readFileSync(join(root, "node_modules", "age-rt-wasm", "README.md"), "utf8");

test("the README of the package", () => {
  const { compiled, found } = complaints(blocksIn("README.md", readme), "fault-types");
  assert.ok(compiled > 5, `${compiled} examples`);
  assert.deepEqual(found, []);
});
