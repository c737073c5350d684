/** Whatever ends the command, nothing half done is left behind. */
import { constants } from "node:os";

/** Those that end a program, and that it may hear of: Ctrl-\\ and a limit of time among them. */
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGXCPU"] as const;
type Signal = (typeof SIGNALS)[number];

const cleanUps = new Set<() => void>();

/**
 * Has `cleanUp` called at the end, however that comes about, unless what this returns is called
 * before. It must be synchronous.
 */
export function atEnd(cleanUp: () => void): () => void {
  cleanUps.add(cleanUp);
  return () => void cleanUps.delete(cleanUp);
}

function cleanUpAll(): void {
  // The last that was made goes first: a terminal gets its echo back before anything can fail.
  for (const cleanUp of [...cleanUps].reverse()) {
    cleanUps.delete(cleanUp);
    try {
      cleanUp();
    } catch {
      // The others still have their turn.
    }
  }
}

export function watchEndings(): void {
  process.on("exit", cleanUpAll);
  for (const signal of SIGNALS)
    if (signal in constants.signals) process.on(signal, () => interrupt(signal));
  // A file that reaches the user's limit must fail as a write does, with a message, instead of
  // killing the process.
  if (process.platform !== "win32") process.on("SIGXFSZ", () => undefined);
}

/** Milliseconds that a signal may take. */
const PATIENCE_MS = 1000;

/** Ends as the signal would have ended it, so that the shell sees what happened. */
export function interrupt(signal: Signal): void {
  cleanUpAll();
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  // The first process of a container hears no signal whose listeners are gone.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PATIENCE_MS);
  process.exit(128 + (constants.signals[signal] ?? 0));
}
