/**
 * A readable and a writable of our own instead of a TransformStream. `transformer.cancel` exists in
 * no browser yet, and clean-up must not wait for a garbage collector: it wipes keys, and ends a
 * worker with 128 MiB.
 *
 * Pull-driven: at most one chunk waits to be read, so that an error never throws away a chunk that
 * verified before it.
 *
 * What moves a pair from one state to the next:
 *
 *          a read or a write      the key is there      close()         all was read
 *     new -----------------> starting ----------> open ---------> closing ------------> over
 *      |                        |                  |                |                     ^
 *      +------------------------+------------------+----------------+---------------------+
 *          an error, abort(), cancel(), the caller's signal: both sides fail with one reason
 *
 * `closing` comes after the key and after the chunks of the last write. In `over` everything is
 * wiped and freed. The readable's end is apart: a transformer may end it before its input ends.
 */
import { type Bytes, type Out, toBytes } from "../bytes.js";
import { follow } from "../signal.js";
import { sidesOf } from "../sides.js";
import { needStreams } from "../engine/host.js";
import type { Output } from "../workers/host.js";

export type { Output } from "../workers/host.js";

/**
 * What a stream does with its input. Every method may call `out`; while `out.full`, it waits for
 * `out.taken()` before it goes on.
 */
export interface Transformer {
  /** Derives what can be derived before any input. Called once, at the first read or write. */
  start(out: Output): Promise<void>;
  /**
   * @param bytes - not to be kept once it is done.
   * @returns a promise only if it has to wait: for a short message each extra promise costs as much
   * as sealing it.
   */
  write(bytes: Uint8Array, out: Output): Promise<void> | void;
  /** The end of the input is near: what is still under way comes out, as in a write. */
  flush?(out: Output): Promise<void>;
  /** The end of the input. The readable is closed after it. */
  close(out: Output): Promise<void> | void;
  /** Wipes and releases; called once, on whatever ending. */
  free(): void;
}

const noop = (): void => undefined;

/**
 * Runs `step` until it returns nothing to wait for. Returns a promise only if some step did. A
 * loop, because recursion would leave one pending promise per chunk, and the peer chooses how many
 * chunks there are.
 */
export function inSteps(step: () => Promise<void> | void): Promise<void> | void {
  const wait = step();
  if (wait) return afterwards(wait, step);
}

async function afterwards(
  wait: Promise<void> | void,
  step: () => Promise<void> | void,
): Promise<void> {
  for (; wait; wait = step()) await wait;
}

/**
 * Takes away what is left on a signal of a pair that nobody has ended. Made at its first use:
 * workerd has none at dates before May 2025.
 */
let abandoned: FinalizationRegistry<() => void> | undefined;

/** In place of a WeakRef, where a host has none. */
function strongly(pair: Pair): { deref(): Pair } {
  return { deref: () => pair };
}

export class Pair implements Output {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<Bytes>;
  readonly #transformer: Transformer;
  readonly #abort = new AbortController();
  /** The caller's signal is not listened to any more. */
  #ignoreSignal: () => void = () => undefined;
  #source!: ReadableStreamDefaultController<Out>;
  #sink!: WritableStreamDefaultController;
  /** See the picture at the top. */
  #state: "new" | "starting" | "open" | "closing" | "over" = "new";
  #started: Promise<void> | undefined;
  /** A read is waiting. */
  #wanted = false;
  /** Chunks that no read has asked for yet. */
  #queue: Out[] = [];
  #wake: (() => void) | undefined;
  #readableOpen = true;

  constructor(transformer: Transformer, signal: AbortSignal | undefined) {
    needStreams();
    this.#transformer = transformer;
    ({
      readable: this.readable,
      writable: this.writable,
      source: this.#source,
      sink: this.#sink,
    } = sidesOf({
      pull: () => this.#pull(),
      cancel: (reason) => this.#destroy(reason, "readable"),
      write: (chunk) => this.#write(chunk),
      close: () => this.#close(),
      abort: (reason, during) => this.#destroy(reason, during ? "writable" : undefined),
    }));
    this.#follow(signal);
  }

  /**
   * Weakly: one signal may outlive thousands of streams, and one that was abandoned is to go with
   * its two sides. In a method of its own, since closures share what any of them captures, such as
   * `this`.
   */
  #follow(signal: AbortSignal | undefined): void {
    if (!signal) return;
    const weak: { deref(): Pair | undefined } =
      typeof WeakRef === "undefined" ? strongly(this) : new WeakRef(this);
    this.#ignoreSignal = follow(signal, (reason) => {
      const pair = weak.deref();
      if (pair) pair.#destroy(reason);
    });
    if (typeof FinalizationRegistry === "undefined") return;
    abandoned ??= new FinalizationRegistry((ignore) => ignore());
    abandoned.register(this, this.#ignoreSignal);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  push(chunk: Out): void {
    // A transformer may be in the middle of a step: nobody reads what it still makes.
    if (this.#state === "over") return;
    if (this.#state === "closing") {
      // Nothing can come after it that would discard the queue: it may wait for its reader there,
      // and close() need not.
      this.#source.enqueue(chunk);
    } else if (this.#wanted && this.#queue.length === 0) {
      this.#wanted = false;
      this.#source.enqueue(chunk);
    } else {
      this.#queue.push(chunk);
    }
  }

  get full(): boolean {
    return this.#queue.length > 0;
  }

  async taken(): Promise<void> {
    while (this.#queue.length > 0 && !this.#isOver())
      await new Promise<void>((resolve) => {
        // A write may wait here, and what goes on between two writes.
        const wake = this.#wake;
        this.#wake = () => {
          wake?.();
          resolve();
        };
      });
    this.#abort.signal.throwIfAborted();
  }

  end(): void {
    if (!this.#readableOpen) return;
    this.#readableOpen = false;
    this.#source.close();
  }

  fail(error: unknown): void {
    this.#failed(error);
  }

  #pull(): void {
    const chunk = this.#queue.shift();
    if (chunk) {
      this.#source.enqueue(chunk);
      this.#wakeUp();
    } else {
      this.#wanted = true;
    }
    // Its failure reaches both sides by itself.
    if (!this.#started) this.#start().catch(noop);
  }

  /** Begins before the first read or write. @throws (rejects) the stream's error. */
  begin(): Promise<void> {
    return this.#start();
  }

  #start(): Promise<void> {
    return (this.#started ??= this.#run(async () => {
      this.#state = "starting";
      await this.#transformer.start(this);
      if (!this.#isOver()) this.#state = "open";
    }));
  }

  #write(chunk: Bytes): Promise<void> | void {
    if (this.#state !== "open") return this.#run(() => this.#firstWrite(chunk));
    let rest: Promise<void> | void;
    try {
      rest = this.#transformer.write(toBytes(chunk), this);
    } catch (error) {
      throw this.#failed(error);
    }
    if (rest || this.full) return this.#run(() => this.#settled(rest));
  }

  async #firstWrite(chunk: Bytes): Promise<void> {
    // The key takes its time: what was written is kept as it is now.
    const bytes = new Uint8Array(toBytes(chunk));
    await this.#start();
    await this.taken();
    await this.#settled(this.#transformer.write(bytes, this));
  }

  /** A write is over when its chunks have been taken. */
  async #settled(write: Promise<void> | void): Promise<void> {
    await write;
    await this.taken();
  }

  async #close(): Promise<void> {
    await this.#run(async () => {
      await this.#start();
      await this.#transformer.flush?.(this);
      if (!this.#isOver()) this.#state = "closing";
      for (const chunk of this.#queue.splice(0)) this.#source.enqueue(chunk);
      await this.#transformer.close(this);
      this.end();
    });
    this.#state = "over";
    this.#release();
  }

  /** Whatever was awaited, the pair may have ended meanwhile. */
  #isOver(): boolean {
    return this.#state === "over";
  }

  /** Whatever fails in a step is the end of both sides, with the same error. */
  async #run(step: () => Promise<void>): Promise<void> {
    try {
      if (this.#isOver()) throw this.#abort.signal.reason;
      await step();
    } catch (error) {
      throw this.#failed(error);
    }
  }

  #failed(error: unknown): unknown {
    this.#destroy(error);
    // Not always `error`: a step that is interrupted stumbles over what was freed meanwhile.
    return this.#abort.signal.reason;
  }

  /**
   * Errors what is still open, stops what still runs, and frees.
   *
   * @param by - the side that started this. That side is not errored again, because in Node
   * erroring a writable during its own abort throws.
   */
  #destroy(reason: unknown, by?: "readable" | "writable"): void {
    if (this.#isOver()) return;
    this.#state = "over";
    if (by !== "readable" && this.#readableOpen) this.#source.error(reason);
    this.#readableOpen = false;
    if (by !== "writable") this.#sink.error(reason);
    this.#abort.abort(reason);
    this.#wakeUp();
    this.#release();
  }

  /** Keys and memory go now, whatever the garbage collector does later. */
  #release(): void {
    this.#queue.length = 0;
    this.#ignoreSignal();
    this.#transformer.free();
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}
