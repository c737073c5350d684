/** What a program and everything that it started take together. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

const KIB = 1024;
const ON_LINUX = process.platform === "linux";

/**
 * Resident memory of a process and its descendants, in bytes. On Linux what several share is
 * counted once, and pages of files not at all: their share changes with whatever else runs the same
 * program. Elsewhere everything counts, once for each.
 */
export function treeMemory(root) {
  const processes = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" })
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number));
  let sum = 0;
  const add = (pid, rss) => {
    sum += ownShare(pid) ?? rss * KIB;
    for (const [child, parent, own] of processes) if (parent === pid) add(child, own);
  };
  add(root, 0);
  return sum;
}

function ownShare(pid) {
  let text;
  try {
    text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  } catch {
    // It has ended since it was listed.
    return ON_LINUX ? 0 : undefined;
  }
  const kib = (name) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, "m").exec(text)[1]);
  return (kib("Pss") - kib("Pss_File")) * KIB;
}
