/**
 * One wasm decoder, with typed errors that stick: what the public decoders, the iterators and the
 * decrypt streams share.
 */
import type { Out } from "../bytes.js";
import {
  ANSWER_FILE_KEY,
  ANSWER_NONE,
  ANSWER_WRAP_KEY,
  AT,
  CHUNK_SIZE,
  DONE,
  FILE_KEY,
  FILE_KEY_LEN,
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
  PAYLOAD_KEY,
  PAYLOAD_KEY_LEN,
  ROOM,
  SALT,
  SALT_LEN,
  STANZAS,
  STANZAS_LEN,
  WANTED,
  WRAP_KEY_LEN,
  type WasmDecoder,
} from "../engine/bindings.js";
import { codeOf, decoderError, forgedChunk, plainError } from "../engine/core-errors.js";
import type { Format } from "../options.js";
import { AgeRtError } from "../errors.js";
import { type Engine, outOfMemory, trappedError, trapping } from "../engine/engine.js";
import { derive, deriveNow } from "../kdf/derive.js";
import type { Locked, OpenKey, ScryptQuestion } from "../keys/key.js";
import { copyIn, copyOut } from "../engine/memory.js";
import { Kept } from "./kept.js";

/** An event: nothing until the key is found. */
export const NEED_KEY = NEED_WRAP_KEY;

/** What a decoder reads, and how much of it. */
export interface DecoderLimits {
  readonly format: Format | "auto";
  readonly maxChunkSize: number;
}

const NONCE_LEN = 16;
/** More than any chunk needs: the core grants what it has room for. */
const ALL = 2 ** 30;

export class DecoderCore implements Locked {
  #used = false;
  /** The header's work factor, once its key was asked for. */
  workFactor: number | undefined;
  claimed = false;
  readonly #engine: Engine;
  readonly #wasm: WasmDecoder;
  readonly #key: OpenKey;
  /** It has asked for its key, and does not have it yet. */
  #asking = false;
  #found = false;
  #finding: Promise<void> | undefined;
  /** What `advance` said, until it is asked for. */
  #event: number | undefined;
  /** A chunk was told of, and is not handed out yet. */
  #pending = false;
  #final = false;
  #error: unknown;
  #freed = false;

  /** Whether the key is found in place, by a call that waits for it. */
  readonly inPlace: boolean;

  /** Takes over `key`. */
  constructor(engine: Engine, key: OpenKey, limits: DecoderLimits, inPlace = false) {
    const format =
      limits.format === "age"
        ? FORMAT_AGE
        : limits.format === "age-rt"
          ? FORMAT_AGE_RT
          : FORMAT_AUTO;
    this.#engine = engine;
    this.#key = key;
    this.inPlace = inPlace;
    this.#wasm = this.#run(
      () => new engine.core.Decoder(format, limits.maxChunkSize, key.maxWorkFactor, key.outside),
    );
    try {
      this.event();
    } catch (error) {
      // Out of memory: a caller who opens more streams all the same must not take the last of it.
      this.free();
      throw error;
    }
  }

  /**
   * Takes as many of the bytes from `offset` on as there is room for. What comes of them is the
   * next `event()`.
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
      this.#used = true;
    }
    this.#event = this.#run(() => this.#wasm.advance(count));
    return count;
  }

  /**
   * The next event: the length of a chunk to `chunk()`, NEED_INPUT, NEED_KEY or END.
   *
   * @throws the error that the input amounts to.
   */
  event(): number {
    this.#check();
    const event = this.#event ?? this.#run(() => this.#wasm.advance(0));
    this.#event = undefined;
    return this.#told(event);
  }

  /**
   * The end of the input: END, or the length of a chunk not yet asked for, as from `event()`.
   *
   * @throws `truncated` before the final chunk; StateError `key-pending` while a key is awaited,
   * which changes nothing.
   */
  finish(): number {
    this.#check();
    return this.#told(this.#run(() => this.#wasm.finish()));
  }

  /**
   * A copy of the chunk that was just told of. If the final one is the last thing to be asked for,
   * its plaintext is wiped at once.
   *
   * @throws `out-of-memory`, for ever: the core counts on, and the next chunk must not pass for
   * this one.
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

  /**
   * Opens one chunk of an age file out of order, once header and nonce were taken and nothing else.
   *
   * @param sealed - All of it, its tag included.
   * @throws `chunk-authentication`, which changes nothing: other chunks may still be whole.
   */
  openAt(sealed: Uint8Array, index: number, final: boolean): Out {
    this.#check();
    const at = this.#run(() => this.#wasm.input(sealed.length));
    if (this.#detail(ROOM) < sealed.length) throw plainError("out-of-memory");
    copyIn(this.#engine, at, sealed, sealed.length);
    const len = this.#run(() => this.#wasm.openAt(sealed.length, index, final ? 1 : 0));
    if (len < 0 && codeOf(len) === "chunk-authentication") throw forgedChunk(index);
    return copyOut(this.#engine, this.#detail(AT), this.#checked(len));
  }

  /** The compiled module, for workers. */
  get module(): WebAssembly.Module {
    return this.#engine.module;
  }

  /**
   * A copy of the key of an age file's chunks, for workers that open some of them. There is none
   * before the payload, behind the final chunk, and for age-rt.
   */
  payloadKey(): Out {
    this.#check();
    const at = this.#detail(PAYLOAD_KEY);
    if (at <= 0) throw trappedError();
    return copyOut(this.#engine, at, PAYLOAD_KEY_LEN);
  }

  /** The next `count` chunks of an age file were opened in workers. */
  skip(count: number): void {
    this.#check();
    this.#checked(this.#run(() => this.#wasm.skip(count)));
  }

  /** Whether the chunk that was handed out last was the final one. */
  get final(): boolean {
    return this.#final;
  }

  /**
   * Makes it fail with `error`, permanently, unless it has failed before.
   *
   * @returns the error that it has.
   */
  fail(error: AgeRtError): unknown {
    return (this.#error ??= error);
  }

  /** Whether it waits for its key. */
  get awaitsKey(): boolean {
    return this.#asking && this.#error === undefined;
  }

  /** Whether the key has to be found by others, over time, before a synchronous call can go on. */
  get needsUnlock(): boolean {
    return !this.inPlace && !this.#found && this.#error === undefined;
  }

  /**
   * Finds the key without holding up the calling thread; whoever else asks for it meanwhile waits
   * for the same.
   */
  findKey(signal: AbortSignal): Promise<void> {
    this.#check();
    if (!this.#asking) return Promise.resolve();
    return (this.#finding ??= this.#find(signal).catch((error: unknown) => {
      this.#error ??= error;
      throw error;
    }));
  }

  /**
   * Finds the key here and now, where that takes nobody outside.
   *
   * @throws `key-pending`, which changes nothing.
   */
  findKeyNow(): void {
    this.#check();
    if (!this.inPlace || this.#finding) throw plainError("key-pending");
    try {
      const jobs = this.#key.derivations(this);
      let next = jobs.next();
      while (!next.done) next = jobs.next(deriveNow(this.#engine.module, next.value));
      if (!next.value) this.giveUp();
    } catch (error) {
      this.#error ??= error;
      throw error;
    }
  }

  async #find(signal: AbortSignal): Promise<void> {
    const jobs = this.#key.derivations(this);
    let next = jobs.next();
    while (!next.done)
      next = jobs.next(
        await derive(this.#engine.module, next.value, signal, this.#key.onDerivation),
      );
    if (!next.value) await this.#key.ask(this, signal);
  }

  scrypt(): ScryptQuestion | undefined {
    this.#check();
    const logN = this.#detail(LOG_N);
    if (logN < 0) return undefined;
    this.workFactor = logN;
    return { salt: copyOut(this.#engine, this.#detail(SALT), SALT_LEN), logN };
  }

  stanzas(): string {
    this.#check();
    return this.#stanzaText();
  }

  tryWrapKey(wrapKey: Uint8Array): boolean {
    return this.#answer(ANSWER_WRAP_KEY, wrapKey, WRAP_KEY_LEN) !== NEED_WRAP_KEY;
  }

  tryFileKey(fileKey: Uint8Array): void {
    this.#answer(ANSWER_FILE_KEY, fileKey, FILE_KEY_LEN);
  }

  giveUp(): never {
    this.#check();
    this.#checked(this.#run(() => this.#wasm.answer(ANSWER_NONE)));
    throw trappedError();
  }

  /** Bytes that the push API takes next; 0 when done or failed. */
  get wanted(): number {
    this.#checkFreed();
    if (this.#error !== undefined || this.#engine.trapped) return 0;
    return this.#asking && !this.inPlace ? 0 : this.#detail(WANTED);
  }

  /**
   * Whether the end of the input may come within the unit that is wanted: in the payload of the age
   * format, which has no lengths.
   */
  get takesShortChunk(): boolean {
    // Before its payload no unit is longer than the 16 bytes of the nonce, in it none is shorter
    // than 17.
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
    return this.headerLen + NONCE_LEN;
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
    // Something was thrown on the way from the core's step to here: that chunk is lost, and nothing
    // may follow it.
    if (this.#pending !== handingOut) throw (this.#error = outOfMemory());
  }

  #checkFreed(): void {
    if (this.#freed) throw plainError("freed");
  }

  /** Whether its header was not read to its end yet. */
  get awaitsHeader(): boolean {
    return this.#detail(HEADER_LEN) < 0;
  }

  /** Bytes of the header, without the nonce, once it was read. */
  get headerLen(): number {
    return this.#detail(HEADER_LEN);
  }

  /** A copy of the file key, once it was found and before the nonce was taken. */
  fileKey(): Out {
    this.#check();
    return copyOut(this.#engine, this.#detail(FILE_KEY), FILE_KEY_LEN);
  }

  /** For what takes its file key over, within the same instance. */
  lend<T>(use: (engine: Engine, wasm: WasmDecoder) => T): T {
    this.#check();
    return use(this.#engine, this.#wasm);
  }

  /** Wipes and releases. May be called again. */
  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.#key.drop();
    if (!this.#engine.trapped) this.#run(() => this.#wasm.free());
  }

  get freed(): boolean {
    return this.#freed;
  }

  checkUnused(): void {
    if (this.#used)
      throw new TypeError("The decoder has taken input already: one decoder is one stream");
  }

  #answer(which: number, key: Uint8Array, len: number): number {
    this.#check();
    copyIn(this.#engine, this.#detail(KEY_SLOT), key, len);
    const result = this.#checked(this.#run(() => this.#wasm.answer(which)));
    if (result !== NEED_WRAP_KEY) {
      this.#asking = false;
      this.#found = true;
      this.#key.drop();
    }
    return result;
  }

  /**
   * ASCII. Not String.fromCharCode(): a header may have more bytes than a call can have arguments.
   */
  #stanzaText(): string {
    const bytes = copyOut(this.#engine, this.#detail(STANZAS), this.#detail(STANZAS_LEN));
    return new TextDecoder().decode(bytes);
  }

  /** An event of the core, remembered where it is a chunk: until that is handed out. */
  #told(event: number): number {
    if (event < 0) {
      const checked = this.#checked(event);
      if (checked !== NEED_WRAP_KEY && checked !== NEED_FILE_KEY) return checked;
      this.#asking = true;
      return NEED_KEY;
    }
    this.#pending = true;
    return event;
  }

  #checked(result: number): number {
    // Between NEED_FILE_KEY and the first error there is nothing, and whatever is there is an
    // error.
    if (result >= NEED_FILE_KEY) return result;
    // The one error that changes nothing: another call is finding that key.
    if (codeOf(result) === "key-pending") throw plainError("key-pending");
    this.#key.drop();
    // Its details are calls into the module too.
    this.#error = this.#run(() =>
      decoderError(result, this.#wasm, this.#key.named, () => this.#stanzaText()),
    );
    throw this.#error;
  }

  #detail(which: number): number {
    return this.#run(() => this.#wasm.detail(which));
  }

  #run<T>(call: () => T): T {
    return trapping(this.#engine, call);
  }
}

/** The cores of the public decoders. */
export const decoders = /* @__PURE__ */ new Kept<DecoderCore>(
  "feed",
  "a decoder: make one with its constructor",
);
