/** The runtimes, as npm installed them, and what a program prints in one. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { project } from "../project.mjs";

const installed = join(project("runtimes"), "node_modules");

export const nodes = Object.fromEntries([20, 22, 24].map((major) => [major, join(installed, `node-${major}`, "bin", "node")]));
export const bun = join(installed, "@oven", "bun-linux-x64", "bin", "bun");
export const deno = join(installed, "@deno", "linux-x64-glibc", "deno");
export const workerd = join(installed, "@cloudflare", "workerd-linux-64", "bin", "workerd");
export const tsc = join(installed, "typescript", "bin", "tsc");

/** What the program writes to its standard output. Rejects with all that it wrote if it fails. */
export async function output(program, args, cwd) {
  try {
    const { stdout } = await promisify(execFile)(program, args, { cwd, maxBuffer: 2 ** 26, env: { PATH: process.env.PATH, HOME: cwd, NO_COLOR: "1" } });
    return stdout;
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}`);
  }
}

/** What the program prints, as JSON. */
export async function printed(...call) {
  return JSON.parse(await output(...call));
}
