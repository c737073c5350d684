/** The runtimes, as npm installed them, and what a program prints in one. */
import { execFile } from "node:child_process";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { project } from "./project.mjs";

const folder = project("runtimes");
const installed = join(folder, "node_modules");

export const nodes = Object.fromEntries(
  [20, 22, 24].map((major) => [major, join(installed, `node-${major}`, "bin", "node")]),
);
export const bun = join(installed, "@oven", "bun-linux-x64", "bin", "bun");
export const deno = join(installed, "@deno", "linux-x64-glibc", "deno");
export const workerd = join(installed, "@cloudflare", "workerd-linux-64", "bin", "workerd");
export const tsc = join(installed, "typescript", "bin", "tsc");

/**
 * Nothing of the user's, and nothing above the projects, which tools take for the end of a project.
 */
export const environment = {
  PATH: process.env.PATH,
  HOME: join(dirname(folder), "home"),
  NO_COLOR: "1",
  CI: "1",
  NEXT_TELEMETRY_DISABLED: "1",
};

/** What the program writes to its standard output. Rejects with all that it wrote if it fails. */
export async function output(program, args, cwd) {
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      cwd,
      maxBuffer: 2 ** 26,
      env: environment,
    });
    return stdout;
  } catch (error) {
    throw new Error(`${error.message}\n${error.stdout}`);
  }
}

/** What the program prints, as JSON. */
export async function printed(...call) {
  return JSON.parse(await output(...call));
}
