/** The two streams of whatever has a readable and a writable side that share one fate. */
import type { Bytes, Out } from "./bytes.js";

/** What the two sides call: functions that need no `this`. */
export interface SidesOwner {
  /** A read waits. */
  readonly pull: () => void;
  /** The reader has given up. */
  readonly cancel: (reason: unknown) => void;
  readonly write: (chunk: Bytes) => Promise<void> | void;
  readonly close: () => Promise<void> | void;
  /**
   * The writer has given up. Called twice: at once, where a write may still be waiting (`during`),
   * and when that write is over.
   */
  readonly abort: (reason: unknown, during: boolean) => void;
}

/** The streams, and what they are ended by. */
export interface Sides {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<Bytes>;
  readonly source: ReadableStreamDefaultController<Out>;
  readonly sink: WritableStreamDefaultController;
}

/** Makes both. Neither holds a chunk that nobody has asked for. */
export function sidesOf(owner: SidesOwner): Sides {
  let source!: ReadableStreamDefaultController<Out>;
  let sink!: WritableStreamDefaultController;
  const readable = new ReadableStream<Out>(
    {
      start: (controller) => void (source = controller),
      pull: owner.pull,
      cancel: owner.cancel,
    },
    { highWaterMark: 0 },
  );
  const writable = new WritableStream<Bytes>({
    start: (controller) => {
      sink = controller;
      // The sink's own abort() comes only after a write that waits for a reader or for the key.
      controller.signal?.addEventListener(
        "abort",
        () => owner.abort(controller.signal.reason, true),
        { once: true },
      );
    },
    write: owner.write,
    close: owner.close,
    abort: (reason: unknown) => owner.abort(reason, false),
  });
  return { readable, writable, source, sink };
}
