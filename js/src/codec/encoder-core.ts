/** One wasm encoder, with typed errors: what the public encoders and the encrypt streams share. Knows no stream and no iterator. */
import type { Out } from "../bytes.js";
import {
  AT,
  FORMAT_AGE,
  FORMAT_AGE_RT,
  KEY_SLOT,
  NEED_WRAP_KEY,
  SALT,
  SALT_LEN,
  WRAP_KEY_LEN,
  type WasmEncoder,
} from "../engine/bindings.js";
import type { Format } from "../options.js";
import { codeOf, plainError } from "../engine/core-errors.js";
import { AgeRtError } from "../errors.js";
import { type Engine, outOfMemory, trap, trappedError } from "../engine/engine.js";
import { derive, deriveNow, type KdfJob, wipe } from "../kdf/derive.js";
import { copyIn, copyOut } from "../engine/memory.js";

export class EncoderCore {
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
  readonly #logN: number;
  #freed = false;
  #error: unknown;

  constructor(engine: Engine, format: Format, chunkSize: number, logN: number) {
    this.format = format;
    this.chunkSize = chunkSize;
    this.#logN = logN;
    this.#engine = engine;
    this.#wasm = this.#run(
      () => new engine.core.Encoder(format === "age" ? FORMAT_AGE : FORMAT_AGE_RT, chunkSize, logN),
    );
  }

  /** Derives the key without holding up the calling thread. Takes over and wipes `passphrase`. */
  async deriveKey(passphrase: Uint8Array<ArrayBuffer>, signal: AbortSignal): Promise<Out> {
    return this.#provide(await derive(this.#engine.module, this.#job(passphrase), signal));
  }

  /** Derives the key here and now. Takes over and wipes `passphrase`. */
  deriveKeyNow(passphrase: Uint8Array<ArrayBuffer>): Out {
    return this.#provide(deriveNow(this.#engine.module, this.#job(passphrase)));
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
   * @throws `out-of-memory`, for ever, where the chunk cannot be handed out: the core counts on, and a reader would miss it.
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

  /** Wipes and releases. May be called again. */
  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    if (!this.#engine.trapped) this.#run(() => this.#wasm.free());
  }

  get freed(): boolean {
    return this.#freed;
  }

  #job(passphrase: Uint8Array<ArrayBuffer>): KdfJob {
    try {
      const result = this.#run(() => this.#wasm.begin());
      if (result !== NEED_WRAP_KEY) throw plainError(codeOf(result));
      const at = this.#run(() => this.#wasm.detail(SALT));
      return { passphrase, salt: copyOut(this.#engine, at, SALT_LEN), logN: this.#logN };
    } catch (error) {
      wipe(passphrase);
      throw error;
    }
  }

  #provide(wrapKey: Uint8Array<ArrayBuffer>): Out {
    try {
      this.#check();
      const slot = this.#run(() => this.#wasm.detail(KEY_SLOT));
      copyIn(this.#engine, slot, wrapKey, WRAP_KEY_LEN);
      this.header = this.#take(this.#run(() => this.#wasm.provide(0)));
      return this.header;
    } finally {
      wipe(wrapKey);
    }
  }

  #take(result: number): Out {
    if (result < 0) throw plainError(codeOf(result));
    const at = this.#run(() => this.#wasm.detail(AT));
    return copyOut(this.#engine, at, result);
  }

  #check(): void {
    if (this.#freed) throw plainError("freed");
    if (this.#error !== undefined) throw this.#error;
    if (this.#engine.trapped) throw trappedError();
  }

  #run<T>(call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw trap(this.#engine, error);
    }
  }
}
