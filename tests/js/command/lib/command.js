/**
 * The command of the installed package, run as a shell runs it: with pipes, with files, and at a
 * terminal.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFile, spawn } from "node:child_process";
import { promisify } from "node:util";
import { fileURLToPath } from "node:url";
import { python, root } from "../../lib/repository.js";

const script = fileURLToPath(new URL("terminal.py", import.meta.url));
const LIMIT_MS = 120_000;

/** The program, as npm links it. */
export const COMMAND = join(root, "node_modules", "age-rt-wasm", "dist", "command.js");

/** A passphrase for scripts, at the lowest work factor. */
export const PASSPHRASE = "correct horse battery staple";
export const BATCH = { AGE_PASSPHRASE: PASSPHRASE, AGE_PASSPHRASE_WORK_FACTOR: "1" };

/** What the tests themselves were started with must not reach the command. */
function environment(env) {
  const clean = { ...process.env, PINENTRY_PROGRAM: "no-pinentry-here", ...env };
  for (const name of Object.keys(clean))
    if (name.startsWith("AGE_PASSPHRASE") && !(name in env)) delete clean[name];
  return clean;
}

/** A folder of its own for a test, taken away afterwards. */
export async function folder(t) {
  const path = await mkdtemp(join(tmpdir(), "age-rt-wasm-command-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/**
 * Runs a program without a terminal.
 *
 * @param options - `open` leaves standard input to `started`, which is called with the process.
 * @returns the bytes that it wrote, what it said, and how it ended.
 */
export async function run(command, { cwd, input = "", env = {}, open = false, started } = {}) {
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd,
    env: environment(env),
    // A session of its own has no terminal, whoever runs the tests.
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  // All that a shell has started.
  const timer = setTimeout(() => process.kill(-child.pid, "SIGKILL"), LIMIT_MS);
  const parts = [];
  let said = "";
  child.stdout.on("data", (part) => parts.push(part));
  child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
  child.stdin.on("error", () => undefined);
  if (!open) child.stdin.end(input);
  const acting = started?.(child);
  const [status, by] = await new Promise((resolve, reject) =>
    child.on("error", reject).on("close", (...ending) => resolve(ending)),
  );
  clearTimeout(timer);
  await acting;
  return { status: status ?? by, out: Buffer.concat(parts), said };
}

/** Runs our command. */
export function ours(args, options) {
  return run([process.execPath, COMMAND, ...args], options);
}

/** Runs a program that must succeed. @returns the bytes that it wrote. */
export async function done(running) {
  const { status, out, said } = await running;
  assert.equal(status, 0, said);
  return out;
}

/**
 * Runs our command, which must fail with one line on standard error, and maybe a hint.
 *
 * @returns that line.
 */
export async function refused(args, { exitCode = 1, ...options } = {}) {
  const { status, said, out } = await ours(args, options);
  assert.match(said, /^age-rt-wasm: error: .+\n(age-rt-wasm: hint: .+\n)?$/);
  assert.equal(status, exitCode, said);
  return { said, out };
}

/**
 * Runs a program at a terminal and types what a person types.
 *
 * @param steps - [what to wait for (a regular expression of Python's), what to type, what to run in
 * a shell while the program stands still].
 */
export async function atTerminal(command, steps = [], { cwd = root, env = {} } = {}) {
  const task = {
    command,
    cwd,
    env,
    steps: steps.map(([wait, type, run = ""]) => ({ wait, type, run })),
  };
  const { stdout } = await promisify(execFile)(python(), [script, JSON.stringify(task)], {
    env: environment(env),
    maxBuffer: 2 ** 26,
  });
  const result = JSON.parse(stdout);
  assert.deepEqual(result.left, [], `it did not ask: ${result.said}`);
  return result;
}

export function oursAtTerminal(args, steps, options) {
  return atTerminal([process.execPath, COMMAND, ...args], steps, options);
}

/** Our command as a word of a shell's command line. */
export const SHELL = `'${process.execPath}' '${COMMAND}'`;
