/**
 * The derivation. Where it takes any time and the host has workers, it runs in one: it never blocks
 * a page, and it can be aborted. The memory that scrypt takes goes with the worker, since
 * WebAssembly memory never shrinks. Without workers it runs in slices, between which the thread is
 * free.
 */
import { FIRST_ERROR, WRAP_KEY_LEN, type KdfExports } from "../engine/bindings.js";
import { AgeRtError, ERROR_CODES, NotSupportedError } from "../errors.js";
import { isServer, nextTurn } from "../engine/host.js";
import { outOfMemory, trappedError } from "../engine/engine.js";
import { KDF_MEMORY } from "../engine/module.js";
import { scryptMemory } from "../engine/scrypt-memory.js";
import { unlessAborted } from "../signal.js";
import { type Derived, kdfInstance, type KdfJob, type KdfWork, runKdf } from "./run.js";
import { hasWorkerFactory, type Spawned, startWorker } from "./spawn.js";
import type { WorkerJob } from "./worker.js";

export type { KdfJob } from "./run.js";

/** Told which fraction of a derivation is done. What it throws ends the derivation. */
export type OnDerivation = (fraction: number) => void;

/**
 * Up to this work factor a derivation takes half a millisecond and 256 KiB: less than a fiftieth of
 * the start of a worker.
 */
const ON_THE_SPOT = 8;
/**
 * What derivations may take of one turn of the event loop, in milliseconds: a stranger may ask for
 * a thousand small ones at once. A slice more may follow, and what the engine does beside it.
 */
const TURN_MS = 6;
/** How long the calling thread's instance waits for another derivation, in milliseconds. */
const IDLE_MS = 1000;
/** Milliseconds between two reports of a worker. */
const REPORT_MS = 40;
/**
 * So many slices of work go into one turn of the event loop, whatever the clock says: some hosts
 * stop theirs while a program computes. They take about as long as TURN_MS.
 */
const TURN_SLICES = 32;

let concurrency: number | undefined;
let memoryLimit: number | undefined;
let running = 0;
let memoryInUse = 0;
const waiting: { memory: number; start: () => void }[] = [];

export function setConcurrency(count: number): void {
  concurrency = count;
  startWaiting();
}

export function setMemory(bytes: number): void {
  memoryLimit = bytes;
  startWaiting();
}

/**
 * As little work as the memory allows. Where nobody has set a limit, even a quarter of the memory
 * may be more than what is usual.
 *
 * @throws NotSupportedError `out-of-memory` beyond a limit that was set.
 */
function plan(job: KdfJob): { work: KdfWork; memory: number } {
  const { stride, memory } = scryptMemory(job.logN, memoryLimit);
  if (memoryLimit !== undefined && memory > memoryLimit)
    throw new NotSupportedError(
      "out-of-memory",
      `The key needs ${memory / 2 ** 20} MiB: allow as much with configure({ memory })`,
    );
  return { work: { ...job, stride }, memory };
}

/**
 * Derives a wrap key. Takes over `job.passphrase` and wipes it, whatever happens.
 *
 * Small ones are made at once, unless the user has said where derivations belong. Of the others,
 * those beyond the configured number wait their turn, and those whose memory would go beyond what
 * that many usual ones take.
 *
 * @param tell - told 0 when the work begins, 1 when it is done, and what is between them as it
 * comes to be.
 * @throws the signal's reason; NotSupportedError `out-of-memory`; what `tell` throws.
 */
export async function derive(
  module: WebAssembly.Module,
  job: KdfJob,
  signal: AbortSignal,
  tell?: OnDerivation,
): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const { work, memory } = plan(job);
    if (isSmall(job) && !hasWorkerFactory()) return await onTheSpot(module, work, signal, tell);
    await turn(memory, signal);
    try {
      return await run(module, work, signal, tell);
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
    return checked(runHere(module, plan(job).work));
  } finally {
    wipe(job.passphrase);
  }
}

/**
 * Zeroes bytes, unless they have been transferred to a worker meanwhile: what is detached cannot be
 * written.
 */
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
  work: KdfWork,
  signal: AbortSignal,
  tell?: OnDerivation,
): Promise<Uint8Array<ArrayBuffer>> {
  while (spent >= TURN_MS) {
    turned ??= nextTurn().then(() => {
      spent = 0;
      turned = undefined;
    });
    await turned;
  }
  signal.throwIfAborted();
  tell?.(0);
  const start = performance.now();
  try {
    return told(checked(runHere(module, work)), tell);
  } finally {
    spent += performance.now() - start;
  }
}

/** Says that a key is there, which is wiped where that throws. */
function told(key: Uint8Array<ArrayBuffer>, tell?: OnDerivation): Uint8Array<ArrayBuffer> {
  try {
    tell?.(1);
    return key;
  } catch (error) {
    wipe(key);
    throw error;
  }
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
  return (
    running === 0 || (running < most && memoryInUse + memory <= most * (memoryLimit ?? KDF_MEMORY))
  );
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
  work: KdfWork,
  signal: AbortSignal,
  tell?: OnDerivation,
): Promise<Uint8Array<ArrayBuffer>> {
  signal.throwIfAborted();
  const worker = await startWorker(signal);
  if (worker) return told(checked(await inWorker(worker, module, work, signal, tell)), tell);
  // One after the other: two at a time would take twice the memory, and not be there earlier.
  while (slicing) await unlessAborted<unknown>(signal, (resolve) => void slicing?.then(resolve));
  const slices = inSlices(module, work, signal, tell);
  const over = () => (slicing = undefined);
  slicing = slices.then(over, over);
  return told(checked(await slices), tell);
}

/** The derivation that is under way on the calling thread: settles when it is over. */
let slicing: Promise<unknown> | undefined;

async function inWorker(
  worker: Spawned,
  module: WebAssembly.Module,
  work: KdfWork,
  signal: AbortSignal,
  tell: OnDerivation | undefined,
): Promise<unknown> {
  let thrown: { error: unknown } | undefined;
  try {
    return await unlessAborted<unknown>(signal, (resolve, reject) => {
      worker.onFailure = reject;
      worker.onMessage = (result) => {
        // If the abort won the race, nobody else will wipe this key.
        if (signal.aborted || thrown)
          return ArrayBuffer.isView(result) && wipe(result as Uint8Array);
        if (typeof result !== "number" || result < 0) return resolve(result);
        try {
          tell?.(result);
        } catch (error) {
          thrown = { error };
          reject(error);
        }
      };
      if (signal.aborted) throw signal.reason;
      worker.onMessage(0);
      if (thrown) return;
      // The buffer moves to the worker: no copy of the passphrase stays here.
      const { passphrase, salt, logN, stride } = work;
      const job: WorkerJob = {
        module,
        passphrase,
        salt,
        logN,
        stride,
        every: tell ? REPORT_MS : Infinity,
      };
      worker.post(job, [passphrase.buffer]);
    });
  } catch (error) {
    if (thrown) throw thrown.error;
    if (signal.aborted) throw signal.reason;
    throw failure(error);
  } finally {
    worker.terminate();
  }
}

async function inSlices(
  module: WebAssembly.Module,
  work: KdfWork,
  signal: AbortSignal,
  tell: OnDerivation | undefined,
): Promise<Derived> {
  // A turn of the event loop first: an abort that is already on its way spares the work.
  await nextTurn();
  signal.throwIfAborted();
  tell?.(0);
  const kdf = instance(module);
  const run = runKdf(kdf, work);
  let failed: { error: unknown } | undefined;
  // The first step counts: taking the memory lasts as long as many slices.
  let start = performance.now();
  let step = run.next();
  let slices = 0;
  while (!step.done) {
    if ((slices += 1) >= TURN_SLICES || performance.now() - start >= TURN_MS) {
      const fraction = step.value;
      await nextTurn();
      start = performance.now();
      slices = 0;
      if (!failed) {
        try {
          signal.throwIfAborted();
          if (fraction < 1) tell?.(fraction);
          signal.throwIfAborted();
        } catch (error) {
          // It goes on for as long as it takes to wipe what is there.
          failed = { error };
          step = run.return(0);
          continue;
        }
      }
    }
    step = run.next();
  }
  if (typeof step.value !== "number" || failed) release(kdf, work);
  if (failed) throw failed.error;
  return step.value;
}

/** Instances on the calling thread that nobody uses. */
let free: KdfExports[] = [];
let idle: ReturnType<typeof setTimeout> | undefined;

/**
 * An instance for the calling thread, apart from the main one. It is reused, because engines were
 * seen to hold on to several large memories at a time, and dropped when idle. There are two where a
 * derivation comes between the slices of another.
 */
function instance(module: WebAssembly.Module): KdfExports {
  try {
    return free.pop() ?? kdfInstance(module);
  } catch (error) {
    throw failure(error);
  }
}

function release(kdf: KdfExports, work: KdfWork): void {
  free.push(kdf);
  // Small ones do not keep what a large one has taken: they may come without end.
  if (!idle || !isSmall(work)) {
    clearTimeout(idle);
    idle = setTimeout(() => {
      free = [];
      idle = undefined;
    }, IDLE_MS);
    // Where timers are objects this one must not keep the process alive.
    (idle as { unref?(): void }).unref?.();
  }
}

function runHere(module: WebAssembly.Module, work: KdfWork): Derived {
  const kdf = instance(module);
  const run = runKdf(kdf, work);
  let step = run.next();
  while (!step.done) step = run.next();
  if (typeof step.value !== "number") release(kdf, work);
  return step.value;
}

function checked(result: unknown): Uint8Array<ArrayBuffer> {
  // Not instanceof: in the simulated browsers of test runners the worker's Uint8Array is another
  // than the page's.
  if (ArrayBuffer.isView(result) && result.byteLength === WRAP_KEY_LEN)
    return result as Uint8Array<ArrayBuffer>;
  if (typeof result === "number" && ERROR_CODES[FIRST_ERROR - result] === "out-of-memory")
    throw outOfMemory();
  throw trappedError(new Error("the derivation gave no key"));
}

/**
 * What went wrong around the derivation: engines answer with a RangeError where an instance or a
 * worker would take too much memory.
 */
function failure(error: unknown): AgeRtError {
  return error instanceof RangeError ? outOfMemory(error) : trappedError(error);
}
