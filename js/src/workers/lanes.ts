/**
 * The workers of all streams: as many as the stream that wants most of them. They start when they
 * are needed, and end when no stream has needed them for a while.
 */
import type { ChunksBatch, ChunksReply } from "../kdf/chunks.js";
import type { Spawned } from "../kdf/spawn.js";
import { Batches } from "./batches.js";
import type { Batching, Host, Job, Output } from "./host.js";
import { Silence } from "./silence.js";
import { wipe } from "./wipe.js";

/** How long a worker waits for the next file, in milliseconds. */
const IDLE_MS = 2000;
/** More than so many do not pay: one thread feeds them all. */
const MOST = 4;

/** What a file does with what a worker says. */
export interface Listener {
  /** The worker's answer to one of its batches, or that its key was not taken. */
  reply(lane: Lane, reply: ChunksReply): void;
  /** The worker has ended. */
  failed(lane: Lane, cause: unknown): void;
}

/** A file that a worker has. */
interface Held {
  /** Undefined once it was given up: the worker has still to say that its key is wiped. */
  listener: Listener | undefined;
  /** Its batches that were not answered. */
  readonly asked: Set<number>;
}

/** One worker, and the files that it has. */
export class Lane {
  /** Batches that it has not answered. */
  pending = 0;
  readonly #worker: Spawned;
  readonly #files = new Map<number, Held>();

  /** Begins when a file is given up: its stream waits for nothing any more. */
  readonly #silence = new Silence(() => this.fail(new Error("it is silent")));

  constructor(worker: Spawned) {
    this.#worker = worker;
    worker.onMessage = (message) => this.#hear(message);
    worker.onFailure = (cause) => this.fail(cause);
    worker.hold(false);
  }

  /** Files, of which some may be over and not wiped yet. */
  get files(): number {
    return this.#files.size;
  }

  begin(file: number, job: Job, listener: Listener): void {
    this.#files.set(file, { listener, asked: new Set() });
    const { module, chunkSize } = job;
    const key = job.key();
    this.#post({ file, module, key, chunkSize }, key);
  }

  batch(batch: ChunksBatch): void {
    this.#files.get(batch.file)?.asked.add(batch.index);
    this.pending += 1;
    if (this.pending === 1) this.#worker.hold(true);
    this.#post(batch, batch.bytes);
  }

  end(file: number): void {
    const held = this.#files.get(file);
    if (!held?.listener) return;
    held.listener = undefined;
    this.#silence.begin();
    this.#post({ file, end: true });
  }

  terminate(): void {
    this.#silence.end();
    // Plaintext may still be on its way.
    this.#worker.onMessage = discard;
    this.#worker.onFailure = () => undefined;
    this.#worker.terminate();
  }

  /** Memory moves along. A worker that can be sent nothing is of no use. */
  #post(message: object, memory?: Uint8Array<ArrayBuffer>): void {
    try {
      this.#worker.post(message, memory ? [memory.buffer] : []);
    } catch (error) {
      this.fail(error);
    } finally {
      // It was moved there, unless that failed.
      wipe(memory);
    }
  }

  #hear(message: unknown): void {
    const reply = (message ?? {}) as ChunksReply;
    const { file, index, ended, failed } = reply;
    // Said by somebody else in that worker.
    if (typeof file !== "number") return;
    this.#silence.heard();
    const held = this.#files.get(file);
    const due = ended
      ? held && !held.listener
      : index === undefined
        ? held && failed !== undefined
        : held?.asked.delete(index);
    if (!held || !due) {
      // A batch that was answered twice would come out twice, or in another's place.
      discard(reply);
      return this.fail(new Error("it answers what it was not asked"));
    }
    if (ended) {
      // What it was asked before that and has not answered it never will.
      this.#answered(held.asked.size);
      this.#files.delete(file);
      if ([...this.#files.values()].every(({ listener }) => listener)) this.#silence.end();
      return settle();
    }
    if (index !== undefined) this.#answered(1);
    if (held.listener) held.listener.reply(this, reply);
    // Nobody waits for it any more.
    else discard(reply);
  }

  #answered(count: number): void {
    this.pending -= count;
    if (this.pending === 0) this.#worker.hold(false);
  }

  /** It has ended, or is taken for dead. */
  fail(cause: unknown): void {
    lanes.delete(this);
    this.terminate();
    const all = [...this.#files.values()];
    this.#files.clear();
    for (const { listener } of all) listener?.failed(this, cause);
  }
}

function discard(message: unknown): void {
  const { bytes, spent } = (message ?? {}) as ChunksReply;
  wipe(bytes, spent);
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
): Promise<((job: Job, out: Output) => Batching | undefined) | undefined> {
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
    // All of them have ended meanwhile.
    return mine.length === 0 ? undefined : new Batches((files += 1), job, mine, host, out);
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
