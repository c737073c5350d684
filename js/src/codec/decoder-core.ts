/** One wasm decoder, with typed errors that stick: what the public decoders, the iterators and the decrypt streams share. */
import type { Out } from "../bytes.js";
import {
  AT,
  DONE,
  FINAL_CHUNK,
  FIRST_ERROR,
  FORMAT,
  FORMAT_AGE,
  FORMAT_AGE_RT,
  FORMAT_AUTO,
  KEY_SLOT,
  LOG_N,
  ROOM,
  SALT,
  SALT_LEN,
  WANTED,
  WRAP_KEY_LEN,
  type WasmDecoder,
} from "../engine/bindings.js";
import { decoderError } from "../engine/core-errors.js";
import type { Format } from "./encoder-core.js";
import { StateError } from "../errors.js";
import { type Engine, trap, trappedError } from "../engine/engine.js";
import { derive, deriveNow, type KdfJob, wipe } from "../kdf/derive.js";
import { copyOut, view } from "../engine/memory.js";

export { END, NEED_INPUT, NEED_WRAP_KEY } from "../engine/bindings.js";

/** What a decoder reads, and how much of it. */
export interface DecoderLimits {
  readonly format: Format | "auto";
  readonly maxChunkSize: number;
  readonly maxWorkFactor: number;
}

/** More than any chunk needs: the core grants what it has room for. */
const ALL = 2 ** 30;

export class DecoderCore {
  /** True once a byte was taken. */
  used = false;
  readonly #engine: Engine;
  readonly #wasm: WasmDecoder;
  /** Kept until the header asks for it, then wiped. */
  #passphrase: Uint8Array<ArrayBuffer> | undefined;
  /** What `advance` said, until it is asked for. */
  #event: number | undefined;
  #error: unknown;
  #freed = false;

  /** Takes over `passphrase`. */
  constructor(engine: Engine, passphrase: Uint8Array<ArrayBuffer>, limits: DecoderLimits) {
    const format =
      limits.format === "age"
        ? FORMAT_AGE
        : limits.format === "age-rt"
          ? FORMAT_AGE_RT
          : FORMAT_AUTO;
    this.#engine = engine;
    this.#passphrase = passphrase;
    this.#wasm = this.#run(
      () => new engine.core.Decoder(format, limits.maxChunkSize, limits.maxWorkFactor),
    );
    try {
      this.event();
    } catch (error) {
      // Out of memory: whoever opens more streams all the same must not take the last of it.
      this.free();
      throw error;
    }
  }

  /**
   * Takes as many of the bytes from `offset` on as there is room for. What comes of them is the next `event()`.
   *
   * @returns how many were taken.
   */
  take(bytes: Uint8Array, offset: number): number {
    this.#check();
    const rest = bytes.length - offset;
    const at = this.#run(() => this.#wasm.input(Math.min(rest, ALL)));
    const count = this.#detail(ROOM);
    if (count > 0) {
      view(this.#engine).set(
        offset === 0 && count === rest ? bytes : bytes.subarray(offset, offset + count),
        at,
      );
      this.used = true;
    }
    this.#event = this.#run(() => this.#wasm.advance(count));
    return count;
  }

  /** The next event: the length of a chunk to `chunk()`, NEED_INPUT, NEED_WRAP_KEY or END. @throws the error that the input amounts to. */
  event(): number {
    this.#check();
    const event = this.#event ?? this.#run(() => this.#wasm.advance(0));
    this.#event = undefined;
    return this.#checked(event);
  }

  /** The end of the input; chunks not yet asked for come first, as from `event()`. @throws `truncated` before the final chunk. */
  finish(): number {
    this.#check();
    this.#event = undefined;
    return this.#checked(this.#run(() => this.#wasm.finish()));
  }

  /** A copy of the chunk that `event()` has just told of. */
  chunk(len: number): Out {
    const at = this.#detail(AT);
    return copyOut(this.#engine, at, len);
  }

  /** Whether that chunk was the final one. */
  get final(): boolean {
    return this.#detail(FINAL_CHUNK) === 1;
  }

  /** Answers NEED_WRAP_KEY without holding up the calling thread. */
  async deriveKey(signal: AbortSignal): Promise<void> {
    let key;
    try {
      key = await derive(this.#engine.module, this.#job(), signal);
    } catch (error) {
      this.#error ??= error;
      throw error;
    }
    this.#provide(key);
  }

  /** Answers NEED_WRAP_KEY here and now. */
  deriveKeyNow(): void {
    let key;
    try {
      key = deriveNow(this.#engine.module, this.#job());
    } catch (error) {
      this.#error ??= error;
      throw error;
    }
    this.#provide(key);
  }

  /** Bytes that the push API takes next; 0 when done or failed. */
  get wanted(): number {
    this.#checkFreed();
    return this.#error !== undefined || this.#engine.trapped ? 0 : this.#detail(WANTED);
  }

  /** Whether the end of the input may come within the unit that is wanted: in the payload of the age format, which has no lengths. */
  get takesShortChunk(): boolean {
    // Before its payload no unit is longer than the 16 bytes of the nonce, in it none is shorter than 17.
    return this.detectedFormat === "age" && this.wanted > 16;
  }

  get done(): boolean {
    this.#checkFreed();
    return this.#error === undefined && !this.#engine.trapped && this.#detail(DONE) === 1;
  }

  /** The format that the header names, once it was read that far. */
  get detectedFormat(): Format | undefined {
    this.#checkFreed();
    if (this.#engine.trapped) return undefined;
    const format = this.#detail(FORMAT);
    return format === FORMAT_AGE ? "age" : format === FORMAT_AGE_RT ? "age-rt" : undefined;
  }

  /** @throws what an earlier call threw, or StateError `freed`. */
  #check(): void {
    this.#checkFreed();
    if (this.#error !== undefined) throw this.#error;
    if (this.#engine.trapped) throw trappedError();
  }

  #checkFreed(): void {
    if (this.#freed) throw new StateError("freed", "The decoder was freed, or given to a stream");
  }

  /** Wipes and releases. May be called again. */
  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.#forgetPassphrase();
    if (!this.#engine.trapped) this.#run(() => this.#wasm.free());
  }

  get freed(): boolean {
    return this.#freed;
  }

  #job(): KdfJob {
    this.#check();
    const passphrase = this.#passphrase;
    if (!passphrase) throw trappedError();
    this.#passphrase = undefined;
    const at = this.#detail(SALT);
    return { passphrase, salt: copyOut(this.#engine, at, SALT_LEN), logN: this.#detail(LOG_N) };
  }

  #provide(wrapKey: Uint8Array<ArrayBuffer>): void {
    try {
      this.#check();
      const slot = this.#detail(KEY_SLOT);
      view(this.#engine).set(wrapKey.subarray(0, WRAP_KEY_LEN), slot);
      this.#checked(this.#run(() => this.#wasm.provideWrapKey()));
    } finally {
      wipe(wrapKey);
    }
  }

  #checked(result: number): number {
    if (result > FIRST_ERROR) return result;
    this.#forgetPassphrase();
    const bytes = view(this.#engine);
    // Its details are calls into the module too.
    this.#error = this.#run(() =>
      decoderError(result, this.#wasm, (at, len) =>
        String.fromCharCode(...bytes.subarray(at, at + len)),
      ),
    );
    throw this.#error;
  }

  #forgetPassphrase(): void {
    if (this.#passphrase) wipe(this.#passphrase);
    this.#passphrase = undefined;
  }

  #detail(which: number): number {
    return this.#run(() => this.#wasm.detail(which));
  }

  #run<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw trap(this.#engine, error);
    }
  }
}
