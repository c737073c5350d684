/**
 * Armor as streams: two transformers that know nothing of age, and one in front of a decryption
 * that tells by itself.
 */
import { ARMOR_STEP, armorAt, ArmorReader, ArmorWriter } from "../armor.js";
import { joined, part } from "../bytes.js";
import { readOptions } from "../options.js";
import { inSteps, type Output, Pair, type Transformer } from "./pair.js";
import { PairStream } from "./stream.js";

/** Options of {@link ArmorStream} and {@link DearmorStream}. */
export interface ArmorOptions {
  /** Ends the stream with the signal's reason. */
  signal?: AbortSignal | undefined;
}

class Armoring implements Transformer {
  readonly #writer = new ArmorWriter();

  async start(): Promise<void> {}

  write(bytes: Uint8Array, out: Output): Promise<void> | void {
    const { length } = bytes;
    let at = 0;
    return inSteps(() => {
      while (at < length) {
        if (out.full) return out.taken();
        const end = Math.min(at + ARMOR_STEP, length);
        const lines = this.#writer.lines(part(bytes, at, end));
        if (lines.length > 0) out.push(lines);
        at = end;
      }
    });
  }

  close(out: Output): void {
    out.push(this.#writer.end());
  }

  free(): void {}
}

/** Takes the armor off: of its own, or in front of another transformer if there is one. */
export class Dearmoring implements Transformer {
  readonly #inner: Transformer | undefined;
  #reader: ArmorReader | undefined;
  /** The first bytes, until they tell whether there is armor. */
  #start: Uint8Array | undefined;
  #waited = false;

  /** @param inner - takes what is armored and what is not. */
  constructor(inner?: Transformer) {
    this.#inner = inner;
    if (inner) this.#start = new Uint8Array(0);
    else this.#reader = new ArmorReader();
  }

  async start(out: Output): Promise<void> {
    await this.#inner?.start(out);
  }

  write(bytes: Uint8Array, out: Output): Promise<void> | void {
    const inner = this.#inner;
    if (this.#start) {
      if (this.#start.length > 0) bytes = joined([this.#start, bytes]);
      const at = armorAt(bytes);
      // A copy even of a Buffer, whose slice() is none.
      this.#start = at === undefined ? new Uint8Array(bytes) : undefined;
      if (at === undefined) return;
      if (at >= 0) this.#reader = new ArmorReader();
    }
    const reader = this.#reader;
    if (!reader) return inner?.write(bytes, out);
    let { length } = bytes;
    let at = 0;
    return inSteps(() => {
      while (at < length) {
        if (out.full) return out.taken();
        at = reader.take(part(bytes, 0, length), at);
        const { decoded } = reader;
        if (inner) {
          const wait = inner.write(decoded, out);
          if (wait && !this.#waited) {
            this.#waited = true;
            // The first wait is the one for the key: what was written is kept as it is now.
            bytes = new Uint8Array(bytes.subarray(at));
            ({ length } = bytes);
            at = 0;
          }
          if (wait) return wait;
        } else if (decoded.length > 0) {
          out.push(decoded);
        }
      }
    });
  }

  async flush(out: Output): Promise<void> {
    if (this.#start) await this.#inner?.write(this.#start, out);
    await this.#inner?.flush?.(out);
  }

  async close(out: Output): Promise<void> {
    this.#reader?.finish();
    await this.#inner?.close(out);
  }

  free(): void {
    this.#inner?.free();
  }
}

/**
 * Armors a message of any length: bytes in, ASCII lines out, as bytes. `TextDecoderStream` makes
 * text of them.
 *
 * https://c2sp.org/age#ascii-armor
 *
 * Data errors do not occur; both sides error with the signal's reason, or with a TypeError for a
 * chunk that is no bytes.
 *
 * @example
 * ```js
 * await file
 *   .stream()
 *   .pipeThrough(new AgeEncryptStream(passphrase))
 *   .pipeThrough(new ArmorStream())
 *   .pipeTo(destination);
 * ```
 */
export class ArmorStream extends PairStream {
  /** @throws TypeError for an option that is no signal. */
  constructor(options?: ArmorOptions) {
    super(new Pair(new Armoring(), readOptions(options, ["signal"]).signal));
  }

  /** The name of the class, as the platform's own streams have it. */
  get [Symbol.toStringTag](): string {
    return "ArmorStream";
  }
}

/**
 * Takes one message of any length out of its armor: ASCII lines in, as bytes, and the message out.
 * The grammar is that of {@link dearmor}. {@link AgeAutoDecryptStream} does this by itself;
 * `TextEncoderStream` makes bytes of text.
 *
 * Both sides error with DecodeError `invalid-armor` after what was right before the fault. The
 * bytes are not authentic before they were decrypted.
 *
 * @example
 * ```js
 * const text = await encrypt(file, passphrase, { armor: true });
 * await new Blob([text])
 *   .stream()
 *   .pipeThrough(new DearmorStream())
 *   .pipeThrough(new AgeDecryptStream(passphrase))
 *   .pipeTo(destination);
 * ```
 */
export class DearmorStream extends PairStream {
  /** @throws TypeError for an option that is no signal. */
  constructor(options?: ArmorOptions) {
    super(new Pair(new Dearmoring(), readOptions(options, ["signal"]).signal));
  }

  /** The name of the class, as the platform's own streams have it. */
  get [Symbol.toStringTag](): string {
    return "DearmorStream";
  }
}
