/** Other keys for a file whose payload stays as it is. */
import { type Bytes, type Out, part } from "../bytes.js";
import { blobBytes, isBlob } from "../codec/blob.js";
import { HeaderKeys } from "../index.js";
import type { DecryptKey, EncryptKey } from "../keys/recipient.js";
import { type DecryptOptions, type EncryptOptions, readOptions } from "../options.js";
import { follow } from "../signal.js";
import { Dearmoring } from "../streams/armor.js";
import { inSteps, type Output, Pair, type Transformer } from "../streams/pair.js";
import { PairStream } from "../streams/stream.js";
import { collected, readHeader } from "./read.js";

/** Bytes that are passed on at a time. */
const STEP = 65_536;

const OPTIONS = ["workFactor", "maxWorkFactor", "signal", "onProgress", "onDerivation"] as const;

/**
 * Gives a file other keys: a new header for the same file key, before the payload as it is. Only
 * the header is decrypted and written: 4 GiB take no longer than 4 KiB. The Blob that comes back
 * shares the payload of the old one; Bun's of a file on the disk is a copy in memory.
 *
 * **It shuts nobody out.** The payload stays sealed with the same file key. Whoever has opened the
 * old file, or has its old header and a key for that, can open the new one. Where a passphrase has
 * leaked, or a reader must lose access, decrypt the file, encrypt it again, and delete the old one.
 * A file that was once made for X25519 does not become safe against a quantum computer either,
 * because its old header may have been kept.
 *
 * The old header's MAC is checked, and the payload is not. The first line stays, with its chunk
 * size.
 *
 * @param file - An age or age-rt file, armored or not; an armored one is read through once, and
 * what comes back is binary.
 * @param from - What opens it now.
 * @param to - What shall open it. There is a file key for all recipients: the rules of `encrypt()`
 * apply.
 * @param options - `onDerivation` hears of both derivations as of one; `onProgress`, of the bytes
 * of the payload that were read, where it is armored or has to be copied.
 * @throws (rejects) HeaderParseError, WrongPassphraseError, StreamTruncatedError, DecodeError;
 * InvalidKeyError `incompatible-recipients`; SourceError; NotSupportedError; TypeError, RangeError;
 * the signal's reason; what identities and recipients throw.
 *
 * @example
 * ```js
 * import { rekey } from "age-rt-wasm/header";
 *
 * const renewed = await rekey(encrypted, passphrase, "the new passphrase");
 * show(await decrypt(renewed, "the new passphrase"));
 * ```
 */
export async function rekey(
  file: Blob,
  from: DecryptKey,
  to: EncryptKey,
  options?: EncryptOptions & DecryptOptions,
): Promise<Blob> {
  if (!isBlob(file))
    throw new TypeError(
      "rekey() takes a Blob: new Blob([bytes]) makes one, and RekeyStream takes a stream",
    );
  const read = readOptions(options, OPTIONS);
  const keys = new HeaderKeys(from, [to], read);
  const abort = new AbortController();
  const { signal } = abort;
  const ignoreSignal = follow(read.signal, (reason) => abort.abort(reason));
  try {
    await keys.begin(signal);
    const { header, armored, rest, end } = await readHeader(file);
    try {
      keys.take(header);
      const renewed = await keys.rewrap(signal);
      let passed = 0;
      const onPiece = (len: number): void => {
        signal.throwIfAborted();
        read.onProgress?.((passed += len));
      };
      const payload = armored ? await collected(rest, onPiece) : file.slice(header.length);
      const type = armored ? "" : file.type;
      const made = new Blob([renewed, payload], { type });
      if (made.size === renewed.length + payload.size) return made;
      // Bun leaves out a part that lies in a file. A Blob of another kind, jsdom's, becomes the
      // text that its toString() gives.
      return new Blob([renewed, await collected(blobBytes(payload), onPiece)], { type });
    } finally {
      await end();
    }
  } finally {
    ignoreSignal();
    keys.drop();
  }
}

class Rekeying implements Transformer {
  readonly #keys: HeaderKeys;
  readonly #onProgress: ((bytes: number) => void) | undefined;
  /** Bytes that were taken before the header was whole. */
  #taken = 0;
  #passed = 0;
  #renewed = false;

  constructor(keys: HeaderKeys, onProgress: ((bytes: number) => void) | undefined) {
    this.#keys = keys;
    this.#onProgress = onProgress;
  }

  start(out: Output): Promise<void> {
    return this.#keys.begin(out.signal);
  }

  write(bytes: Uint8Array, out: Output): Promise<void> | void {
    if (this.#renewed) return this.#pass(bytes, out);
    const before = this.#taken;
    this.#taken += bytes.length;
    const len = this.#keys.take(bytes);
    // The keys take their time: what was written is kept as it is now.
    if (len !== undefined) return this.#renew(new Uint8Array(bytes.subarray(len - before)), out);
  }

  async #renew(rest: Uint8Array, out: Output): Promise<void> {
    const header = await this.#keys.rewrap(out.signal);
    this.#keys.drop();
    this.#renewed = true;
    out.push(header);
    await this.#pass(rest, out);
  }

  #pass(bytes: Uint8Array, out: Output): Promise<void> | void {
    const { length } = bytes;
    let at = 0;
    return inSteps(() => {
      while (at < length) {
        if (out.full) return out.taken();
        const piece = new Uint8Array(part(bytes, at, Math.min(at + STEP, length)));
        at += piece.length;
        out.push(piece);
        this.#onProgress?.((this.#passed += piece.length));
      }
    });
  }

  close(): void {
    if (!this.#renewed) this.#keys.cutShort();
  }

  free(): void {
    this.#keys.drop();
  }
}

/**
 * {@link rekey} for a stream of any length. The file goes in with its old header and comes out with
 * its new one, as soon as the header was read. It does not shut out whoever had the old key; see
 * there. What comes out is binary, also of an armored file.
 *
 * Both sides error with a DecodeError, or with what a key's owner throws. The payload is passed on
 * as it is, and a stream that ends within it is not found out.
 *
 * @example
 * ```js
 * import { RekeyStream } from "age-rt-wasm/header";
 *
 * const renewed = encrypted.stream().pipeThrough(new RekeyStream(passphrase, "the new passphrase"));
 * show(await decrypt(await toBlob(renewed), "the new passphrase"));
 * ```
 */
export class RekeyStream extends PairStream {
  /**
   * @param options - `onProgress` hears the bytes of payload that were passed on.
   * @throws TypeError, RangeError.
   */
  constructor(from: DecryptKey, to: EncryptKey, options?: EncryptOptions & DecryptOptions) {
    const read = readOptions(options, OPTIONS);
    const keys = new HeaderKeys(from, [to], read);
    super(new Pair(new Dearmoring(new Rekeying(keys, read.onProgress)), read.signal));
  }

  /** The bytes that come out. Every chunk is a fresh array that owns its whole buffer. */
  override get readable(): ReadableStream<Out> {
    return super.readable;
  }

  /** Takes an ArrayBuffer or any view on one. Anything else errors the stream with a TypeError. */
  override get writable(): WritableStream<Bytes> {
    return super.writable;
  }

  /** The name of the class, as the platform's own streams have it. */
  get [Symbol.toStringTag](): string {
    return "RekeyStream";
  }
}
