/** Node processes of their own, for what is measured from outside or needs a memory of its own. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

export function childPath(name) {
  return fileURLToPath(new URL(`../children/${name}`, import.meta.url));
}

/** Runs a script of `children`, which prints one JSON value as its last line. */
export async function child(name, args = [], flags = []) {
  const { stdout } = await run(process.execPath, [...flags, childPath(name), ...args.map(String)], {
    maxBuffer: 2 ** 24,
  });
  const last = stdout.trim().split("\n").at(-1);
  return last ? JSON.parse(last) : undefined;
}
