import { type Bytes, type Out, toBytes } from "../bytes.js";
import { END } from "../engine/bindings.js";
import { plainError } from "../engine/core-errors.js";
import { DecoderCore, decoders, NEED_KEY } from "./decoder-core.js";
import { InsufficientDataError } from "../errors.js";
import { engine, loadedEngine } from "../engine/engine.js";
import { disposable } from "../engine/host.js";
import type { DecryptKey } from "../keys/recipient.js";
import { isKey, openKey } from "../keys/recipients.js";
import {
  type AgeDecryptOptions,
  type AgeRtDecryptOptions,
  CHUNK_SIZE,
  type Format,
  MAX_WORK_FACTOR,
  readOptions,
  sizeName,
} from "../options.js";
import { follow } from "../signal.js";

/** What all push decoders share: feed them exactly `bytesWanted` bytes at a time. */
export interface PushDecoder {
  /**
   * How many bytes `feed()` takes next: 1 in the header, 16 for the nonce, then as the format says;
   * 0 when done.
   */
  readonly bytesWanted: number;
  /** Whether the final chunk was decoded. */
  isDone(): boolean;
  /** Takes exactly `bytesWanted` bytes and returns a plaintext chunk when one is ready. */
  feed(data: Bytes): Out | undefined;
  /** The end of the input. */
  finish(): void;
}

/** A decoder whose key is found over time. */
export interface Unlockable {
  /** Finds the key once the header has been fed; see {@link AgeDecoder.unlock}. */
  unlock(options?: { signal?: AbortSignal | undefined }): Promise<void>;
}

/**
 * A decoder's core, for the keys that the constructors do not take.
 *
 * @throws TypeError, RangeError; NotSupportedError; the signal's reason.
 */
async function create(
  format: Format | "auto",
  key: DecryptKey,
  options: object | undefined,
): Promise<DecoderCore> {
  const name = sizeName(format);
  const {
    maxWorkFactor = MAX_WORK_FACTOR,
    [name]: maxChunkSize = CHUNK_SIZE,
    signal,
    onDerivation,
  } = readOptions(options, ["maxWorkFactor", name, "signal", "onDerivation"]);
  const opening = openKey(key, maxWorkFactor);
  opening.onDerivation = onDerivation;
  try {
    signal?.throwIfAborted();
    const loaded = await engine();
    signal?.throwIfAborted();
    return new DecoderCore(loaded, opening, { format, maxChunkSize });
  } catch (error) {
    opening.drop();
    throw error;
  }
}

abstract class BaseDecoder implements PushDecoder, Unlockable {
  /** @internal */
  protected constructor(
    format: Format | "auto",
    passphrase: string | DecoderCore,
    options: number | object | undefined,
    limit: number | undefined,
  ) {
    disposable(this, () => this.free());
    if (passphrase instanceof DecoderCore) {
      decoders.add(this, format, passphrase);
      return;
    }
    const name = sizeName(format);
    const inObject = typeof options === "object";
    if (inObject && limit !== undefined)
      throw new TypeError("maxWorkFactor goes into the options, where there are any");
    const { maxWorkFactor = MAX_WORK_FACTOR, [name]: maxChunkSize = CHUNK_SIZE } = readOptions(
      inObject ? options : { [name]: options, maxWorkFactor: limit },
      ["maxWorkFactor", name],
    );
    if (typeof passphrase !== "string" && isKey(passphrase))
      throw new TypeError("With recipients' keys a decoder is made by its class's create()");
    const key = openKey(passphrase, maxWorkFactor);
    try {
      decoders.add(
        this,
        format,
        new DecoderCore(loadedEngine(), key, { format, maxChunkSize }, true),
      );
    } catch (error) {
      key.drop();
      throw error;
    }
  }

  /**
   * How many bytes `feed()` takes next: 1 in the header, 16 for the nonce, then as the format says;
   * 0 when done or failed.
   *
   * @throws StateError `freed`.
   */
  get bytesWanted(): number {
    return decoders.of(this).wanted;
  }

  /**
   * Whether the final chunk was decoded.
   *
   * @throws StateError `freed`.
   */
  isDone(): boolean {
    return decoders.of(this).done;
  }

  /**
   * Takes exactly `bytesWanted` bytes, and returns a plaintext chunk when one is ready. In the
   * payload of the age format fewer bytes mark the final chunk. The byte that completes the header
   * derives the key, on the calling thread.
   *
   * @throws InsufficientDataError `wrong-feed-length`, which changes nothing; StateError
   * `already-done`, `in-use`, `freed`; any DecodeError, which every later call throws again;
   * NotSupportedError; TypeError.
   */
  feed(data: Bytes): Out | undefined {
    const core = decoders.unclaimed(this);
    const bytes = toBytes(data);
    if (core.done) throw plainError("already-done");
    if (core.awaitsKey) throw plainError("key-pending");
    const wanted = core.wanted;
    const short = bytes.length < wanted && bytes.length > 0 && core.takesShortChunk;
    // A failed decoder wants nothing, and `take` throws what it failed with.
    if (wanted > 0 && bytes.length !== wanted && !short) {
      throw new InsufficientDataError(
        "wrong-feed-length",
        `Expected ${wanted} bytes, got ${bytes.length}`,
      );
    }
    for (let offset = 0; ;) {
      offset += core.take(bytes, offset);
      const event = core.event();
      if (event >= 0) return core.chunk(event, true);
      if (event === NEED_KEY) {
        if (!core.inPlace) return undefined;
        core.findKeyNow();
      }
      if (event === END || offset === bytes.length) break;
    }
    if (!short) return undefined;
    const event = core.finish();
    return event >= 0 ? core.chunk(event, true) : undefined;
  }

  /**
   * The end of the input.
   *
   * @throws StreamTruncatedError `truncated` unless the final chunk was decoded; what an earlier
   * call threw; StateError `in-use`, `freed`.
   */
  finish(): void {
    const core = decoders.unclaimed(this);
    if (core.finish() !== END) throw core.fail(plainError("truncated"));
  }

  /**
   * Finds the key without holding up the calling thread, once the header has been fed. It is for a
   * decoder made by `create()`: `bytesWanted` is then 0 although the decoder is not done. Until it
   * resolves, `feed()`, `finish()` and the synchronous iterators throw StateError `key-pending`,
   * which changes nothing. Where there is nothing to find, or before the header is complete, it
   * resolves.
   *
   * @throws (rejects) what the key's owner throws; any DecodeError; StateError `in-use`, `freed`;
   * NotSupportedError; the signal's reason.
   */
  async unlock(options?: { signal?: AbortSignal | undefined }): Promise<void> {
    const { signal } = readOptions(options, ["signal"]);
    signal?.throwIfAborted();
    const core = decoders.unclaimed(this);
    const abort = new AbortController();
    const ignoreSignal = follow(signal, (reason) => abort.abort(reason));
    try {
      await core.findKey(abort.signal);
    } finally {
      ignoreSignal();
    }
  }

  /**
   * Wipes passphrase and keys and releases the memory. Later calls throw StateError `freed`;
   * freeing again does nothing.
   */
  free(): void {
    decoders.peek(this)?.free();
  }

  /** `free()`, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }
}

/**
 * Decodes an age-rt stream. Synchronous: needs {@link init} first. {@link AgeRtDecryptStream} does
 * the same over time and derives off the calling thread; {@link iterDecodeChunks} and the other
 * iterators do the feeding.
 *
 * @example
 * ```js
 * await init();
 * const wire = await encrypt("attack at dawn", passphrase, { format: "age-rt" });
 *
 * using decoder = new AgeRtDecoder(passphrase);
 * for (let at = 0; decoder.bytesWanted > 0; ) {
 *   const chunk = decoder.feed(wire.subarray(at, (at += decoder.bytesWanted)));
 *   if (chunk?.length > 0) console.log(new TextDecoder().decode(chunk)); // attack at dawn
 * }
 * decoder.finish();
 * ```
 */
export class AgeRtDecoder extends BaseDecoder {
  /**
   * @param options - The largest chunk size and work factor that are accepted from a header.
   * @throws StateError `not-initialized`; TypeError, RangeError.
   */
  constructor(
    passphrase: string,
    options?: Pick<AgeRtDecryptOptions, "maxChunkSize" | "maxWorkFactor">,
  );
  /**
   * The options by place.
   *
   * @param maxChunkSize - The largest chunk size that is accepted from a header, in bytes; 65536
   * unless set.
   * @param maxWorkFactor - The largest work factor (log2 N) that is accepted, 1..=22; 20 unless
   * set.
   */
  constructor(passphrase: string, maxChunkSize?: number, maxWorkFactor?: number);
  constructor(passphrase: string, options?: number | object, maxWorkFactor?: number) {
    super("age-rt", passphrase, options, maxWorkFactor);
  }

  /**
   * For a passphrase, an identity or several. Loads what it needs by itself; the key is found once
   * the header has been read: by `unlock()`, by the asynchronous iterators, or by the stream that
   * it is given to.
   *
   * @throws (rejects) TypeError, RangeError; NotSupportedError; the signal's reason.
   */
  static async create(key: DecryptKey, options?: AgeRtDecryptOptions): Promise<AgeRtDecoder> {
    return new AgeRtDecoder((await create("age-rt", key, options)) as unknown as string);
  }

  /**
   * The name of the class, which keeps frameworks from making a proxy of it, as they do of plain
   * objects.
   *
   * @internal
   */
  get [Symbol.toStringTag](): string {
    return "AgeRtDecoder";
  }
}

/**
 * Decodes an age v1 stream. Synchronous: needs {@link init} first.
 *
 * @example
 * ```js
 * await init();
 * const decoder = new AgeDecoder(passphrase);
 * for await (const chunk of decodeFile(encrypted, decoder)) show(chunk);
 * decoder.free();
 * ```
 */
export class AgeDecoder extends BaseDecoder {
  /**
   * @param options - The bytes of plaintext in a chunk, and the largest work factor that is
   * accepted from a header.
   * @throws StateError `not-initialized`; TypeError, RangeError.
   */
  constructor(passphrase: string, options?: Pick<AgeDecryptOptions, "chunkSize" | "maxWorkFactor">);
  /**
   * The options by place.
   *
   * @param chunkSize - Bytes of plaintext in a chunk, exactly as in the header; 65536 unless set.
   * @param maxWorkFactor - The largest work factor (log2 N) that is accepted, 1..=22; 20 unless
   * set.
   */
  constructor(passphrase: string, chunkSize?: number, maxWorkFactor?: number);
  constructor(passphrase: string, options?: number | object, maxWorkFactor?: number) {
    super("age", passphrase, options, maxWorkFactor);
  }

  /**
   * For a passphrase, an identity or several. Loads what it needs by itself; the key is found once
   * the header has been read: by `unlock()`, by the asynchronous iterators, or by the stream that
   * it is given to.
   *
   * @throws (rejects) TypeError, RangeError; NotSupportedError; the signal's reason.
   */
  static async create(key: DecryptKey, options?: AgeDecryptOptions): Promise<AgeDecoder> {
    return new AgeDecoder((await create("age", key, options)) as unknown as string);
  }

  /**
   * Opens one chunk out of order: for AgeReader, once header and nonce were fed.
   *
   * @internal
   */
  openAt(sealed: Uint8Array, index: number, final: boolean): Out {
    return decoders.of(this).openAt(sealed, index, final);
  }

  /**
   * The name of the class, which keeps frameworks from making a proxy of it, as they do of plain
   * objects.
   *
   * @internal
   */
  get [Symbol.toStringTag](): string {
    return "AgeDecoder";
  }
}

/**
 * Reads the identifier, then decodes age or age-rt. Synchronous: needs {@link init} first.
 *
 * @example
 * ```js
 * await init();
 * const decoder = new AgeAutoDecoder(passphrase);
 * for await (const chunk of decodeFile(encrypted, decoder)) show(chunk);
 * console.log(decoder.format); // age
 * decoder.free();
 * ```
 */
export class AgeAutoDecoder extends BaseDecoder {
  /**
   * @param options - The largest chunk size, of either format, and work factor that are accepted
   * from a header.
   * @throws StateError `not-initialized`; TypeError, RangeError.
   */
  constructor(
    passphrase: string,
    options?: Pick<AgeRtDecryptOptions, "maxChunkSize" | "maxWorkFactor">,
  );
  /**
   * The options by place.
   *
   * @param maxChunkSize - The largest chunk size that is accepted from a header of either format,
   * in bytes; 65536 unless set.
   * @param maxWorkFactor - The largest work factor (log2 N) that is accepted, 1..=22; 20 unless
   * set.
   */
  constructor(passphrase: string, maxChunkSize?: number, maxWorkFactor?: number);
  constructor(passphrase: string, options?: number | object, maxWorkFactor?: number) {
    super("auto", passphrase, options, maxWorkFactor);
  }

  /**
   * For a passphrase, an identity or several. Loads what it needs by itself; the key is found once
   * the header has been read: by `unlock()`, by the asynchronous iterators, or by the stream that
   * it is given to.
   *
   * @throws (rejects) TypeError, RangeError; NotSupportedError; the signal's reason.
   */
  static async create(key: DecryptKey, options?: AgeRtDecryptOptions): Promise<AgeAutoDecoder> {
    return new AgeAutoDecoder((await create("auto", key, options)) as unknown as string);
  }

  /**
   * The format that the header names, once it was read.
   *
   * @throws StateError `freed`.
   */
  get format(): Format | undefined {
    return decoders.of(this).detectedFormat;
  }

  /**
   * The name of the class, which keeps frameworks from making a proxy of it, as they do of plain
   * objects.
   *
   * @internal
   */
  get [Symbol.toStringTag](): string {
    return "AgeAutoDecoder";
  }
}

/** Any of the three decoders. */
export type Decoder = AgeRtDecoder | AgeDecoder | AgeAutoDecoder;
