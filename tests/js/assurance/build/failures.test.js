/** A long run repeats at its end what failed: `failures` finds it in what a program printed. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { failures } from "../../../../js/tooling/lib/failures.mjs";

test("of Node's tests: the failed one with its message, and no other", () => {
  const folder = mkdtempSync(join(tmpdir(), "failures-"));
  try {
    const file = join(folder, "two.test.mjs");
    writeFileSync(
      file,
      `import { test } from "node:test";
test("which holds", () => {});
test("which does not", () => { throw new Error("the message"); });`,
    );
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { stdout } = spawnSync("node", ["--test", "--test-reporter=spec", file], {
      encoding: "utf8",
      env,
    });
    const text = failures(stdout);
    assert.match(text, /which does not/);
    assert.match(text, /the message/);
    assert.doesNotMatch(text, /which holds/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("of the browsers' tests", () => {
  const text = failures(
    "ok a: b\nnot ok c: d\n  Error: the message\nok e: f\n2 passed, 1 failed\n",
  );
  assert.equal(text, "not ok c: d\n  Error: the message");
});

test("of cargo's", () => {
  const text = failures(
    "test a ... ok\ntest b ... FAILED\n\nfailures:\n\n---- b stdout ----\npanicked at src/lib.rs:1\n",
  );
  assert.match(text, /test b \.\.\. FAILED/);
  assert.match(text, /panicked at src\/lib\.rs:1/);
  assert.doesNotMatch(text, /test a/);
});

test("of a program that names no test: its last lines", () => {
  const lines = Array.from({ length: 100 }, (_, i) => `line ${i}`);
  assert.equal(failures(lines.join("\n")), lines.slice(70).join("\n"));
});
