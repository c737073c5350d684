/**
 * The way to workers for chunks. What it takes is loaded when a stream asks for it, from a file of
 * its own.
 */
import { codeOf, plainError } from "../engine/core-errors.js";
import { builtin } from "../engine/host.js";
import { startWorker } from "../kdf/spawn.js";
import type { Batching, Host, Job, Output } from "../workers/host.js";

/** Undefined where they have ended meanwhile. */
type Open = (job: Job, out: Output) => Batching | undefined;

/** How many workers a stream wants. */
export type Workers = number | "auto";

/**
 * Bytes that have passed before `"auto"` starts workers: what is shorter is done before they are
 * there.
 */
const AUTO_LEN = 2 ** 22;

const host: Host = {
  start: startWorker,
  failure: (cause, number = 0) =>
    plainError(
      number < 0 && codeOf(number) === "out-of-memory" ? "out-of-memory" : "worker-failed",
      { cause },
    ),
  get cores() {
    const os = builtin<{ availableParallelism?(): number }>("node:os");
    return os?.availableParallelism?.() ?? globalThis.navigator?.hardwareConcurrency ?? 1;
  },
  // A page's thread is to stay free; a program's memory is to stay small.
  get inPlace() {
    return builtin("node:worker_threads") !== undefined;
  },
};

/**
 * Workers for one file. It is undefined where the host or a policy gives none, or where the script
 * for them could not be loaded. The calling thread does the work then.
 *
 * @throws (rejects) the signal's reason.
 */
export async function openWorkers(count: Workers, signal: AbortSignal): Promise<Open | undefined> {
  let loaded;
  try {
    loaded = await import("../workers.js");
  } catch {
    signal.throwIfAborted();
    return undefined;
  }
  return loaded.openWorkers(count, host, signal);
}

/** The workers of one stream, from its option to its batches. */
export class Crew {
  /** A number that was asked for is waited for. */
  waits: Promise<void> | undefined;
  #batches: Batching | undefined;
  #wanted: Workers;
  /** How many are asked for a second time. */
  #again: Workers;
  #passed = 0;
  #open: Open | undefined;

  constructor(wanted: Workers = 0) {
    this.#wanted = this.#again = wanted;
  }

  /** The stream has begun, and may derive its key meanwhile. */
  begin(signal: AbortSignal): void {
    if (this.#wanted !== "auto") this.waits = this.#call(signal);
  }

  /** So many bytes more were done on the calling thread. */
  passed(bytes: number, signal: AbortSignal): void {
    if (this.#wanted === "auto" && (this.#passed += bytes) >= AUTO_LEN) void this.#call(signal);
  }

  /** The way through workers, made when it is first asked for; undefined while there are none. */
  batches(job: () => Job, out: Output): Batching | undefined {
    const open = this.#open;
    this.#open = undefined;
    try {
      if (open) this.#batches = open(job(), out);
    } catch {
      // Workers that cannot be sent what they need. Nothing was granted yet.
      out.signal.throwIfAborted();
    }
    if (open && !this.#batches) {
      // A key may take longer to derive than workers wait for their first file.
      this.#wanted = this.#again;
      this.#again = 0;
      this.waits = this.#call(out.signal);
    }
    return this.#batches;
  }

  /** Whether batches may be asked for with success. */
  get ready(): boolean {
    return (this.#open ?? this.#batches) !== undefined;
  }

  /** Back to the calling thread, for ever. @returns what was put and not done. */
  async leave(): Promise<Uint8Array | undefined> {
    const rest = await this.#batches?.drain();
    this.free();
    return rest;
  }

  free(): void {
    this.#batches?.free();
    this.#batches = this.#open = undefined;
    this.#wanted = 0;
  }

  #call(signal: AbortSignal): Promise<void> | undefined {
    const wanted = this.#wanted;
    this.#wanted = 0;
    if (wanted === 0) return undefined;
    return openWorkers(wanted, signal)
      .then(
        (open) => {
          if (!signal.aborted) this.#open = open;
        },
        // The calling thread goes on; of an abort it hears by itself.
        () => undefined,
      )
      .finally(() => (this.waits = undefined));
  }
}
