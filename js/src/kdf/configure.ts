import { readOptions, type WorkerLike } from "../options.js";
import { setConcurrency, setMemory } from "./derive.js";
import { setWorkerFactory } from "./spawn.js";

/** Less is surely another unit, such as MiB. */
const LEAST_MEMORY = 2 ** 20;

/**
 * Settings of the key derivation, all of them optional.
 *
 * @param options - `worker` makes the derivation's worker where a Content-Security-Policy forbids
 * `blob:` workers, from the package's `./worker` file. `concurrency` is the number of derivations
 * at a time: 1 in browsers and 2 in Node, Deno and Bun unless set; the rest queue. `memory` is what
 * one derivation may take, in bytes: 134217728 (128 MiB) unless set, 67108864 in Cloudflare's
 * workers. scrypt itself wants 256 MiB at the standard work factor. Where it may take less, it
 * keeps every second or fourth block of its table and computes the others again. Half of the memory
 * costs up to a quarter more time, a quarter of it up to three quarters. A file that needs more
 * than a limit that you set fails with `out-of-memory`. Where you set none it takes a quarter of
 * what scrypt wants, such as 256 MiB at a work factor of 20. Up to a work factor of 8 a derivation
 * takes half a millisecond. The calling thread makes those at once, unless a worker is set here.
 * @throws TypeError, RangeError for values of the wrong kind.
 *
 * @example
 * ```js
 * configure({ concurrency: 1, memory: 256 * 2 ** 20 });
 * ```
 *
 * @example
 * ```js
 * // In a page whose policy allows workers from its own files only. kdf-worker.js holds: import "age-rt-wasm/worker";
 * configure({ worker: () => new Worker(new URL("./kdf-worker.js", import.meta.url), { type: "module" }) });
 * ```
 */
export function configure(options: {
  worker?: (() => WorkerLike) | undefined;
  concurrency?: number | undefined;
  memory?: number | undefined;
}): void {
  if (options === undefined) throw new TypeError("Expected the options as an object");
  const { worker, concurrency, memory } = readOptions(options, ["worker", "concurrency", "memory"]);
  if (memory !== undefined) {
    if (!Number.isInteger(memory) || memory < LEAST_MEMORY)
      throw new RangeError(`memory must be a whole number of bytes, at least ${LEAST_MEMORY}`);
    setMemory(memory);
  }
  if (concurrency !== undefined) setConcurrency(concurrency);
  if (worker) setWorkerFactory(worker);
}
