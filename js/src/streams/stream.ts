import type { Bytes, ByteTransform, Out } from "../bytes.js";
import type { Format } from "../options.js";
import type { Pair } from "./pair.js";

/** What is known of a file once its key fits and its header's MAC is right. */
export interface Opened {
  /** Which of the two formats the file is in. */
  readonly format: Format;
  /** scrypt's log2(N), as the header has it. */
  readonly workFactor?: number | undefined;
  /**
   * How many bytes of plaintext this file holds, if it has so many bytes itself (without armor).
   *
   * @throws RangeError for a size that it cannot have; TypeError for age-rt, where it depends on
   * how many messages there are.
   */
  plaintextSize(ciphertextSize: number): number;
}

/** A decrypt stream. */
export interface OpenedTransform extends ByteTransform {
  /**
   * Settles before any plaintext is out: resolves if the key fits, else rejects with the stream's
   * error.
   */
  readonly opened: Promise<Opened>;
}

/** A stream of the age format, whose chunks have one size. */
export interface SizedTransform extends ByteTransform {
  /**
   * The exact size of what comes out for so many bytes that go in, header included; for a decrypt
   * stream, of the plaintext of so many bytes of ciphertext.
   */
  size(bytes: number): Promise<number>;
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
