/**
 * A Node process of its own for a script that reports what it saw: with its own flags, its own
 * memory, and an end of its own.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * Runs a script that calls `report()` once.
 *
 * @returns what it reported, and how many milliseconds later it ended by itself.
 */
export async function runChild(url, { args = [], flags = [], timeoutMs = 120_000 } = {}) {
  const child = spawn(process.execPath, [...flags, fileURLToPath(url), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), timeoutMs);
  let report;
  let reportedAt;
  createInterface({ input: child.stdout }).on("line", (line) => {
    report = JSON.parse(line);
    reportedAt = performance.now();
  });
  let complaints = "";
  child.stderr.on("data", (text) => void (complaints += text));
  const [status, signal] = await once(child, "close");
  clearTimeout(timer);
  if (status !== 0 || report === undefined)
    throw new Error(
      `${url} ${args.join(" ")} ended with ${signal ?? status}, and ${report ? "reported" : "reported nothing"}:\n${complaints}`,
    );
  return { report, msToExit: performance.now() - reportedAt };
}

/** In the child: its last word. */
export function report(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
