/**
 * The workers of all streams: as many as the stream that wants most of them. They start when they
 * are needed, and end when no stream has needed them for a while.
 */
import type { ChunksReply } from "../kdf/chunks.js";
import type { Spawned } from "../kdf/spawn.js";
import { Batches } from "./batches.js";
import type { Batching, Host, Job, Output } from "./host.js";
import { Silence } from "./silence.js";

/** How long a worker waits for the next file, in milliseconds. */
const IDLE_MS = 2000;
/** More than so many do not pay: one thread feeds them all. */
const MOST = 4;

/** What a file does with what a worker says. */
export interface Listener {
  reply(reply: ChunksReply): void;
  /** The worker has ended. */
  failed(lane: Lane, cause: unknown): void;
}

/** One worker, and the files that it has. */
export class Lane {
  /** Batches that it has not answered. */
  pending = 0;
  readonly #worker: Spawned;
  /** Undefined for a file that was given up, until the worker says that its key is wiped. */
  readonly #files = new Map<number, Listener | undefined>();

  /** Begins when a file is given up: its stream waits for nothing any more. */
  readonly #silence = new Silence(() => this.fail(new Error("it is silent")));

  constructor(worker: Spawned) {
    this.#worker = worker;
    worker.onMessage = (message) => this.#hear(message as ChunksReply);
    worker.onFailure = (cause) => this.fail(cause);
    worker.hold(false);
  }

  /** Files, of which some may be over and not wiped yet. */
  get files(): number {
    return this.#files.size;
  }

  begin(file: number, job: Job, listener: Listener): void {
    this.#files.set(file, listener);
    const { module, chunkSize } = job;
    const key = job.key();
    try {
      this.#worker.post({ file, module, key, chunkSize }, [key.buffer]);
    } finally {
      // It was moved there, unless that failed.
      if (key.length > 0) key.fill(0);
    }
  }

  batch(file: number, index: number, bytes: Uint8Array<ArrayBuffer>, opening: boolean): void {
    this.pending += 1;
    if (this.pending === 1) this.#worker.hold(true);
    this.#worker.post({ file, index, bytes, opening }, [bytes.buffer]);
  }

  end(file: number): void {
    if (!this.#files.has(file)) return;
    this.#files.set(file, undefined);
    this.#worker.post({ file, end: true }, []);
    this.#silence.begin();
  }

  terminate(): void {
    this.#silence.end();
    this.#worker.onMessage = this.#worker.onFailure = () => undefined;
    this.#worker.terminate();
  }

  #hear(reply: ChunksReply): void {
    const { file, index, ended, bytes, spent } = reply;
    this.#silence.heard();
    if (ended) {
      this.#files.delete(file);
      if (![...this.#files.values()].includes(undefined)) this.#silence.end();
      return settle();
    }
    if (index !== undefined) this.pending -= 1;
    if (this.pending === 0) this.#worker.hold(false);
    const listener = this.#files.get(file);
    if (listener) listener.reply(reply);
    // Nobody waits for it any more.
    else for (const each of [bytes, spent]) each?.fill(0);
  }

  /** It has ended, or is taken for dead. */
  fail(cause: unknown): void {
    lanes.delete(this);
    this.terminate();
    const listeners = [...this.#files.values()];
    this.#files.clear();
    for (const listener of listeners) listener?.failed(this, cause);
  }
}

const lanes = new Set<Lane>();
/** Workers that are being started. */
let starting: Promise<unknown> = Promise.resolve();
let idle: ReturnType<typeof setTimeout> | undefined;
let files = 0;

/** Ends the workers that nobody has used for a while. */
function settle(): void {
  if (idle) return;
  idle = setTimeout(() => {
    idle = undefined;
    for (const lane of lanes) {
      if (lane.files > 0) continue;
      lanes.delete(lane);
      lane.terminate();
    }
  }, IDLE_MS);
  // Where timers are objects this one must not keep the process alive.
  (idle as { unref?(): void }).unref?.();
}

/** As many workers as pay on this machine: with one core none does. */
function paying({ cores }: Host): number {
  return cores < 2 ? 0 : Math.min(cores, MOST);
}

/**
 * Workers for one file, and its way through them; undefined where the host gives none.
 *
 * @throws (rejects) the signal's reason.
 */
export async function openWorkers(
  count: number | "auto",
  host: Host,
  signal: AbortSignal,
): Promise<((job: Job, out: Output) => Batching) | undefined> {
  const wanted = count === "auto" ? paying(host) : count;
  // One stream after the other: each counts what the one before it has started.
  const before = starting;
  const started = before.then(() => startUpTo(wanted, host, signal));
  starting = started.catch(() => undefined);
  await started;
  if (lanes.size === 0) return undefined;
  return (job, out) => {
    // Those that have least to do.
    const mine = [...lanes].sort((a, b) => a.files - b.files).slice(0, wanted);
    // All of them have ended meanwhile: the calling thread does it.
    if (mine.length === 0) throw host.failure(undefined);
    return new Batches((files += 1), job, mine, host, out);
  };
}

async function startUpTo(wanted: number, host: Host, signal: AbortSignal): Promise<void> {
  const missing = Math.max(0, wanted - lanes.size);
  const workers = Array.from({ length: missing }, async () => {
    const worker = await host.start(signal);
    if (worker) lanes.add(new Lane(worker));
  });
  const settled = await Promise.allSettled(workers);
  if (missing > 0) settle();
  signal.throwIfAborted();
  // What went wrong with one of several is no matter as long as there are others.
  const failed = settled.find((each) => each.status === "rejected");
  if (failed && lanes.size === 0) throw failed.reason;
}
