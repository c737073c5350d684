import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run.mjs";

/** Programs from npm that are none of the workspace's dependencies; where they lie. */
export function npmTools() {
  const home = join(root, "target", "assurance-tools");
  mkdirSync(home, { recursive: true });
  for (const name of ["package.json", "package-lock.json"])
    cpSync(join(root, "tests", "tools", name), join(home, name));
  run("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--silent"], { cwd: home });
  return join(home, "node_modules", ".bin");
}
