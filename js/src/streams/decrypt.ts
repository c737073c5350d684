import { part } from "../bytes.js";
import { plainError } from "../engine/core-errors.js";
import type { AgeAutoDecoder, AgeDecoder, AgeRtDecoder, Decoder } from "../codec/decoder.js";
import { DecoderCore, type DecoderLimits, decoders, NEED_KEY } from "../codec/decoder-core.js";
import { Crew, type Workers } from "../codec/workers.js";
import { engine } from "../engine/engine.js";
import { nextTurn } from "../engine/host.js";
import type { OpenKey } from "../keys/key.js";
import type { DecryptKey } from "../keys/recipient.js";
import { isKey, isThenable, openKey } from "../keys/recipients.js";
import {
  type AgeDecryptOptions,
  type AgeRtDecryptOptions,
  checkNoLimits,
  CHUNK_SIZE,
  type Format,
  MAX_WORK_FACTOR,
  readOptions,
  sizeName,
} from "../options.js";
import { Dearmoring } from "./armor.js";
import { inSteps, type Output, Pair, type Transformer } from "./pair.js";
import { noSize, payloadSize } from "../sizes.js";
import { type Opened, type OpenedTransform, PairStream, type SizedTransform } from "./stream.js";
import type { Job } from "../workers/host.js";

const TAG_LEN = 16;
/** So many bytes of a header are read before other tasks have their turn. */
const HEADER_A_TURN = 2 ** 16;

class Decryption implements Transformer {
  /** Hears of the format once the header was read. */
  onFormat: ((format: Format) => void) | undefined;
  /** Hears of the key that fits. */
  onOpened: ((opened: Opened) => void) | undefined;
  /** What it heard, for those who ask later. */
  opened: Opened | undefined;
  /** Hears the bytes of plaintext so far. */
  onProgress: ((bytes: number) => void) | undefined;
  readonly #closeAtFinal: boolean;
  readonly #limits: DecoderLimits;
  readonly #key: OpenKey | undefined;
  #core: DecoderCore | undefined;
  /** The readable was closed at the final chunk. */
  #ended = false;
  #opened = 0;
  readonly #crew: Crew;
  /** Bytes that the core has taken. */
  #fed = 0;
  #nextTurnAt = HEADER_A_TURN;
  /** Chunks that were opened in workers, and that the core does not know of. */
  #elsewhere = 0;

  constructor(
    key: OpenKey | DecoderCore,
    limits: DecoderLimits,
    closeAtFinal: boolean,
    workers: Workers | undefined,
  ) {
    // What comes live is not kept for a batch.
    this.#crew = new Crew(closeAtFinal ? 0 : workers);
    if (key instanceof DecoderCore) this.#core = key;
    else this.#key = key;
    this.#limits = limits;
    this.#closeAtFinal = closeAtFinal;
  }

  async start(out: Output): Promise<void> {
    this.#crew.begin(out.signal);
    const loaded = this.#core ? undefined : await engine();
    out.signal.throwIfAborted();
    if (loaded && this.#key) this.#core = new DecoderCore(loaded, this.#key, this.#limits);
  }

  write(bytes: Uint8Array, out: Output): Promise<void> | void {
    if (this.#ended) {
      if (bytes.length > 0) throw plainError("trailing-data");
      return;
    }
    return this.#take(bytes, out, true);
  }

  /** @param batching - whether workers may take part. */
  #take(bytes: Uint8Array, out: Output, batching: boolean): Promise<void> | void {
    const core = this.#core as DecoderCore;
    const crew = this.#crew;
    let { length } = bytes;
    let offset = 0;
    /** Events of what was taken may still come. */
    let taken = false;
    let emitted = false;
    let kept = false;
    /** What was written is kept as it is now, where it waits for something else than a reader. */
    const keepRest = () => {
      if (kept) return;
      kept = true;
      // Not slice(): that of Node's Buffer is a view.
      bytes = new Uint8Array(bytes.subarray(offset));
      ({ length } = bytes);
      offset = 0;
    };
    return inSteps(() => {
      while (taken || offset < length) {
        if (emitted) this.#endAtFinal(out);
        emitted = false;
        if (!taken) {
          let most = length;
          if (batching && this.opened?.format === "age") {
            if (crew.waits) return crew.waits;
            // Workers begin with a whole chunk. Behind the final one nothing is theirs.
            const begun = crew.ready && !core.done ? this.#beforeChunk(core) : undefined;
            const batches = begun === 0 ? crew.batches(() => this.#job(core), out) : undefined;
            if (batches) {
              const wait = batches.over ? this.#leave(out) : batches.room();
              if (wait) return wait;
              offset += batches.put(part(bytes, 0, length), offset);
              if (offset === length) batches.lull();
              continue;
            }
            if (begun) most = Math.min(length, offset + begun);
          }
          const count = core.take(part(bytes, 0, most), offset);
          offset += count;
          this.#fed += count;
          crew.passed(count, out.signal);
        }
        taken = true;
        const event = core.event();
        if (event === NEED_KEY) {
          this.#tellFormat();
          keepRest();
          return this.#open(core, out.signal);
        }
        if (event >= 0) {
          this.#emit(event, out);
          emitted = true;
          if (out.full) return out.taken();
          continue;
        }
        taken = false;
        if (this.#ended) {
          core.free();
          if (offset < length) throw plainError("trailing-data");
          return;
        }
        // A header may have 1 MiB: others have their turn while it is read.
        if (this.#fed >= this.#nextTurnAt && !this.opened && core.awaitsHeader) {
          this.#nextTurnAt = this.#fed + HEADER_A_TURN;
          keepRest();
          return nextTurn().then(() => out.signal.throwIfAborted());
        }
      }
    });
  }

  async #open(core: DecoderCore, signal: AbortSignal): Promise<void> {
    await core.findKey(signal);
    const { payloadStart, chunkSize, workFactor } = core;
    const format = core.detectedFormat as Format;
    this.opened = {
      format,
      workFactor,
      plaintextSize: (ciphertextSize) => {
        if (format !== "age") throw noSize();
        return payloadSize(ciphertextSize, payloadStart, chunkSize);
      },
    };
    this.onOpened?.(this.opened);
  }

  async flush(out: Output): Promise<void> {
    await this.#crew.waits;
    await this.#leave(out);
  }

  /** Everything comes back to the calling thread. */
  async #leave(out: Output): Promise<void> {
    const rest = await this.#crew.leave();
    if (!rest) return;
    this.#catchUp();
    await this.#take(rest, out, false);
    await out.taken();
  }

  /** The core goes on behind what was opened in workers. */
  #catchUp(): void {
    if (this.#elsewhere > 0) this.#core?.skip(this.#elsewhere);
    this.#elsewhere = 0;
  }

  /** Bytes up to where a chunk begins, or up to where the first one does. */
  #beforeChunk({ payloadStart, chunkSize }: DecoderCore): number {
    const sealedSize = chunkSize + TAG_LEN;
    const into = this.#fed - payloadStart;
    return into < 0 ? -into : (sealedSize - (into % sealedSize)) % sealedSize;
  }

  #job(core: DecoderCore): Job {
    const { chunkSize } = core;
    let next = (this.#fed - core.payloadStart) / (chunkSize + TAG_LEN);
    return {
      module: core.module,
      chunkSize,
      opening: true,
      key: () => core.payloadKey(),
      grant: (count) => (next += count) - count,
      told: (bytes) => {
        this.#elsewhere += bytes / chunkSize;
        this.#told(bytes);
      },
      refused: async (sealed, more, out) => {
        this.#catchUp();
        await this.#take(sealed, out, false);
        // Whatever it is: the core says that nothing may follow.
        if (more) await this.#take(new Uint8Array(1), out, false);
      },
    };
  }

  async close(out: Output): Promise<void> {
    if (this.#ended) return;
    const core = this.#core as DecoderCore;
    for (let event = core.finish(); event >= 0; event = core.finish()) {
      this.#emit(event, out);
      await out.taken();
    }
  }

  free(): void {
    this.#crew.free();
    this.#key?.drop();
    this.#core?.free();
  }

  #emit(len: number, out: Output): void {
    const core = this.#core as DecoderCore;
    const chunk = core.chunk(len);
    // An empty final chunk ends the stream and is no message.
    if (len > 0 || !core.final) out.push(chunk);
    this.#told(len);
  }

  #told(len: number): void {
    this.#opened += len;
    if (len > 0) this.onProgress?.(this.#opened);
  }

  /**
   * Before the next event: bytes that came along with the final chunk are no error of the readable.
   */
  #endAtFinal(out: Output): void {
    if (!this.#closeAtFinal || this.#ended || !this.#core?.done) return;
    this.#ended = true;
    out.end();
  }

  #tellFormat(): void {
    const format = this.#core?.detectedFormat;
    if (format) this.onFormat?.(format);
  }
}

/** What a stream was asked for, checked before anything is taken, and its transformer. */
function settings(
  key: DecryptKey | Decoder,
  format: Format | "auto",
  options: object | undefined,
): { transformer: Decryption; signal: AbortSignal | undefined } {
  const name = sizeName(format);
  const read = readOptions(options, [
    "maxWorkFactor",
    name,
    "signal",
    "onProgress",
    "onDerivation",
    "workers",
    ...(format === "age" ? [] : (["closeAtFinal"] as const)),
  ]);
  const {
    maxWorkFactor = MAX_WORK_FACTOR,
    [name]: maxChunkSize = CHUNK_SIZE,
    closeAtFinal = false,
    signal,
    onProgress,
    onDerivation,
    workers,
  } = read;
  const made = decoders.has(key, format);
  if (made) checkNoLimits(read);
  else if (typeof key !== "string" && !isKey(key) && !isThenable(key))
    throw new TypeError(
      decoders.mistake(key, "a passphrase, an identity, or a decoder of this stream's format"),
    );
  const opening = made ? decoders.take(key as Decoder) : openKey(key as DecryptKey, maxWorkFactor);
  if (!(opening instanceof DecoderCore)) opening.onDerivation = onDerivation;
  const transformer = new Decryption(opening, { format, maxChunkSize }, closeAtFinal, workers);
  transformer.onProgress = onProgress;
  return { transformer, signal };
}

/** The shape of the three decrypt streams. */
abstract class DecryptStream extends PairStream implements OpenedTransform {
  readonly #transformer: Decryption;
  readonly #signal: AbortSignal;
  #opened: Promise<Opened> | undefined;

  /** @internal */
  protected constructor(
    transformer: Decryption,
    signal: AbortSignal | undefined,
    outer: Transformer = transformer,
  ) {
    const pair = new Pair(outer, signal);
    super(pair);
    this.#transformer = transformer;
    this.#signal = pair.signal;
  }

  /**
   * Settles before any plaintext is out: resolves once the key fits and the header's MAC is right,
   * rejects with the stream's error. The stream has to be written to, or piped to, meanwhile.
   */
  get opened(): Promise<Opened> {
    return (this.#opened ??= this.told((resolve) => {
      if (this.#transformer.opened) resolve(this.#transformer.opened);
      this.#transformer.onOpened = resolve;
    }));
  }

  /** @internal A promise of what the header tells, which nobody need ask for. */
  protected told<T>(listen: (resolve: (value: T) => void) => void): Promise<T> {
    const signal = this.#signal;
    const promise = new Promise<T>((resolve, reject) => {
      listen(resolve);
      const fail = (): void => reject(signal.reason as Error);
      if (signal.aborted) fail();
      else signal.addEventListener("abort", fail, { once: true });
    });
    promise.catch(() => undefined);
    return promise;
  }
}

/**
 * Decrypts an age-rt stream. One message that was written is one chunk here, each as soon as it has
 * verified, however the transport cut or joined the bytes; zero-length messages included, an empty
 * final chunk not.
 *
 * The readable errors with a {@link DecodeError} after every chunk that verified before it was
 * read; the writable errors with the same, which cancels the source.
 *
 * @example
 * ```js
 * const { body } = await fetch("/live");
 * for await (const message of messages(body.pipeThrough(new AgeRtDecryptStream(passphrase)))) show(message);
 * ```
 */
export class AgeRtDecryptStream extends DecryptStream {
  /**
   * @param key - The passphrase, an identity or several; or a decoder, which this stream then owns.
   * @throws TypeError, also for a limit or size beside a decoder; RangeError; StateError `freed`
   * for a decoder that is gone.
   */
  constructor(key: DecryptKey | AgeRtDecoder, options?: AgeRtDecryptOptions) {
    const { transformer, signal } = settings(key, "age-rt", options);
    super(transformer, signal);
  }

  /** The name of the class, as the platform's own streams have it. */
  get [Symbol.toStringTag](): string {
    return "AgeRtDecryptStream";
  }
}

/**
 * Decrypts an age v1 file. Chunks come out as they verify.
 *
 * The readable errors with a {@link DecodeError} after every chunk that verified before it was
 * read; the writable errors with the same. A destination should be one that can be taken back, such
 * as a file that is renamed when it is whole.
 *
 * @example
 * ```js
 * const { body } = await fetch("/report.pdf.age");
 * await body.pipeThrough(new AgeDecryptStream(passphrase)).pipeTo(destination);
 * ```
 */
export class AgeDecryptStream extends DecryptStream implements SizedTransform {
  /**
   * @param key - The passphrase, an identity or several; or a decoder, which this stream then owns.
   * @throws TypeError, also for a limit or size beside a decoder; RangeError; StateError `freed`
   * for a decoder that is gone.
   */
  constructor(key: DecryptKey | AgeDecoder, options?: AgeDecryptOptions) {
    const { transformer, signal } = settings(key, "age", options);
    super(transformer, signal);
  }

  /**
   * The exact size of the plaintext of so many bytes of ciphertext, header included. It settles
   * once the header was written and the key fits: do not await it before piping.
   *
   * @throws (rejects) RangeError for a size that no file has; TypeError; the stream's error.
   */
  async size(bytes: number): Promise<number> {
    return (await this.opened).plaintextSize(bytes);
  }

  /** The name of the class, as the platform's own streams have it. */
  get [Symbol.toStringTag](): string {
    return "AgeDecryptStream";
  }
}

/**
 * Reads the identifier, then decrypts age or age-rt, armored or not: see {@link DearmorStream}.
 *
 * @example
 * ```js
 * const { body } = await fetch("/report.pdf.age");
 * const stream = new AgeAutoDecryptStream(passphrase);
 * // Together: whichever fails first must find somebody who handles it.
 * const done = body.pipeThrough(stream).pipeTo(destination);
 * const [format] = await Promise.all([stream.format, done]);
 * console.log(format); // age
 * ```
 */
export class AgeAutoDecryptStream extends DecryptStream implements SizedTransform {
  /**
   * Resolves once the header has been read, before the passphrase was tried (see `opened`); rejects
   * with the stream's error.
   */
  readonly format: Promise<Format>;

  /**
   * @param key - The passphrase, an identity or several; or a decoder, which this stream then owns.
   * @throws TypeError, also for a limit or size beside a decoder; RangeError; StateError `freed`
   * for a decoder that is gone.
   */
  constructor(key: DecryptKey | AgeAutoDecoder, options?: AgeRtDecryptOptions) {
    const { transformer, signal } = settings(key, "auto", options);
    super(transformer, signal, new Dearmoring(transformer));
    this.format = this.told((resolve) => void (transformer.onFormat = resolve));
  }

  /**
   * The exact size of the plaintext of so many bytes of ciphertext, header included. It settles
   * once the header was written and the key fits: do not await it before piping. Rejects with a
   * TypeError where it turns out to be age-rt.
   *
   * @throws (rejects) RangeError for a size that no file has; TypeError; the stream's error.
   */
  async size(bytes: number): Promise<number> {
    return (await this.opened).plaintextSize(bytes);
  }

  /** The name of the class, as the platform's own streams have it. */
  get [Symbol.toStringTag](): string {
    return "AgeAutoDecryptStream";
  }
}
