#!/usr/bin/env node
/**
 * `npx age-rt-wasm`: the flags of age, on this package. A program of its own: no entry of the
 * library imports it.
 */
import { readFileSync } from "node:fs";
import { AgeRtError } from "../index.js";
import { parse } from "./arguments.js";
import { decrypt, encrypt } from "./crypt.js";
import { watchEndings } from "./ending.js";
import { EXIT, Failure } from "./failure.js";
import { HELP } from "./help.js";
import { inspect } from "./inspect.js";
import { keygen } from "./keygen.js";
import { openOutput } from "./output.js";
import { takeEnvironment } from "./passphrases.js";
import { printable } from "./printable.js";
import { rekey } from "./rekey.js";

const NAME = "age-rt-wasm";

async function main(): Promise<void> {
  // First, before anything is started that could be handed them.
  const environment = takeEnvironment();
  watchEndings();
  const given = parse(process.argv.slice(2));
  const request = { ...given, environment };
  if (given.flags.has("help") || process.argv.length === 2) return print(HELP[given.command]);
  if (given.flags.has("version")) return print(`${version()}\n`);
  switch (given.command) {
    case "keygen":
      return keygen(request);
    case "inspect":
      return inspect(request);
    case "rekey":
      return rekey(request);
    default:
      return given.flags.has("decrypt") ? decrypt(request) : encrypt(request);
  }
}

async function print(text: string): Promise<void> {
  const output = await openOutput(undefined, { force: false, binary: "yes" });
  await output.write(new TextEncoder().encode(text));
  await output.finish();
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

/** What a person is told, and what a script sees. */
function report(error: unknown): number {
  // Whoever read the output has seen enough, as after `| head`: other tools are killed without a
  // word.
  if ((error as { code?: unknown }).code === "EPIPE") return EXIT.brokenPipe;
  const { message } = Object(error) as { message?: unknown };
  const code = error instanceof AgeRtError ? ` [${error.code}]` : "";
  const lines = [`${NAME}: error: ${printable(String(message))}${code}`];
  if (error instanceof Failure && error.hint) lines.push(`${NAME}: hint: ${error.hint}`);
  process.stderr.write(`${lines.join("\n")}\n`);
  return error instanceof Failure ? error.exitCode : EXIT.failed;
}

main().then(
  () => process.exit(0),
  (error: unknown) => process.exit(report(error)),
);
