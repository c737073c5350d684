/** The age tools ask for a passphrase at a terminal and nowhere else. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { python } from "../../lib/repository.js";

const script = fileURLToPath(new URL("terminal.py", import.meta.url));

/**
 * Runs a program that asks for secrets and types the answers. Throws, with what it said, if it
 * fails.
 *
 * @returns the seconds that it ran.
 */
export async function atTerminal(command, answers) {
  try {
    // PINENTRY_PROGRAM: rage would ask in a window where there is a program for that; no program is
    // called so.
    const { stdout } = await promisify(execFile)(python(), [script, ...answers, "--", ...command], {
      env: { ...process.env, PINENTRY_PROGRAM: "no-pinentry-here" },
    });
    return Number(stdout.split("\n").at(-1));
  } catch (error) {
    throw new Error(`${command.join(" ")} failed and said:\n${error.stdout}${error.stderr}`, {
      cause: error,
    });
  }
}
