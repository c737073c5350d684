/** Starting other programs, and saying what went wrong in a way a person can act on. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
/** What setup installs for this checkout alone. */
export const tools = join(root, "target", "tools");

export class Failure extends Error {}

const env = { ...process.env, PATH: `${join(tools, "bin")}${delimiter}${process.env.PATH}` };

/** Runs a program and shows what it prints. Throws if it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: "inherit",
    ...options,
    env: { ...env, ...options.env },
  });
  if (error) throw new Failure(`${command} could not be started: ${error.message}`);
  if (status !== 0) throw new Failure(`${command} ${args.join(" ")} failed with status ${status}`);
}

/** What a program prints, or undefined if it is not there or fails. */
export function output(command, args, options = {}) {
  const { status, stdout } = spawnSync(command, args, {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    ...options,
    env,
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** The first of the programs that is there, as a path. */
export function which(...names) {
  for (const name of names) {
    for (const dir of env.PATH.split(delimiter)) {
      const path = join(dir, name);
      if (existsSync(path)) return path;
    }
  }
  return undefined;
}

/** Ends the process with the message alone where a person, not a programmer, must act. */
export function main(task) {
  task().catch((error) => {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exit(1);
  });
}
