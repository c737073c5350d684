/**
 * Workers on every host that has them, tried in the order that loses least; undefined where there
 * is none.
 */
import { builtin } from "../engine/host.js";
import { unlessAborted } from "../signal.js";
import type { WorkerLike } from "../options.js";
import source from "../engine/generated/kdf-worker-source.js";

/** A worker that has said that it is there. */
export interface Spawned {
  post(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): void;
  /** Whether it keeps the process alive, where there is one. */
  hold(alive: boolean): void;
  onMessage: (message: unknown) => void;
  onFailure: (error: unknown) => void;
}

/** How many one-second ticks a worker may stay silent before the next way is tried. */
const SILENT_TURNS = 5;
const TURN_MS = 1000;
/**
 * How long the calling thread derives where no way worked, in milliseconds: what a host refuses now
 * it may give later.
 */
const REST_MS = 60_000;
const SILENT = Symbol("silent");

type Start = () => Spawned | undefined;

let factory: (() => WorkerLike) | undefined;
/** The way that worked last time: only its failure makes the others be tried again. */
let known: Start | undefined;
/** When, by the clock of `performance`, a worker is asked for again. */
let restUntil = 0;
/** Whether, the last time that no way worked, a worker was silent rather than refused. */
let silentBefore = false;

export function setWorkerFactory(make: () => WorkerLike): void {
  factory = make;
  known = undefined;
  restUntil = 0;
  silentBefore = false;
}

export function hasWorkerFactory(): boolean {
  return factory !== undefined;
}

/**
 * A worker that is ready for its job, or undefined if this host (or its policy) gives none.
 *
 * @throws the signal's reason.
 */
export async function startWorker(signal: AbortSignal): Promise<Spawned | undefined> {
  if (performance.now() < restUntil) return undefined;
  let silent = false;
  for (const start of known ? [known] : [configured, classicBlob, moduleBlob, workerThread]) {
    const worker = await ready(start, signal);
    if (worker && worker !== SILENT) {
      known = start;
      silentBefore = false;
      return worker;
    }
    if (worker) silent = true;
  }
  if (known) {
    known = undefined;
    return startWorker(signal);
  }
  // A machine that is busy with something else, such as a page's start, may be silent once: that
  // must not cost the page its worker.
  if (!silent || silentBefore) restUntil = performance.now() + REST_MS;
  silentBefore = silent;
  warn();
  return undefined;
}

/** Whether it was said that keys are derived on the calling thread. */
let warned = false;

/**
 * Says so once where a worker can be expected: a server that stands still for half a second a key
 * looks merely slow.
 */
function warn(): void {
  if (warned) return;
  const { process } = globalThis as {
    process?: { emitWarning?(text: string, options: object): void };
  };
  const here =
    "No worker could be started: age-rt-wasm derives keys on the calling thread, which stands still meanwhile";
  if (refused) {
    console.warn(
      `${here}. The page's Trusted Types refuse the policy age-rt-wasm: allow it, and load one version of the package`,
    );
  } else if (builtin("node:worker_threads") && process?.emitWarning) {
    process.emitWarning(here, { type: "AgeRtWarning", code: "AGE_RT_NO_WORKER" });
  } else {
    return;
  }
  warned = true;
}

async function ready(
  start: Start,
  signal: AbortSignal,
): Promise<Spawned | typeof SILENT | undefined> {
  let worker: Spawned | undefined;
  try {
    worker = start();
  } catch {
    return undefined;
  }
  if (!worker) return undefined;
  const candidate = worker;
  let timer: ReturnType<typeof setInterval> | undefined;
  try {
    await unlessAborted<void>(signal, (resolve, reject) => {
      candidate.onMessage = () => resolve();
      candidate.onFailure = reject;
      // One-second ticks, not one long timer: after the thread has been blocked, a single timer
      // would fire before the worker's queued message is delivered.
      let turns = 0;
      timer = setInterval(() => (turns += 1) === SILENT_TURNS && reject(SILENT), TURN_MS);
    });
    return candidate;
  } catch (error) {
    // Given up for good: nobody listens to what it still says.
    candidate.onMessage = candidate.onFailure = () => undefined;
    candidate.terminate();
    signal.throwIfAborted();
    return error === SILENT ? SILENT : undefined;
  } finally {
    clearInterval(timer);
  }
}

function configured(): Spawned | undefined {
  return factory && wrapped(factory());
}

function classicBlob(): Spawned | undefined {
  return fromBlob();
}

/** For hosts that have module workers only. */
function moduleBlob(): Spawned | undefined {
  return fromBlob({ type: "module" });
}

function fromBlob(options?: WorkerOptions): Spawned | undefined {
  if (
    typeof Worker === "undefined" ||
    typeof Blob === "undefined" ||
    typeof URL.createObjectURL !== "function"
  )
    return undefined;
  return wrapped(blobWorker(options));
}

function blobWorker(options: WorkerOptions | undefined): WorkerLike {
  const other = policy ? undefined : sharedStart();
  if (other) return other.blobWorker(options);
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    const address = trusted(url);
    if (address === undefined) throw new TypeError("No policy of Trusted Types");
    const worker = new Worker(address as string, options);
    // The fetch of the script may start late; a second later every engine has it.
    const revoke = setTimeout(() => URL.revokeObjectURL(url), 10_000);
    (revoke as { unref?(): void }).unref?.();
    return worker;
  } catch (error) {
    URL.revokeObjectURL(url);
    throw error;
  }
}

interface TrustedTypes {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): unknown };
}

let policy: ReturnType<TrustedTypes["createPolicy"]> | undefined;
/** Whether Trusted Types refused the policy. */
let refused = false;

/**
 * The URL as Trusted Types want it where a page enforces them: through one policy, which sees our
 * own blob URLs only.
 *
 * @returns undefined if the policy was refused: a policy's name can be had once.
 */
function trusted(url: string): unknown {
  const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
  if (!types) return url;
  if (!policy) {
    try {
      policy = types.createPolicy("age-rt-wasm", { createScriptURL: (own) => own });
    } catch {
      refused = true;
      return undefined;
    }
    const start: Shared = { source, blobWorker };
    Object.defineProperty(globalThis, SHARED, { value: start, configurable: true });
  }
  return policy.createScriptURL(url);
}

/**
 * Where the copy of the package that has the policy leaves its workers for other copies. It starts
 * its own script only: nobody else's passes the policy.
 */
const SHARED = Symbol.for("age-rt-wasm.worker");
interface Shared {
  readonly source: string;
  blobWorker(options: WorkerOptions | undefined): WorkerLike;
}

/**
 * Of another copy that has the policy. Asking for the policy again would be a violation, which the
 * browser logs and reports.
 */
function sharedStart(): Shared | undefined {
  const shared = (globalThis as { [SHARED]?: Shared })[SHARED];
  return shared?.source === source ? shared : undefined;
}

/** Nobody listens to it yet. */
function quiet(worker: Pick<WorkerLike, "postMessage" | "terminate"> | NodeWorker): Spawned {
  return {
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
    hold: (alive) => {
      // One that the user has made in Node may be such a worker.
      const { ref, unref } = worker as unknown as { ref?(): void; unref?(): void };
      if (alive) ref?.call(worker);
      else unref?.call(worker);
    },
    onMessage: () => undefined,
    onFailure: () => undefined,
  };
}

function wrapped(worker: WorkerLike): Spawned {
  const spawned = quiet(worker);
  worker.onmessage = (event: MessageEvent<unknown>) => spawned.onMessage(event.data);
  worker.onmessageerror = () =>
    spawned.onFailure(new Error("the worker's answer could not be read"));
  worker.onerror = (event: ErrorEvent | undefined) => {
    // Workers that others have written give no whole event.
    event?.preventDefault?.();
    spawned.onFailure(new Error(event?.message));
  };
  return spawned;
}

interface ThreadsModule {
  Worker: new (
    source: string,
    options: { eval: true; execArgv: string[]; env: object; stdin: boolean },
  ) => NodeWorker;
}
interface NodeWorker {
  postMessage(message: unknown, transfer: ArrayBuffer[]): void;
  terminate(): Promise<number>;
  ref(): void;
  unref(): void;
  on(event: string, listener: (value: unknown) => void): void;
}

function workerThread(): Spawned | undefined {
  const threads = builtin<ThreadsModule>("node:worker_threads");
  if (!threads) return undefined;
  // The loaders and flags of the program are not for this script, and NODE_OPTIONS and its
  // monitoring agents neither.
  const worker = new threads.Worker(
    `const self=require("node:worker_threads").parentPort;${source}`,
    { eval: true, execArgv: [], env: {}, stdin: false },
  );
  const spawned = quiet(worker);
  worker.on("message", (message) => spawned.onMessage(message));
  worker.on("messageerror", (error) => spawned.onFailure(error));
  worker.on("error", (error) => spawned.onFailure(error));
  worker.on("exit", () => spawned.onFailure(new Error("the worker ended")));
  return spawned;
}
