/** The figures of SECURITY.md that only long runs tell: with the commit and the day of the run. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, output, root } from "./run.mjs";

const PATH = join(root, "SECURITY.md");

/** Writes the row of `run`, a command, where the caller was started with `--write`. */
export function writeFigure(run, found) {
  if (!process.argv.includes("--write")) return;
  const commit = output("git", ["rev-parse", "--short=7", "HEAD"]);
  if (output("git", ["status", "--porcelain", "--", "src", "js", "tests"]) !== "")
    throw new Failure(`The tree is not that of ${commit}: commit it, and run again`);
  const day = new Date().toISOString().slice(0, 10);
  const text = readFileSync(PATH, "utf8");
  const start = `| \`${run}\` |`;
  const lines = text.split("\n");
  const at = lines.findIndex((line) => line.startsWith(start));
  if (at < 0) throw new Failure(`SECURITY.md has no row ${start}`);
  lines[at] = `${start} ${commit}, ${day} | ${found} |`;
  writeFileSync(PATH, lines.join("\n"));
}

/** "2029 of 2034 lines, 99.8 %". */
export function lines({ covered, total }) {
  return `${covered} of ${total} lines, ${((100 * covered) / total).toFixed(1)} %`;
}
