import type { Bytes, Out } from "../bytes.js";
import type { Pair } from "./pair.js";

/** A readable and a writable side, as `pipeThrough()` takes them. */
export interface ByteTransform {
  /** The bytes that come out. Every chunk is a fresh array that owns its whole buffer. */
  readonly readable: ReadableStream<Out>;
  /** Takes an ArrayBuffer or any view on one. Anything else errors the stream with a TypeError. */
  readonly writable: WritableStream<Bytes>;
}

/** The shape of the five stream classes. */
export abstract class PairStream implements ByteTransform {
  readonly #pair: Pair;

  /** @internal */
  protected constructor(pair: Pair) {
    this.#pair = pair;
  }

  /** The bytes that come out. Every chunk is a fresh array that owns its whole buffer. */
  get readable(): ReadableStream<Out> {
    return this.#pair.readable;
  }

  /** Takes an ArrayBuffer or any view on one. Anything else errors the stream with a TypeError. */
  get writable(): WritableStream<Bytes> {
    return this.#pair.writable;
  }
}
