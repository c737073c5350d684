/** What a program and everything that it started take together. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const KIB = 1024;

/** Resident memory of a process and its descendants, in bytes. On Linux what several share is counted once, elsewhere once for each. */
export function treeMemory(root) {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  let sum = 0;
  const add = (pid, rss) => {
    sum += shared(pid) ?? rss * KIB;
    for (const [child, parent, own] of processes) if (parent === pid) add(child, own);
  };
  add(root, 0);
  return sum;
}

function shared(pid) {
  const path = `/proc/${pid}/smaps_rollup`;
  try {
    return existsSync(path) ? Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(path, "utf8"))[1]) * KIB : undefined;
  } catch {
    // It has ended since it was listed.
    return 0;
  }
}
