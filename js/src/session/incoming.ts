/** The peer's direction: bytes in, messages out, from one key to the next. */
import { joined, type Out } from "../bytes.js";
import { StreamTruncatedError } from "../errors.js";
import { AgeRtDecoder, type DecryptKey } from "../index.js";
import { broken, NONCE_LEN, same } from "./messages.js";

/** Bytes of any lengths, handed out in the lengths that are asked for. */
class Bytes {
  #parts: Uint8Array[] = [];
  #length = 0;

  put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  get length(): number {
    return this.#length;
  }

  /** The next `count` bytes, or undefined if not all of them are there. */
  take(count: number): Uint8Array | undefined {
    if (this.#length < count) return undefined;
    this.#length -= count;
    const first = this.#parts[0] as Uint8Array;
    if (first.length > count) {
      this.#parts[0] = first.subarray(count);
      return first.subarray(0, count);
    }
    if (first.length === count) return this.#parts.shift();
    const taken = [];
    let missing = count;
    let used = 0;
    for (const part of this.#parts) {
      if (part.length > missing) break;
      taken.push(part);
      missing -= part.length;
      used += 1;
      if (missing === 0) break;
    }
    this.#parts.splice(0, used);
    if (missing > 0) {
      const part = this.#parts[0] as Uint8Array;
      taken.push(part.subarray(0, missing));
      this.#parts[0] = part.subarray(missing);
    }
    return joined(taken);
  }
}

/** What the peer's direction needs of its session. */
export interface Keys {
  readonly decrypt: DecryptKey;
  readonly maxWorkFactor: number;
  readonly signal: AbortSignal;
  /** Runs a derivation; clocks stand still meanwhile. */
  deriving<T>(work: () => Promise<T>): Promise<T>;
}

export class Incoming {
  readonly #bytes = new Bytes();
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #keys: Keys;
  #decoder: AgeRtDecoder | undefined;
  /** The decoder of NEXT, once its key is found. */
  #next: Promise<AgeRtDecoder> | undefined;
  #freed = false;
  /** Header and nonce of the stream that is read, or of the one that NEXT has named. */
  #start: Uint8Array = new Uint8Array(0);
  #onHeader: (header: Uint8Array) => void = () => undefined;
  /** Whether the message that came last was in a final chunk. */
  final = false;

  constructor(reader: ReadableStreamDefaultReader<Uint8Array>, keys: Keys) {
    this.#reader = reader;
    this.#keys = keys;
  }

  /**
   * Reads header and nonce, and finds the key between them. @param onHeader sees the header before
   * anything is derived.
   */
  async start(onHeader: (header: Uint8Array) => void): Promise<Out> {
    this.#onHeader = onHeader;
    const decoder = await this.#newDecoder();
    this.#decoder = decoder;
    const header: number[] = [];
    while (decoder.bytesWanted > 0) {
      const byte = await this.#read(1);
      decoder.feed(byte);
      header.push(byte[0] as number);
    }
    onHeader(Uint8Array.from(header));
    await this.#keys.deriving(() => decoder.unlock({ signal: this.#keys.signal }));
    const nonce = await this.#read(NONCE_LEN);
    decoder.feed(nonce);
    const start = joined([Uint8Array.from(header), nonce]);
    this.#start = start;
    return start;
  }

  /** The next message that is here already. */
  takeNow(): Out | undefined {
    const decoder = this.#decoder as AgeRtDecoder;
    for (;;) {
      const bytes = this.#bytes.take(decoder.bytesWanted);
      if (!bytes) return undefined;
      const message = decoder.feed(bytes);
      if (!message) continue;
      this.final = decoder.isDone();
      return message;
    }
  }

  /** Waits for more bytes. @throws `truncated` where none can come. */
  async more(): Promise<void> {
    if (!(await this.pull()))
      throw new StreamTruncatedError("truncated", "The socket ended before the peer's session did");
  }

  /** Waits for more bytes. @returns false at their end. */
  async pull(): Promise<boolean> {
    const { done, value } = await this.#reader.read();
    if (done) return false;
    this.#bytes.put(value);
    return true;
  }

  /** Bytes that were received and belong to no message yet. */
  get waiting(): number {
    return this.#bytes.length;
  }

  /** Begins to find the key of a NEXT. @throws SessionError `session-protocol`, `reflected`. */
  prepare(next: Uint8Array): void {
    if (this.#next) broken("a second NEXT before SWITCH");
    // Under the same key and nonce, whoever has recorded this stream could play its chunks again.
    if (same(next, this.#start)) broken("a NEXT that names the present header and nonce again");
    this.#onHeader(next.subarray(0, -NONCE_LEN));
    this.#start = next;
    this.#next = this.#keys.deriving(() => this.#prepared(next));
    // Heard when the peer switches.
    this.#next.catch(() => undefined);
  }

  async #prepared(next: Uint8Array): Promise<AgeRtDecoder> {
    const decoder = await this.#newDecoder();
    try {
      const nonceAt = next.length - NONCE_LEN;
      for (let at = 0; at < nonceAt; at += 1) {
        if (decoder.bytesWanted === 0) broken("a NEXT is longer than its header and nonce");
        decoder.feed(next.subarray(at, at + 1));
      }
      if (nonceAt < 1 || decoder.bytesWanted > 0)
        broken("a NEXT is shorter than its header and nonce");
      await decoder.unlock({ signal: this.#keys.signal });
      decoder.feed(next.subarray(nonceAt));
      return decoder;
    } catch (error) {
      decoder.free();
      throw error;
    }
  }

  /**
   * Goes on under the key of NEXT. @throws SessionError `session-protocol`; what its header amounts
   * to.
   */
  async switch(): Promise<void> {
    const next = this.#next ?? broken("a SWITCH without NEXT");
    this.#next = undefined;
    this.#decoder?.free();
    this.#decoder = await next;
    if (this.#freed) this.#decoder.free();
  }

  /** Wipes the keys. */
  free(): void {
    this.#freed = true;
    this.#decoder?.free();
    this.#next?.then(
      (decoder) => decoder.free(),
      () => undefined,
    );
  }

  async #newDecoder(): Promise<AgeRtDecoder> {
    const { decrypt, maxWorkFactor } = this.#keys;
    const decoder = await AgeRtDecoder.create(decrypt, { maxWorkFactor });
    if (this.#freed) decoder.free();
    return decoder;
  }

  async #read(count: number): Promise<Uint8Array> {
    for (;;) {
      const bytes = this.#bytes.take(count);
      if (bytes) return bytes;
      await this.more();
    }
  }
}
