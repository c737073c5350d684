import { type Bytes, type Out, toBytes } from "../bytes.js";
import { EncoderCore, encoderCoreFrom, encoders } from "./encoder-core.js";
import { plainError } from "../engine/core-errors.js";
import { loadedEngine } from "../engine/engine.js";
import { disposable } from "../engine/host.js";
import type { EncryptKey } from "../keys/recipient.js";
import { passphraseKey, sealKey } from "../keys/recipients.js";
import {
  type AgeEncryptOptions,
  type AgeRtEncryptOptions,
  CHUNK_SIZE,
  type Format,
  readOptions,
  sizeName,
} from "../options.js";
import { follow } from "../signal.js";

function encoderCoreNow(
  format: Format,
  passphrase: string,
  sizeOrOptions: number | object | undefined,
): EncoderCore {
  const name = sizeName(format);
  const options = typeof sizeOrOptions === "number" ? { [name]: sizeOrOptions } : sizeOrOptions;
  const { workFactor, [name]: chunkSize = CHUNK_SIZE } = readOptions(options, ["workFactor", name]);
  const key = passphraseKey(passphrase, workFactor);
  let core: EncoderCore | undefined;
  try {
    core = new EncoderCore(loadedEngine(), format, chunkSize, key.workFactor);
    core.makeHeaderNow(key);
    return core;
  } catch (error) {
    key.drop();
    core?.free();
    throw error;
  }
}

/** The checks that every way to an encoder makes before anything is loaded or derived. */
async function create(
  format: Format,
  key: EncryptKey,
  options: object | undefined,
): Promise<EncoderCore> {
  const name = sizeName(format);
  const {
    workFactor,
    [name]: chunkSize = CHUNK_SIZE,
    signal,
    onDerivation,
  } = readOptions(options, ["workFactor", name, "signal", "onDerivation"]);
  const sealing = sealKey(key, workFactor);
  sealing.onDerivation = onDerivation;
  const abort = new AbortController();
  const ignoreSignal = follow(signal, (reason) => abort.abort(reason));
  try {
    return await encoderCoreFrom(format, sealing, chunkSize, abort.signal);
  } finally {
    ignoreSignal();
  }
}

/** Behind the constructors, which are TypeScript's private only. */
function keep(encoder: object, core: EncoderCore, name: string): void {
  if (!(core instanceof EncoderCore))
    throw new TypeError(
      `An encoder is made by ${name}.create(passphrase), or by ${name}.fromPassphrase(passphrase)`,
    );
  encoders.add(encoder, core.format, core);
}

abstract class BaseEncoder {
  /**
   * The start of the stream: the header, and the payload's 16-byte nonce.
   *
   * @throws StateError `freed`.
   */
  getHeader(): Out {
    return encoders.of(this).header.slice();
  }

  /**
   * Whether the final chunk was encoded.
   *
   * @throws StateError `freed`.
   */
  get finalized(): boolean {
    return encoders.of(this).finalized;
  }

  /**
   * Wipes the keys and releases the memory. Later calls throw StateError `freed`; freeing again
   * does nothing.
   */
  free(): void {
    encoders.peek(this)?.free();
  }

  /** `free()`, for `using`. */
  [Symbol.dispose](): void {
    this.free();
  }
}

function ready(core: EncoderCore): void {
  if (core.finalized) throw plainError("already-finalized");
}

function sealed(core: EncoderCore, bytes: Uint8Array, final: boolean): Out {
  core.put(bytes, 0);
  return core.seal(bytes.length, final);
}

function checkFinal(isFinal: boolean | undefined): void {
  if (isFinal !== undefined && typeof isFinal !== "boolean")
    throw new TypeError("isFinal must be a boolean");
}

/** `encodeChunk()` of either format, for the encoder and for the iterator that has claimed it. */
export function seal(core: EncoderCore, plaintext: Bytes, isFinal?: boolean): Out {
  return core.format === "age"
    ? sealChunk(core, plaintext, isFinal)
    : sealMessage(core, plaintext, isFinal);
}

function sealMessage(core: EncoderCore, plaintext: Bytes, isFinal: boolean | undefined): Out {
  ready(core);
  const bytes = toBytes(plaintext);
  checkFinal(isFinal);
  if (bytes.length > core.chunkSize)
    throw new RangeError(
      `The message has ${bytes.length} bytes, more than the maximum of ${core.chunkSize}; split it`,
    );
  return sealed(core, bytes, isFinal ?? false);
}

function sealChunk(core: EncoderCore, plaintext: Bytes, isFinal: boolean | undefined): Out {
  ready(core);
  const bytes = toBytes(plaintext);
  checkFinal(isFinal);
  const { chunkSize } = core;
  const final = isFinal ?? bytes.length < chunkSize;
  if (bytes.length > chunkSize)
    throw new RangeError(
      `The chunk has ${bytes.length} bytes, more than the chunk size of ${chunkSize}`,
    );
  if (!final && bytes.length < chunkSize)
    throw new RangeError(
      `A chunk that is not final must have ${chunkSize} bytes, this one has ${bytes.length}`,
    );
  if (final && bytes.length === 0 && core.chunks > 0)
    throw new RangeError(
      "The final chunk is empty, which the format allows for an empty stream only: mark the last full chunk as final",
    );
  return sealed(core, bytes, final);
}

/**
 * Encodes an age-rt stream, message by message. One encoder is one stream. A stream takes one too:
 * {@link AgeRtEncryptStream}.
 *
 * @example
 * ```js
 * using encoder = await AgeRtEncoder.create(passphrase);
 * const wire = [encoder.getHeader()];
 * wire.push(encoder.encodeChunk(new TextEncoder().encode("Hello")));
 * wire.push(encoder.encodeChunk(new TextEncoder().encode("World"), true));
 *
 * for await (const message of decodeFile(new Blob(wire), new AgeRtDecoder(passphrase))) show(message);
 * ```
 */
export class AgeRtEncoder extends BaseEncoder {
  private constructor(core: EncoderCore) {
    super();
    disposable(this, () => this.free());
    keep(this, core, "AgeRtEncoder");
  }

  /**
   * Derives the key on the calling thread, which takes half a second or more and 128 MiB.
   *
   * @param options - Or the largest message alone, in bytes of plaintext.
   * @throws StateError `not-initialized`; NotSupportedError; TypeError, RangeError.
   */
  static fromPassphrase(
    passphrase: string,
    options?: number | Pick<AgeRtEncryptOptions, "workFactor" | "maxChunkSize">,
  ): AgeRtEncoder {
    return new AgeRtEncoder(encoderCoreNow("age-rt", passphrase, options));
  }

  /**
   * Derives the key without holding up the calling thread. Needs no `init()`.
   *
   * @throws (rejects) NotSupportedError; the signal's reason; TypeError, RangeError.
   */
  static async create(
    key: EncryptKey,
    options?: Omit<AgeRtEncryptOptions, "onProgress">,
  ): Promise<AgeRtEncoder> {
    return new AgeRtEncoder(await create("age-rt", key, options));
  }

  /**
   * One message as it goes over the wire: a 4-byte length, the ciphertext and its 16-byte tag.
   *
   * @param isFinal - Whether the stream ends with it; not unless set.
   * @throws RangeError for a message above the maximum; StateError `already-finalized`, `freed`;
   * TypeError.
   */
  encodeChunk(plaintext: Bytes, isFinal?: boolean): Out {
    return sealMessage(encoders.of(this), plaintext, isFinal);
  }

  /**
   * The name of the class, which keeps frameworks from making a proxy of it, as they do of plain
   * objects.
   *
   * @internal
   */
  get [Symbol.toStringTag](): string {
    return "AgeRtEncoder";
  }
}

/**
 * Encodes an age v1 stream, chunk by chunk: each of exactly 65536 bytes, but the last, which may be
 * shorter. One encoder is one stream.
 *
 * @example
 * ```js
 * using encoder = await AgeEncoder.create(passphrase);
 * const parts = [encoder.getHeader()];
 * parts.push(encoder.encodeChunk(new Uint8Array(65_536)));
 * parts.push(encoder.encodeChunk(new Uint8Array(1000)));
 *
 * console.log(encoder.finalized); // true
 * console.log((await decrypt(new Blob(parts), passphrase)).length); // 66536
 * ```
 */
export class AgeEncoder extends BaseEncoder {
  private constructor(core: EncoderCore) {
    super();
    disposable(this, () => this.free());
    keep(this, core, "AgeEncoder");
  }

  /**
   * Derives the key on the calling thread, which takes half a second or more and 128 MiB.
   *
   * @param options - Or the bytes of plaintext in a chunk alone; other tools read 65536 only.
   * @throws StateError `not-initialized`; NotSupportedError; TypeError, RangeError.
   */
  static fromPassphrase(
    passphrase: string,
    options?: number | Pick<AgeEncryptOptions, "workFactor" | "chunkSize">,
  ): AgeEncoder {
    return new AgeEncoder(encoderCoreNow("age", passphrase, options));
  }

  /**
   * Derives the key without holding up the calling thread. Needs no `init()`.
   *
   * @throws (rejects) NotSupportedError; the signal's reason; TypeError, RangeError.
   */
  static async create(
    key: EncryptKey,
    options?: Omit<AgeEncryptOptions, "onProgress">,
  ): Promise<AgeEncoder> {
    return new AgeEncoder(await create("age", key, options));
  }

  /**
   * One chunk: the ciphertext and its 16-byte tag.
   *
   * @param isFinal - Whether the stream ends with it; unless set, a chunk shorter than the chunk
   * size is final.
   * @throws RangeError for a chunk above the chunk size, and for one below it that is not final.
   * For an empty final chunk after others too: mark the last full one as final instead. StateError
   * `already-finalized`, `freed`; TypeError.
   */
  encodeChunk(plaintext: Bytes, isFinal?: boolean): Out {
    return sealChunk(encoders.of(this), plaintext, isFinal);
  }

  /**
   * The name of the class, which keeps frameworks from making a proxy of it, as they do of plain
   * objects.
   *
   * @internal
   */
  get [Symbol.toStringTag](): string {
    return "AgeEncoder";
  }
}

/** Either of the two encoders. */
export type Encoder = AgeRtEncoder | AgeEncoder;
