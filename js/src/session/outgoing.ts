/** Our own direction: messages in, bytes out, from one key to the next. */
import { type Bytes, joined, type Out, part } from "../bytes.js";
import { AgeRtEncoder, type EncryptKey } from "../index.js";
import { END, MAX_MESSAGE_LEN, NEXT, SWITCH, writeData } from "./messages.js";

/** What our direction needs of its session. */
export interface Making {
  readonly encrypt: EncryptKey;
  readonly padded: boolean;
  /** Messages under one key. */
  readonly renewMessages: number;
  /** Milliseconds under one key. */
  readonly renewMs: number | undefined;
  readonly signal: AbortSignal;
  /** Runs a derivation; clocks stand still meanwhile. */
  deriving<T>(work: () => Promise<T>): Promise<T>;
  /** The next key cannot be made. */
  failed(error: unknown): void;
}

export class Outgoing {
  readonly #writer: WritableStreamDefaultWriter<Bytes>;
  readonly #making: Making;
  readonly #scratch = new Uint8Array(MAX_MESSAGE_LEN);
  #encoder: AgeRtEncoder | undefined;
  /** The key after this one, once NEXT was sent. */
  #next: Promise<AgeRtEncoder> | undefined;
  #messages = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #over = false;

  constructor(writer: WritableStreamDefaultWriter<Bytes>, making: Making) {
    this.#writer = writer;
    this.#making = making;
  }

  /**
   * Makes header and nonce. @throws RangeError for a header that no NEXT could hold, where there
   * are to be any.
   */
  async start(): Promise<Out> {
    this.#encoder = await this.#newEncoder();
    const start = this.#encoder.getHeader();
    if (this.#renews && start.length >= MAX_MESSAGE_LEN)
      throw new RangeError(
        "The header is too long to be renewed: name fewer recipients, or no `renew`",
      );
    return start;
  }

  /** Sends the start of the stream and its first message in one piece. */
  begin(start: Out, hello: Out): Promise<void> {
    return this.#writer.write(joined([start, this.#seal(hello)]));
  }

  /** The session is open: what is sent from now on counts. */
  open(): void {
    this.#fresh();
  }

  /** Sends a message. */
  send(message: Uint8Array, final = false): Promise<void> {
    return this.#writer.write(this.#seal(message, final));
  }

  /** Sends the user's bytes. */
  async data(bytes: Uint8Array): Promise<void> {
    const given = bytes.length;
    if (this.#messages >= this.#making.renewMessages) await this.#renew();
    const length = writeData(this.#scratch, part(bytes, 0, given), this.#making.padded);
    this.#messages += 1;
    const sent = this.send(this.#scratch.subarray(0, length));
    if (this.#messages >= this.#making.renewMessages / 2) this.#prepare();
    await sent;
  }

  async end(): Promise<void> {
    const sent = this.send(Uint8Array.of(END), true);
    this.free();
    await sent;
  }

  /** Wipes the keys, and the last message. */
  free(): void {
    this.#over = true;
    clearTimeout(this.#timer);
    this.#scratch.fill(0);
    this.#encoder?.free();
    this.#next?.then(
      (encoder) => encoder.free(),
      () => undefined,
    );
  }

  get #renews(): boolean {
    return this.#making.renewMessages < Infinity || this.#making.renewMs !== undefined;
  }

  #seal(message: Uint8Array, final = false): Out {
    return (this.#encoder as AgeRtEncoder).encodeChunk(message, final);
  }

  async #newEncoder(): Promise<AgeRtEncoder> {
    const { encrypt, signal, deriving } = this.#making;
    const encoder = await deriving(() => AgeRtEncoder.create(encrypt, { signal }));
    if (this.#over) encoder.free();
    return encoder;
  }

  /** Makes the next key and tells the peer of it, once. */
  #prepare(): Promise<AgeRtEncoder> {
    if (this.#next) return this.#next;
    const next = this.#newEncoder().then((encoder) => {
      if (!this.#over)
        this.send(joined([Uint8Array.of(NEXT), encoder.getHeader()])).catch(() => undefined);
      return encoder;
    });
    next.catch((error: unknown) => this.#making.failed(error));
    return (this.#next = next);
  }

  /** Uses the next key. */
  async #renew(): Promise<void> {
    const next = this.#prepare();
    const encoder = await next;
    // Both a write and the timer may have waited for it.
    if (this.#over || this.#next !== next) return;
    this.send(Uint8Array.of(SWITCH), true).catch(() => undefined);
    this.#encoder?.free();
    this.#encoder = encoder;
    this.#next = undefined;
    this.#fresh();
  }

  /** A key is used from now on. */
  #fresh(): void {
    this.#messages = 0;
    clearTimeout(this.#timer);
    const { renewMs, renewMessages } = this.#making;
    if (renewMessages === 1) this.#prepare();
    if (renewMs === undefined) return;
    this.#timer = setTimeout(() => {
      this.#prepare();
      this.#timer = setTimeout(() => void this.#renew().catch(() => undefined), renewMs / 2);
    }, renewMs / 2);
  }
}
