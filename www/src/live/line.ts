/** A line in one direction: what is sent at one end comes out at the other, message by message. */
import { AgeRtDecryptStream, AgeRtEncryptStream } from "age-rt-wasm";
import { type Fault, type Passing, Wire } from "./wire.js";

/** A quick start matters more here than a strong key: the passphrase is random. */
const WORK_FACTOR = 15;

export interface LineEvents {
  /** Asked for every chunk. */
  readonly takeFault: () => Fault | undefined;
  readonly onPassing: (passing: Passing) => void;
  readonly onMessage: (message: Uint8Array) => void;
  /** With an error if it did not end as its sender wanted. Not called after `cut()`. */
  readonly onEnd: (error?: unknown) => void;
}

export class Line {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  readonly #wire: Wire;
  readonly #abort = new AbortController();
  /** The message that was sent last. */
  #sending: Promise<void> = Promise.resolve();

  constructor(passphrase: string, { takeFault, onPassing, onMessage, onEnd }: LineEvents) {
    const { signal } = this.#abort;
    const encrypt = new AgeRtEncryptStream(passphrase, { workFactor: WORK_FACTOR, signal });
    const decrypt = new AgeRtDecryptStream(passphrase, { maxWorkFactor: WORK_FACTOR, signal });
    this.#wire = new Wire(takeFault, onPassing);
    this.#writer = (encrypt.writable as WritableStream<Uint8Array<ArrayBuffer>>).getWriter();
    // Every way it can end is told by the receiver's end.
    this.#writer.closed.catch(() => undefined);
    encrypt.readable
      .pipeThrough(new TransformStream(this.#wire))
      .pipeThrough(decrypt)
      .pipeTo(new WritableStream({ write: onMessage }))
      .then(
        () => onEnd(),
        (error: unknown) => signal.aborted || onEnd(error),
      );
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    this.#sending = this.#writer.write(message).catch(() => undefined);
  }

  /** Sends the final chunk. */
  async close(): Promise<void> {
    await this.#sending;
    this.#wire.closing = true;
    await this.#writer.close().catch(() => undefined);
  }

  /** Ends it here and now, without a word to anybody. */
  cut(): void {
    this.#abort.abort();
  }
}
