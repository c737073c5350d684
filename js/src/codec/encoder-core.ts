/**
 * One wasm encoder, with typed errors: what the public encoders and the encrypt streams share. It
 * knows no stream and no iterator.
 */
import type { Out } from "../bytes.js";
import {
  AT,
  FILE_KEY,
  FILE_KEY_LEN,
  FORMAT_AGE,
  FORMAT_AGE_RT,
  KEY_SLOT,
  NEED_FILE_KEY,
  NEED_WRAP_KEY,
  PAYLOAD_KEY,
  PAYLOAD_KEY_LEN,
  SALT,
  SALT_LEN,
  WRAP_KEY_LEN,
  type WasmDecoder,
  type WasmEncoder,
} from "../engine/bindings.js";
import type { Format } from "../options.js";
import { encoderError, plainError } from "../engine/core-errors.js";
import { AgeRtError } from "../errors.js";
import { type Engine, engine, outOfMemory, trappedError, trapping } from "../engine/engine.js";
import { derive, deriveNow, type KdfJob, wipe } from "../kdf/derive.js";
import type { OpenHeader, SealKey } from "../keys/key.js";
import type { Stanza } from "../keys/recipient.js";
import { checkHeaderLen } from "../keys/recipients.js";
import { copyIn, copyOut } from "../engine/memory.js";
import { Kept } from "./kept.js";

/** Bytes of the nonce behind the header. */
const NONCE_LEN = 16;

export class EncoderCore implements OpenHeader {
  readonly format: Format;
  readonly chunkSize: number;
  /** Header and nonce; empty until the key is derived. */
  header: Out = new Uint8Array(0);
  /** Chunks sealed so far. */
  chunks = 0;
  finalized = false;
  claimed = false;
  readonly #engine: Engine;
  readonly #wasm: WasmEncoder;
  #freed = false;
  #nonceLen = NONCE_LEN;
  #error: unknown;

  constructor(engine: Engine, format: Format, chunkSize: number, workFactor: number) {
    this.format = format;
    this.chunkSize = chunkSize;
    this.#engine = engine;
    this.#wasm = this.#run(
      () =>
        new engine.core.Encoder(
          format === "age" ? FORMAT_AGE : FORMAT_AGE_RT,
          chunkSize,
          workFactor,
        ),
    );
  }

  /**
   * Makes the header without holding up the calling thread. Takes over `key`.
   *
   * @param opened - Gives its file key and its identifier away: the header is for its payload, and
   * has no nonce.
   */
  async makeHeader(key: SealKey, signal: AbortSignal, opened?: WasmDecoder): Promise<void> {
    try {
      const job = this.#begin(key, opened);
      if (job) this.#provide(await derive(this.#engine.module, job, signal, key.onDerivation));
      else {
        await key.wrap(this, signal);
        this.#check();
        this.#finish();
      }
    } finally {
      key.drop();
    }
  }

  /** Makes the header here and now, for a passphrase. Takes over `key`. */
  makeHeaderNow(key: SealKey): void {
    try {
      this.#provide(deriveNow(this.#engine.module, this.#begin(key) as KdfJob));
    } finally {
      key.drop();
    }
  }

  fileKey(): Out {
    this.#check();
    const at = this.#run(() => this.#wasm.detail(FILE_KEY));
    if (at === 0) throw trappedError();
    return copyOut(this.#engine, at, FILE_KEY_LEN);
  }

  add({ args, body }: Stanza): void {
    this.#check();
    const line = new TextEncoder().encode(args.join(" "));
    const at = this.#run(() => this.#wasm.input(line.length + body.length));
    if (at === 0) throw outOfMemory();
    copyIn(this.#engine, at, line, line.length);
    copyIn(this.#engine, at + line.length, body, body.length);
    const result = this.#run(() => this.#wasm.provide(line.length));
    if (result !== NEED_FILE_KEY) throw encoderError(result);
  }

  /** Copies plaintext to where it will be sealed, `filled` bytes after the chunk's start. */
  put(bytes: Uint8Array, filled: number): void {
    this.#check();
    const count = bytes.length;
    const at = this.#run(() => this.#wasm.input(filled + count));
    if (at === 0) throw outOfMemory();
    copyIn(this.#engine, at + filled, bytes, count);
  }

  /**
   * Seals the `len` bytes put before.
   *
   * @throws `out-of-memory`, for ever, where the chunk cannot be handed out: the core counts on,
   * and a reader would miss it.
   */
  seal(len: number, final: boolean): Out {
    this.#check();
    try {
      const chunk = this.#take(this.#run(() => this.#wasm.seal(len, final ? 1 : 0)));
      this.chunks += 1;
      this.finalized = final;
      return chunk;
    } catch (error) {
      // First as it is: where the stack is used up, the next call fails too.
      this.#error = error;
      throw (this.#error = error instanceof AgeRtError ? error : outOfMemory(error));
    }
  }

  /** The compiled module, for workers. */
  get module(): WebAssembly.Module {
    return this.#engine.module;
  }

  /** A copy of the key of an age file's chunks, for workers that seal what is granted. */
  payloadKey(): Out {
    this.#check();
    const at = this.#run(() => this.#wasm.detail(PAYLOAD_KEY));
    if (at === 0) throw trappedError();
    return copyOut(this.#engine, at, PAYLOAD_KEY_LEN);
  }

  /**
   * Gives away the next `count` chunks, to be sealed in a worker.
   *
   * @returns the number of the first; nobody is given it again.
   */
  grant(count: number): number {
    this.#check();
    const first = this.#run(() => this.#wasm.grant(count));
    if (first < 0) throw encoderError(first);
    this.chunks += count;
    return first;
  }

  /** Wipes and releases. May be called again. */
  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    if (!this.#engine.trapped) this.#run(() => this.#wasm.free());
  }

  checkUnused(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.chunks > 0)
      throw new TypeError("The encoder has encoded chunks already: one encoder is one stream");
  }

  get freed(): boolean {
    return this.#freed;
  }

  /** What scrypt is asked for, where the header is a passphrase's. */
  #begin(key: SealKey, opened?: WasmDecoder): KdfJob | undefined {
    this.#check();
    if (opened) this.#nonceLen = 0;
    const result = this.#run(() => (opened ? this.#wasm.rewrap(opened) : this.#wasm.begin()));
    if (result === NEED_FILE_KEY) return undefined;
    if (result !== NEED_WRAP_KEY) throw encoderError(result);
    const at = this.#run(() => this.#wasm.detail(SALT));
    return {
      passphrase: key.takePassphrase(),
      salt: copyOut(this.#engine, at, SALT_LEN),
      logN: key.workFactor,
    };
  }

  #provide(wrapKey: Uint8Array<ArrayBuffer>): void {
    try {
      this.#check();
      const slot = this.#run(() => this.#wasm.detail(KEY_SLOT));
      copyIn(this.#engine, slot, wrapKey, WRAP_KEY_LEN);
      this.#finish();
    } finally {
      wipe(wrapKey);
    }
  }

  #finish(): void {
    const header = this.#take(this.#run(() => this.#wasm.provide(0)));
    checkHeaderLen(header.length - this.#nonceLen);
    this.header = header;
  }

  #take(result: number): Out {
    if (result < 0) throw encoderError(result);
    const at = this.#run(() => this.#wasm.detail(AT));
    return copyOut(this.#engine, at, result);
  }

  #check(): void {
    if (this.#freed) throw plainError("freed");
    if (this.#error !== undefined) throw this.#error;
    if (this.#engine.trapped) throw trappedError();
  }

  #run<T>(call: () => T): T {
    return trapping(this.#engine, call);
  }
}

/** The cores of the public encoders. */
export const encoders = /* @__PURE__ */ new Kept<EncoderCore>(
  "getHeader",
  "an encoder: make one with fromPassphrase() or create()",
);

/**
 * An encoder core with its header, made without holding up the calling thread. Takes over `key`.
 */
export async function encoderCoreFrom(
  format: Format,
  key: SealKey,
  chunkSize: number,
  signal: AbortSignal,
): Promise<EncoderCore> {
  let core: EncoderCore | undefined;
  try {
    signal.throwIfAborted();
    core = new EncoderCore(await engine(), format, chunkSize, key.workFactor);
    await core.makeHeader(key, signal);
    return core;
  } catch (error) {
    key.drop();
    core?.free();
    throw error;
  }
}
