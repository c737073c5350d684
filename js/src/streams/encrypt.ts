import { part } from "../bytes.js";
import type { AgeEncoder, AgeRtEncoder, Encoder } from "../codec/encoder.js";
import { type EncoderCore, encoderCoreFrom, encoders } from "../codec/encoder-core.js";
import { Crew, type Workers } from "../codec/workers.js";
import type { SealKey } from "../keys/key.js";
import type { EncryptKey } from "../keys/recipient.js";
import { isKey, isThenable, sealKey } from "../keys/recipients.js";
import {
  type AgeEncryptOptions,
  type AgeRtEncryptOptions,
  checkNoLimits,
  CHUNK_SIZE,
  type Format,
  readOptions,
  sizeName,
} from "../options.js";
import { inSteps, type Output, Pair, type Transformer } from "./pair.js";
import { checkSize, fileSize } from "../sizes.js";
import { PairStream, type SizedTransform } from "./stream.js";
import type { Job } from "../workers/host.js";

/** Gives the stream its core, once; the encoder it may hold meanwhile is released by `drop`. */
interface Key {
  core(signal: AbortSignal): Promise<EncoderCore>;
  drop(): void;
}

function fromKey(format: Format, key: SealKey, chunkSize: number): Key {
  return {
    core: (signal) => encoderCoreFrom(format, key, chunkSize, signal),
    drop: () => key.drop(),
  };
}

function fromEncoder(core: EncoderCore): Key {
  return { core: () => Promise.resolve(core), drop: () => core.free() };
}

function fromPromise(promise: Promise<Encoder>, format: Format): Key {
  let dropped = false;
  const core = promise.then((encoder) => {
    if (typeof encoder === "string" || isKey(encoder))
      throw new TypeError("Only an encoder may still be promised: await the key");
    if (!encoders.has(encoder, format))
      throw new TypeError("The promise did not resolve to an encoder of this stream's format");
    const taken = encoders.take(encoder);
    if (dropped) taken.free();
    return taken;
  });
  // A rejection is the stream's error when it is asked for its core; before that it must not count
  // as unhandled.
  core.catch(() => undefined);
  return {
    core: () => core,
    drop: () => {
      dropped = true;
      core.then(
        (taken) => taken.free(),
        () => undefined,
      );
    },
  };
}

abstract class Encryption implements Transformer {
  readonly #key: Key;
  readonly #onProgress: ((bytes: number) => void) | undefined;
  /** Bytes of header and nonce, and of plaintext in a chunk, once it has begun. */
  headerLen = 0;
  chunkSize = 0;
  #core: EncoderCore | undefined;
  #sealed = 0;

  constructor(key: Key, onProgress: ((bytes: number) => void) | undefined) {
    this.#key = key;
    this.#onProgress = onProgress;
  }

  async start(out: Output): Promise<void> {
    const core = await this.#key.core(out.signal);
    if (out.signal.aborted) {
      core.free();
      throw out.signal.reason;
    }
    this.#core = core;
    this.headerLen = core.header.length;
    this.chunkSize = core.chunkSize;
    // The peer can derive its key while this side still waits for its first message.
    out.push(core.header);
  }

  protected get core(): EncoderCore {
    return this.#core as EncoderCore;
  }

  /**
   * Seals the `count` bytes that were put, gives the chunk to the reader, and tells how far that
   * is.
   */
  protected seal(out: Output, count: number, final: boolean): void {
    out.push(this.core.seal(count, final));
    this.told(count);
  }

  /** So many bytes of plaintext more were sealed. */
  protected told(count: number): void {
    this.#sealed += count;
    if (count > 0) this.#onProgress?.(this.#sealed);
  }

  abstract write(bytes: Uint8Array, out: Output): Promise<void> | void;
  abstract close(out: Output): void;

  free(): void {
    this.#key.drop();
    this.#core?.free();
  }
}

/** One write, one chunk on the wire. */
class RtEncryption extends Encryption {
  write(bytes: Uint8Array, out: Output): Promise<void> | void {
    const { core } = this;
    const { length } = bytes;
    let offset = 0;
    return inSteps(() => {
      do {
        if (out.full) return out.taken();
        const count = Math.min(length - offset, core.chunkSize);
        core.put(part(bytes, offset, offset + count), 0);
        this.seal(out, count, false);
        offset += count;
      } while (offset < length);
    });
  }

  close(out: Output): void {
    this.seal(out, 0, true);
  }
}

/**
 * Full chunks, of which the last is held back: only the end of the input tells that it is the final
 * one.
 */
class AgeEncryption extends Encryption {
  #filled = 0;
  readonly #crew: Crew;

  constructor(
    key: Key,
    onProgress: ((bytes: number) => void) | undefined,
    workers: Workers | undefined,
  ) {
    super(key, onProgress);
    this.#crew = new Crew(workers);
  }

  override start(out: Output): Promise<void> {
    this.#crew.begin(out.signal);
    return super.start(out);
  }

  write(bytes: Uint8Array, out: Output): Promise<void> | void {
    const { core } = this;
    const crew = this.#crew;
    const { length } = bytes;
    let offset = 0;
    return inSteps(() => {
      while (offset < length) {
        if (crew.waits) return crew.waits;
        const batches = this.#filled === 0 ? crew.batches(() => this.#job(), out) : undefined;
        if (batches) {
          const wait = batches.over ? this.flush(out) : batches.room();
          if (wait) return wait;
          offset += batches.put(part(bytes, 0, length), offset);
          if (offset === length) batches.lull();
          continue;
        }
        if (out.full) return out.taken();
        if (this.#filled === core.chunkSize) {
          this.seal(out, this.#filled, false);
          this.#filled = 0;
          continue;
        }
        const count = Math.min(length - offset, core.chunkSize - this.#filled);
        core.put(part(bytes, offset, offset + count), this.#filled);
        this.#filled += count;
        offset += count;
        crew.passed(count, out.signal);
      }
    });
  }

  /** Everything comes back to the calling thread. */
  async flush(out: Output): Promise<void> {
    await this.#crew.waits;
    const rest = await this.#crew.leave();
    if (!rest) return;
    try {
      await this.write(rest, out);
    } finally {
      rest.fill(0);
    }
  }

  close(out: Output): void {
    this.seal(out, this.#filled, true);
  }

  override free(): void {
    this.#crew.free();
    super.free();
  }

  #job(): Job {
    const { core } = this;
    return {
      module: core.module,
      chunkSize: core.chunkSize,
      opening: false,
      key: () => core.payloadKey(),
      grant: (count) => core.grant(count),
      told: (bytes) => this.told(bytes),
    };
  }
}

/** What a stream was asked for, checked before anything is taken. */
function settings(
  key: EncryptKey | Encoder | Promise<Encoder>,
  format: Format,
  options: object | undefined,
): {
  key: Key;
  signal: AbortSignal | undefined;
  onProgress: ((bytes: number) => void) | undefined;
  workers: Workers | undefined;
} {
  const name = sizeName(format);
  const read = readOptions(options, [
    "workFactor",
    name,
    "signal",
    "onProgress",
    "onDerivation",
    ...(format === "age" ? (["workers"] as const) : []),
  ]);
  const { workFactor, [name]: chunkSize = CHUNK_SIZE, onDerivation } = read;
  const { signal, onProgress, workers } = read;
  const made = encoders.has(key, format);
  if (made || (isThenable(key) && !isKey(key))) {
    checkNoLimits(read);
    return {
      key: made
        ? fromEncoder(encoders.take(key as Encoder))
        : fromPromise(Promise.resolve(key as Promise<Encoder>), format),
      signal,
      onProgress,
      workers,
    };
  }
  if (typeof key !== "string" && !isKey(key))
    throw new TypeError(
      encoders.mistake(
        key,
        "a passphrase, a recipient, an encoder of this stream's format, or a promise of one",
      ),
    );
  const sealing = sealKey(key as EncryptKey, workFactor);
  sealing.onDerivation = onDerivation;
  return { key: fromKey(format, sealing, chunkSize), signal, onProgress, workers };
}

/**
 * Encrypts messages as an age-rt stream. One write is one message and one chunk on the wire, which
 * comes out at once; a write above the maximum is split. Header and nonce come out as soon as the
 * key is derived, before the first write. Closing appends an empty final chunk.
 *
 * Data errors do not occur; both sides error with NotSupportedError, the signal's reason, or a
 * TypeError for a chunk that is no bytes.
 *
 * @example
 * ```js
 * await source.pipeThrough(new AgeRtEncryptStream(passphrase)).pipeTo(destination);
 * ```
 *
 * @example
 * ```js
 * // The key of a stream that is needed soon, derived ahead of time: the stream then starts at once.
 * const next = AgeRtEncoder.create(passphrase);
 * await source.pipeThrough(new AgeRtEncryptStream(next)).pipeTo(destination);
 * ```
 */
export class AgeRtEncryptStream extends PairStream {
  /**
   * @param key - The passphrase, a recipient or several; or an encoder made ahead, which this
   * stream then owns, or a promise of one.
   * @throws TypeError, also for a limit or size beside an encoder; RangeError; StateError `freed`
   * for an encoder that is gone.
   */
  constructor(
    key: EncryptKey | AgeRtEncoder | Promise<AgeRtEncoder>,
    options?: AgeRtEncryptOptions,
  ) {
    const read = settings(key, "age-rt", options);
    super(new Pair(new RtEncryption(read.key, read.onProgress), read.signal));
  }

  /** The name of the class, as the platform's own streams have it. */
  get [Symbol.toStringTag](): string {
    return "AgeRtEncryptStream";
  }
}

/**
 * Encrypts bytes as an age v1 file, which every age tool opens. Chunks of 64 KiB come out as they
 * fill.
 *
 * Data errors do not occur; both sides error with NotSupportedError, the signal's reason, or a
 * TypeError for a chunk that is no bytes.
 *
 * @example
 * ```js
 * await file.stream().pipeThrough(new AgeEncryptStream(passphrase)).pipeTo(destination);
 * ```
 *
 * @example
 * ```ts
 * // Node's own streams: Duplex.fromWeb() makes one of ours one of those. The cast is for TypeScript.
 * import { createReadStream, createWriteStream } from "node:fs";
 * import { Duplex } from "node:stream";
 * import { pipeline } from "node:stream/promises";
 *
 * await pipeline(createReadStream("report.pdf"), Duplex.fromWeb(new AgeEncryptStream(passphrase) as never), createWriteStream("report.pdf.age"));
 * ```
 */
export class AgeEncryptStream extends PairStream implements SizedTransform {
  readonly #size: (bytes: number) => Promise<number>;

  /**
   * @param key - The passphrase, a recipient or several; or an encoder made ahead, which this
   * stream then owns, or a promise of one.
   * @throws TypeError, also for a limit or size beside an encoder; RangeError; StateError `freed`
   * for an encoder that is gone.
   */
  constructor(key: EncryptKey | AgeEncoder | Promise<AgeEncoder>, options?: AgeEncryptOptions) {
    const read = settings(key, "age", options);
    const transformer = new AgeEncryption(read.key, read.onProgress, read.workers);
    const pair = new Pair(transformer, read.signal);
    super(pair);
    this.#size = async (bytes) => {
      checkSize(bytes);
      await pair.begin();
      return fileSize(bytes, transformer.headerLen, transformer.chunkSize);
    };
  }

  /**
   * The exact size of the file for so many bytes of plaintext, header included, for any key. It
   * starts making the header.
   *
   * @throws (rejects) RangeError for a size that no file has; TypeError; the stream's error.
   *
   * @example
   * ```js
   * const stream = new AgeEncryptStream(passphrase);
   * const length = await stream.size(file.size);
   * const body = await new Response(file.stream().pipeThrough(stream)).arrayBuffer();
   * console.log(body.byteLength === length); // true
   * ```
   */
  size(bytes: number): Promise<number> {
    return this.#size(bytes);
  }

  /** The name of the class, as the platform's own streams have it. */
  get [Symbol.toStringTag](): string {
    return "AgeEncryptStream";
  }
}
