import { readOptions } from "../options.js";
import { setConcurrency } from "./derive.js";
import { setWorkerFactory, type WorkerLike } from "./spawn.js";

/**
 * Optional settings of the key derivation.
 *
 * @param options - `worker` makes the derivation's worker where a Content-Security-Policy forbids `blob:` workers, from the package's
 * `./worker` file. `concurrency` is the number of derivations at a time: 1 in browsers and 2 in Node, Deno and Bun unless set; the rest queue.
 * Up to a work factor of 8 a derivation takes half a millisecond: those are made at once, by no worker unless one is set here.
 * @throws TypeError, RangeError for values of the wrong kind.
 *
 * @example
 * ```js
 * configure({ concurrency: 1 });
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
}): void {
  if (options === undefined) throw new TypeError("Expected the options as an object");
  const { worker, concurrency } = readOptions(options, ["worker", "concurrency"]);
  if (concurrency !== undefined) setConcurrency(concurrency);
  if (worker) setWorkerFactory(worker);
}
