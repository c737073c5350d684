/** One wasm decoder, with typed errors that stick: what the public decoders, the iterators and the decrypt streams share. */
import type { Out } from "../bytes.js";
import {
  ANSWER_NONE,
  ANSWER_WRAP_KEY,
  AT,
  CHUNK_SIZE,
  DONE,
  FINAL_CHUNK,
  FORMAT,
  FORMAT_AGE,
  FORMAT_AGE_RT,
  FORMAT_AUTO,
  HEADER_LEN,
  KEY_SLOT,
  LOG_N,
  NEED_FILE_KEY,
  NEED_WRAP_KEY,
  ROOM,
  SALT,
  SALT_LEN,
  WANTED,
  WRAP_KEY_LEN,
  type WasmDecoder,
} from "../engine/bindings.js";
import { codeOf, decoderError, plainError } from "../engine/core-errors.js";
import type { Format } from "../options.js";
import { AgeRtError } from "../errors.js";
import { type Engine, outOfMemory, trap, trappedError } from "../engine/engine.js";
import { derive, deriveNow, type KdfJob, wipe } from "../kdf/derive.js";
import { copyIn, copyOut, view } from "../engine/memory.js";

export { END, NEED_INPUT, NEED_WRAP_KEY } from "../engine/bindings.js";

/** What a decoder reads, and how much of it. */
export interface DecoderLimits {
  readonly format: Format | "auto";
  readonly maxChunkSize: number;
  readonly maxWorkFactor: number;
}

const NONCE_LEN = 16;
/** More than any chunk needs: the core grants what it has room for. */
const ALL = 2 ** 30;

export class DecoderCore {
  /** True once a byte was taken. */
  used = false;
  /** The header's work factor, once its key was asked for. */
  workFactor: number | undefined;
  claimed = false;
  readonly #engine: Engine;
  readonly #wasm: WasmDecoder;
  /** Kept until the header asks for it, then wiped. */
  #passphrase: Uint8Array<ArrayBuffer> | undefined;
  /** What `advance` said, until it is asked for. */
  #event: number | undefined;
  /** A chunk was told of, and is not handed out yet. */
  #pending = false;
  #final = false;
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
      () => new engine.core.Decoder(format, limits.maxChunkSize, limits.maxWorkFactor, false),
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
      const taken = offset === 0 && count === rest ? bytes : bytes.subarray(offset, offset + count);
      copyIn(this.#engine, at, taken, count);
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
    return this.#told(event);
  }

  /**
   * The end of the input: END, or the length of a chunk not yet asked for, as from `event()`.
   *
   * @throws `truncated` before the final chunk; StateError `key-pending` while a key is awaited, which changes nothing.
   */
  finish(): number {
    this.#check();
    return this.#told(this.#run(() => this.#wasm.finish()));
  }

  /**
   * A copy of the chunk that was just told of. If the final one is the last thing to be asked for, its plaintext is wiped at once.
   *
   * @throws `out-of-memory`, for ever: the core counts on, and the next chunk must not pass for this one.
   */
  chunk(len: number, last = false): Out {
    this.#check(true);
    try {
      const at = this.#detail(AT);
      const chunk = copyOut(this.#engine, at, len);
      this.#final = this.#detail(FINAL_CHUNK) === 1;
      if (last && this.#final) this.#run(() => this.#wasm.advance(0));
      this.#pending = false;
      return chunk;
    } catch (error) {
      throw this.fail(error instanceof AgeRtError ? error : outOfMemory(error));
    }
  }

  /** Whether the chunk that was handed out last was the final one. */
  get final(): boolean {
    return this.#final;
  }

  /** Makes it fail with `error`, for ever, unless it has failed before. @returns the error that it has. */
  fail(error: AgeRtError): unknown {
    return (this.#error ??= error);
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
    return (
      this.#error === undefined &&
      !this.#engine.trapped &&
      !this.#pending &&
      this.#detail(DONE) === 1
    );
  }

  /** Bytes before the payload's first chunk: header and nonce, once the header was read. */
  get payloadStart(): number {
    return this.#detail(HEADER_LEN) + NONCE_LEN;
  }

  /** Bytes of plaintext in a chunk, as the header says, once it was read. */
  get chunkSize(): number {
    return this.#detail(CHUNK_SIZE);
  }

  /** The format that the header names, once it was read that far. */
  get detectedFormat(): Format | undefined {
    this.#checkFreed();
    if (this.#engine.trapped) return undefined;
    const format = this.#detail(FORMAT);
    return format === FORMAT_AGE ? "age" : format === FORMAT_AGE_RT ? "age-rt" : undefined;
  }

  /** @throws what an earlier call threw, or StateError `freed`. */
  #check(handingOut = false): void {
    this.#checkFreed();
    if (this.#error !== undefined) throw this.#error;
    if (this.#engine.trapped) throw trappedError();
    // Something was thrown on the way from the core's step to here: that chunk is lost, and nothing may follow it.
    if (this.#pending !== handingOut) throw (this.#error = outOfMemory());
  }

  #checkFreed(): void {
    if (this.#freed) throw plainError("freed");
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
    const logN = this.#detail(LOG_N);
    this.workFactor = logN;
    return { passphrase, salt: copyOut(this.#engine, at, SALT_LEN), logN };
  }

  #provide(wrapKey: Uint8Array<ArrayBuffer>): void {
    try {
      this.#check();
      const slot = this.#detail(KEY_SLOT);
      copyIn(this.#engine, slot, wrapKey, WRAP_KEY_LEN);
      let result = this.#run(() => this.#wasm.answer(ANSWER_WRAP_KEY));
      if (result === NEED_WRAP_KEY) result = this.#run(() => this.#wasm.answer(ANSWER_NONE));
      this.#checked(result);
    } finally {
      wipe(wrapKey);
    }
  }

  /** An event of the core, remembered where it is a chunk: until that is handed out. */
  #told(event: number): number {
    if (event < 0) return this.#checked(event);
    this.#pending = true;
    return event;
  }

  #checked(result: number): number {
    // Between NEED_FILE_KEY and the first error there is nothing, and whatever is there is an error.
    if (result >= NEED_FILE_KEY) return result;
    // The one error that changes nothing: somebody else is looking for that key.
    if (codeOf(result) === "key-pending") throw plainError("key-pending");
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
