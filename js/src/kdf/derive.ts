/**
 * The derivation, off the calling thread where it takes any time and the host has workers: it never blocks a page, it can be aborted, and the
 * 256 MiB that scrypt takes go with the worker (WebAssembly memory never shrinks).
 */
import { WRAP_KEY_LEN, type KdfExports } from "../engine/bindings.js";
import { AgeRtError, ERROR_CODES } from "../errors.js";
import { isServer } from "../engine/host.js";
import { outOfMemory, trappedError } from "../engine/engine.js";
import { kdfInstance, type KdfJob, runKdf } from "./run.js";
import { hasWorkerFactory, type Spawned, startWorker } from "./spawn.js";

export type { KdfJob } from "./run.js";

/** Memory of one derivation at the standard work factor, in bytes. */
const STANDARD_MEMORY = 2 ** 28;
/** Up to this work factor a derivation takes less than a fiftieth of what the start of a worker does: half a millisecond, and 256 KiB. */
const ON_THE_SPOT = 8;
/** What such derivations may take of one turn of the event loop, in milliseconds: a stranger may ask for a thousand at once. */
const TURN_MS = 8;
/** How long the calling thread's instance waits for another derivation, in milliseconds. */
const IDLE_MS = 1000;

let concurrency: number | undefined;
let running = 0;
let memoryInUse = 0;
const waiting: { memory: number; start: () => void }[] = [];

export function setConcurrency(count: number): void {
  concurrency = count;
  startWaiting();
}

/**
 * Derives a wrap key. Takes over `job.passphrase` and wipes it, whatever happens.
 *
 * Small ones are made at once, unless the user has said where derivations belong. Of the others, those beyond the configured number wait
 * their turn, and those whose memory would go beyond what that many standard ones take.
 *
 * @throws the signal's reason; NotSupportedError `out-of-memory`.
 */
export async function derive(
  module: WebAssembly.Module,
  job: KdfJob,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const memory = 2 ** (job.logN + 10);
  try {
    if (isSmall(job) && !hasWorkerFactory()) return await onTheSpot(module, job, signal);
    await turn(memory, signal);
    try {
      return await run(module, job, signal);
    } finally {
      running -= 1;
      memoryInUse -= memory;
      startWaiting();
    }
  } finally {
    wipe(job.passphrase);
  }
}

/** Derives a wrap key on the calling thread, now. Takes over `job.passphrase` and wipes it. */
export function deriveNow(module: WebAssembly.Module, job: KdfJob): Uint8Array<ArrayBuffer> {
  try {
    return checked(runHere(module, job));
  } finally {
    wipe(job.passphrase);
  }
}

/** Zeroes bytes, unless they have been transferred to a worker meanwhile: what is detached cannot be written. */
export function wipe(bytes: Uint8Array): void {
  if (bytes.length > 0) bytes.fill(0);
}

function isSmall(job: KdfJob): boolean {
  return job.logN <= ON_THE_SPOT;
}

/** Milliseconds spent on small derivations since the loop last turned for them. */
let spent = 0;
let turned: Promise<void> | undefined;

async function onTheSpot(
  module: WebAssembly.Module,
  job: KdfJob,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  while (spent >= TURN_MS) {
    turned ??= nextTurn().then(() => {
      spent = 0;
      turned = undefined;
    });
    await turned;
  }
  signal.throwIfAborted();
  const start = performance.now();
  try {
    return checked(runHere(module, job));
  } finally {
    spent += performance.now() - start;
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function turn(memory: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (!fits(memory) || waiting.length > 0) {
    await new Promise<void>((resolve, reject) => {
      const entry = {
        memory,
        start: () => {
          signal.removeEventListener("abort", leave);
          resolve();
        },
      };
      const leave = (): void => {
        waiting.splice(waiting.indexOf(entry), 1);
        reject(signal.reason as Error);
        startWaiting();
      };
      signal.addEventListener("abort", leave, { once: true });
      waiting.push(entry);
    });
    return;
  }
  running += 1;
  memoryInUse += memory;
}

function fits(memory: number): boolean {
  const most = concurrency ?? (isServer() ? 2 : 1);
  return running === 0 || (running < most && memoryInUse + memory <= most * STANDARD_MEMORY);
}

function startWaiting(): void {
  for (let next = waiting[0]; next && fits(next.memory); next = waiting[0]) {
    waiting.shift();
    running += 1;
    memoryInUse += next.memory;
    next.start();
  }
}

async function run(
  module: WebAssembly.Module,
  job: KdfJob,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  signal.throwIfAborted();
  const worker = await startWorker(signal);
  if (worker) return checked(await inWorker(worker, module, job, signal));
  // A turn of the event loop first: an abort that is already on its way spares the half second.
  await nextTurn();
  signal.throwIfAborted();
  const key = checked(runHere(module, job));
  // The thread was blocked meanwhile: what happened then arrives now.
  await nextTurn();
  if (signal.aborted) {
    wipe(key);
    throw signal.reason;
  }
  return key;
}

async function inWorker(
  worker: Spawned,
  module: WebAssembly.Module,
  job: KdfJob,
  signal: AbortSignal,
): Promise<unknown> {
  let abort: (() => void) | undefined;
  try {
    return await new Promise<unknown>((resolve, reject) => {
      worker.onFailure = reject;
      // A key that comes right after the abort finds nobody who would wipe it.
      worker.onMessage = (result) =>
        signal.aborted && ArrayBuffer.isView(result) ? wipe(result as Uint8Array) : resolve(result);
      abort = () => reject(signal.reason as Error);
      signal.addEventListener("abort", abort, { once: true });
      if (signal.aborted) throw signal.reason;
      // The buffer moves to the worker: no copy of the passphrase stays here.
      const { passphrase, salt, logN } = job;
      worker.post({ module, passphrase, salt, logN }, [passphrase.buffer]);
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    throw failure(error);
  } finally {
    // The caller's signal may outlive thousands of derivations.
    if (abort) signal.removeEventListener("abort", abort);
    worker.terminate();
  }
}

let here: KdfExports | undefined;
let idle: ReturnType<typeof setTimeout> | undefined;

/**
 * On the calling thread: one instance, kept apart from the main one and reused, since engines were seen to hold on to several large
 * memories at a time; dropped when idle.
 */
function runHere(module: WebAssembly.Module, job: KdfJob): Uint8Array<ArrayBuffer> | number {
  try {
    here ??= kdfInstance(module);
  } catch (error) {
    throw failure(error);
  }
  const result = runKdf(here, job);
  if (typeof result === "number") {
    here = undefined;
    return result;
  }
  // Small ones do not keep what a large one has taken: they may come without end.
  if (!idle || !isSmall(job)) {
    clearTimeout(idle);
    idle = setTimeout(() => (here = idle = undefined), IDLE_MS);
    // Where timers are objects this one must not keep the process alive.
    (idle as { unref?(): void }).unref?.();
  }
  return result;
}

function checked(result: unknown): Uint8Array<ArrayBuffer> {
  // Not instanceof: in the simulated browsers of test runners the worker's Uint8Array is another than the page's.
  if (ArrayBuffer.isView(result) && result.byteLength === WRAP_KEY_LEN)
    return result as Uint8Array<ArrayBuffer>;
  if (typeof result === "number" && ERROR_CODES[result] === "out-of-memory") throw outOfMemory();
  throw trappedError(new Error("the derivation gave no key"));
}

/** What went wrong around the derivation: engines answer with a RangeError where an instance or a worker would take too much memory. */
function failure(error: unknown): AgeRtError {
  return error instanceof RangeError ? outOfMemory(error) : trappedError(error);
}
