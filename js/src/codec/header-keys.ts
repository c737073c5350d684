/**
 * A header by itself: its file key, and another header for the same payload. For the entry of
 * header tools, which has no core of its own.
 */
import type { Out } from "../bytes.js";
import { NEED_INPUT } from "../engine/bindings.js";
import { plainError } from "../engine/core-errors.js";
import { engine } from "../engine/engine.js";
import type { OnDerivation } from "../kdf/derive.js";
import type { OpenKey, SealKey } from "../keys/key.js";
import type { DecryptKey, EncryptKey } from "../keys/recipient.js";
import { openKey, sealKey } from "../keys/recipients.js";
import { MAX_CHUNK_SIZE, MAX_WORK_FACTOR } from "../options.js";
import { DecoderCore } from "./decoder-core.js";
import { EncoderCore } from "./encoder-core.js";

/** What of the callers' options is for the keys. */
interface KeyOptions {
  readonly maxWorkFactor?: number | undefined;
  readonly workFactor?: number | undefined;
  readonly onDerivation?: OnDerivation | undefined;
}

/**
 * Opens one header, and makes another with its file key. The payload is nothing to it: of age-rt
 * and age, in chunks of any size.
 *
 * @internal
 */
export class HeaderKeys {
  readonly #from: OpenKey;
  readonly #to: SealKey | undefined;
  readonly #onDerivation: OnDerivation | undefined;
  #core: DecoderCore | undefined;

  /**
   * @param to - In an array, so that a key that was forgotten is told from none that is needed.
   * @throws TypeError, RangeError, before anything is loaded or derived.
   */
  constructor(from: DecryptKey, to: readonly [] | readonly [EncryptKey], options: KeyOptions) {
    const { maxWorkFactor = MAX_WORK_FACTOR, workFactor, onDerivation } = options;
    this.#to = to.length === 0 ? undefined : sealKey(to[0], workFactor);
    try {
      this.#from = openKey(from, maxWorkFactor);
    } catch (error) {
      this.#to?.drop();
      throw error;
    }
    this.#onDerivation = onDerivation;
  }

  /** Before anything else. @throws (rejects) NotSupportedError; the signal's reason. */
  async begin(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const loaded = await engine();
    signal.throwIfAborted();
    this.#told(this.#from, (fraction) => this.#tell(fraction));
    const limits = { format: "auto", maxChunkSize: MAX_CHUNK_SIZE } as const;
    this.#core = new DecoderCore(loaded, this.#from, limits);
  }

  /**
   * Takes the next bytes of the file, those behind the header included.
   *
   * @returns how long the header is, once all of it was taken.
   * @throws HeaderParseError.
   */
  take(bytes: Uint8Array): number | undefined {
    const core = this.#core as DecoderCore;
    for (let offset = 0; offset < bytes.length;) {
      offset += core.take(bytes, offset);
      if (core.event() !== NEED_INPUT) return core.headerLen;
    }
    return undefined;
  }

  /** The input has ended before the header has. @throws always. */
  cutShort(): never {
    (this.#core as DecoderCore).finish();
    throw plainError("truncated");
  }

  /**
   * The file key of the header that was taken.
   *
   * @throws (rejects) what decoders say of it; the signal's reason.
   */
  async fileKey(signal: AbortSignal): Promise<Out> {
    const core = this.#core as DecoderCore;
    await core.findKey(signal);
    return core.fileKey();
  }

  /**
   * Another header for the payload of the one that was taken.
   *
   * @throws (rejects) as `fileKey()`, and what recipients throw.
   */
  async rewrap(signal: AbortSignal): Promise<Out> {
    const core = this.#core as DecoderCore;
    const to = this.#to as SealKey;
    await core.findKey(signal);
    const before = this.#share(core.workFactor);
    this.#told(to, (fraction) => this.#onDerivation?.(before + (1 - before) * fraction));
    return core.lend(async (loaded, wasm) => {
      // Format and chunk size are those that the old header names: it gives its first line along
      // with the file key.
      const encoder = new EncoderCore(loaded, "age", MAX_CHUNK_SIZE, to.workFactor);
      try {
        await encoder.makeHeader(to, signal, wasm);
        return encoder.header;
      } finally {
        encoder.free();
      }
    });
  }

  /**
   * Which part of both derivations is that of the old passphrase: each doubles with its work
   * factor.
   */
  #share(old: number | undefined): number {
    if (old === undefined) return 0;
    const { workFactor } = this.#to ?? { workFactor: 0 };
    return workFactor === 0 ? 1 : 1 / (1 + 2 ** (workFactor - old));
  }

  #told(key: OpenKey | SealKey, tell: OnDerivation): void {
    key.onDerivation = this.#onDerivation && tell;
  }

  #tell(fraction: number): void {
    this.#onDerivation?.(this.#share(this.#core?.workFactor) * fraction);
  }

  /** Wipes. May be called again. */
  drop(): void {
    this.#to?.drop();
    this.#from.drop();
    this.#core?.free();
  }
}
