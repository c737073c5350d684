/** What the main entry and the file of the workers know of each other. */
import type { Spawned } from "../kdf/spawn.js";
import type { Out } from "../bytes.js";

/** The readable's side, as a transformer sees it. */
export interface Output {
  /** Gives a chunk to the reader. */
  push(chunk: Out): void;
  /** Whether a chunk waits for its reader. */
  readonly full: boolean;
  /**
   * Resolves once the reader has taken all of it. Rejects when the pair is aborted or cancelled.
   */
  taken(): Promise<void>;
  /** Closes the readable before the input has ended. */
  end(): void;
  /** Ends both sides with what went wrong between two writes. */
  fail(error: unknown): void;
  /** Aborted with the pair; for the derivation. */
  readonly signal: AbortSignal;
}

/** What the main entry hands over: classes and settings that a page must not hold twice. */
export interface Host {
  /**
   * A worker that is ready, or undefined where the host gives none.
   *
   * @throws the signal's reason.
   */
  start(signal: AbortSignal): Promise<Spawned | undefined>;
  /** The error of a stream whose worker ended, or whose worker has said this number of an error. */
  failure(cause: unknown, number?: number): unknown;
  /** Threads of this machine, where it tells. */
  readonly cores: number;
  /**
   * Whether sealed chunks come back in the memory that was sent, which the calling thread makes.
   * Else the worker makes it: the calling thread has less to do, but its collector hears of that
   * memory late.
   */
  readonly inPlace: boolean;
}

/** One file whose chunks are to be sealed or opened. */
export interface Job {
  readonly module: WebAssembly.Module;
  readonly chunkSize: number;
  readonly opening: boolean;
  /** A copy of the key of its chunks: one for each worker. */
  key(): Uint8Array<ArrayBuffer>;
  /** The number of the first of the next `count` chunks. Nobody is given it again. */
  grant(count: number): number;
  /** So many bytes of plaintext more were done. */
  told(bytes: number): void;
  /**
   * The first chunk that did not open as a middle one. It is the final one or forged, or the file
   * was cut short. Those before it were given to the reader. `more` says that something comes
   * behind it.
   */
  refused?(sealed: Uint8Array, more: boolean, out: Output): Promise<void>;
}

/** The workers of one file, and its chunks on the way there and back. */
export interface Batching {
  /**
   * No further chunk is opened in workers: what is written from now on is for the calling thread.
   */
  readonly over: boolean;
  /** Resolves once there is room for more; undefined where there is. */
  room(): Promise<void> | undefined;
  /** Takes bytes from `offset` on, as many as fit a batch. @returns how many. */
  put(bytes: Uint8Array, offset: number): number;
  /** The writer has nothing more for now: what is complete goes out soon. */
  lull(): void;
  /**
   * Resolves once the reader has all that was put but the last chunk.
   *
   * @returns what is left, which its caller wipes.
   */
  drain(): Promise<Uint8Array>;
  /** Wipes, here and in the workers. May be called again. */
  free(): void;
}
