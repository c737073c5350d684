/**
 * NODE_OPTIONS=--require is for the program: an agent that throws in the derivation's worker would
 * move scrypt to the calling thread.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-agent-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/**
 * Runs a module beside this one, which finds the package by its name.
 *
 * @returns what it printed, as { stdout, stderr }
 */
async function run(code, { NODE_OPTIONS = "", flags = [] }) {
  const { NODE_TEST_CONTEXT, ...env } = process.env;
  return promisify(execFile)(process.execPath, [...flags, "--input-type=module", "-e", code], {
    cwd: dirname(fileURLToPath(import.meta.url)),
    env: { ...env, NODE_OPTIONS },
    timeout: 60_000,
  });
}

const THREE_KEYS = `
  import { AgeEncoder } from "age-rt-wasm";
  for (let i = 0; i < 3; i += 1) (await AgeEncoder.create("a passphrase", { workFactor: 9 })).free();
  console.log("done");`;

test("an agent is not run in a worker, and the worker derives", async () => {
  const agent = join(folder, "agent.cjs");
  writeFileSync(
    agent,
    `const { isMainThread } = require("node:worker_threads");
     if (!isMainThread) { require("node:fs").writeSync(2, "agent in a worker\\n"); throw new Error("agent"); }`,
  );
  const { stdout, stderr } = await run(THREE_KEYS, { NODE_OPTIONS: `--require ${agent}` });
  assert.equal(stdout, "done\n");
  assert.equal(stderr, "");
});

test("where no worker can be had it is said once", async () => {
  const without = `
    const threads = process.getBuiltinModule("node:worker_threads");
    threads.Worker = class { constructor() { throw new Error("refused"); } };`;
  const { stdout, stderr } = await run(
    `${without}
     const { AgeEncoder } = await import("age-rt-wasm");
     for (let i = 0; i < 3; i += 1) (await AgeEncoder.create("a passphrase", { workFactor: 9 })).free();
     console.log("done");`,
    {},
  );
  assert.equal(stdout, "done\n");
  assert.equal(stderr.match(/AGE_RT_NO_WORKER/g)?.length, 1, stderr);
  assert.match(stderr, /calling thread/);
});

test("where a worker works nothing is said", async () => {
  const { stdout, stderr } = await run(THREE_KEYS, {});
  assert.deepEqual({ stdout, stderr }, { stdout: "done\n", stderr: "" });
});
