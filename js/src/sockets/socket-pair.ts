/**
 * What WebSocket, data channel and callbacks share: a pair of byte streams over a thing with
 * events. Knows nothing of age.
 *
 * What moves a pair from one state to the next:
 *
 *            the writable closes, or close()        the socket's close event
 *     live -----------------------------> closing ---------------------------> ended
 *      |  |                                 |                                    ^
 *      |  +---------------------------------+--------------> failed -------------+
 *      |     abort(), cancel(), the signal, a failed send,     the close event   |
 *      |     a text frame, too much that nobody reads                            |
 *      +-------------------------------------------------------------------------+
 *            the peer closes, or the connection is lost
 *
 * A pair is `live` while its socket connects, too. `failed` means that both sides were errored and
 * that the socket's close event is still to come. In `ended` no event is heard any more, but what
 * was received before is still read: then the readable ends by itself.
 */
import { type Bytes, type ByteTransform, type Out, part, toBytes } from "../bytes.js";
import { needStreams } from "../engine/host.js";
import { SocketError } from "../errors.js";
import { readOptions } from "../options.js";
import { follow } from "../signal.js";
import { sidesOf } from "../sides.js";

/** Options of {@link fromWebSocket}, {@link fromDataChannel} and {@link fromSocketHandlers}. */
export interface SocketStreamOptions {
  /**
   * Ends both sides with its reason and closes the socket, while it connects too. The close code is
   * 1011, and 4011 from a page. A reason `{ closeCode, reason }`, which is no Error, names another.
   */
  signal?: AbortSignal | undefined;
  /**
   * Received bytes that may wait for the reader, 4 MiB unless set; more is `socket-overflow`, and
   * the socket closes with 1009.
   */
  maxBufferedBytes?: number | undefined;
  /** Unsent bytes at which a write waits, 1 MiB unless set. */
  highWaterMark?: number | undefined;
}

/** A socket as a pair of byte streams. */
export interface SocketStream extends ByteTransform {
  /** Resolves once the socket is open; rejects if it never opens. */
  readonly opened: Promise<void>;
  /**
   * Resolves with the code and reason of a close that both sides agreed on; rejects with the
   * SocketError of any other.
   */
  readonly closed: Promise<{ code: number; reason: string }>;
  /**
   * Closes the socket; 1000 and codes in 3000..=4999 are allowed. A reason is cut to 123 bytes of
   * UTF-8.
   */
  close(code?: number, reason?: string): void;
}

export interface Ending {
  readonly code: number;
  readonly reason: string;
  /** Both sides agreed on it. */
  readonly agreed: boolean;
  /** The host's own error, where it told one. */
  readonly cause?: unknown;
  /** Where the code says too little. */
  readonly message?: string;
}

/** One kind of socket. */
export interface Wire {
  readonly state: "connecting" | "open" | "over";
  /**
   * Sends one message of at most `maxMessage` bytes. A promise is waited for; where the socket ends
   * meanwhile, for no longer.
   */
  send(bytes: Uint8Array): void | Promise<void>;
  /**
   * False if the socket may read the bytes after `send()` has returned: it gets a copy of its own.
   */
  readonly copies: boolean;
  readonly maxMessage: number;
  /** Unsent bytes; undefined where the socket does not tell. */
  readonly unsent: number | undefined;
  /**
   * Resolves some time later, at best when at most `low` bytes are unsent. `left` gets what undoes
   * the wait.
   *
   * @returns true where the socket said that it takes more, whatever it tells of unsent bytes.
   */
  someSent(low: number, left: (undo: () => void) => void): Promise<boolean | void>;
  close(code: number | undefined, reason: string | undefined): void;
  /** Stops and starts the arrival of messages, where the socket can. */
  readonly pause?: (() => void) | undefined;
  readonly resume?: (() => void) | undefined;
  /** Makes the events start, where a socket waits for that. Throws if it never will. */
  readonly accept?: (() => void) | undefined;
  /** Hears the events until the returned function is called. */
  listen(on: Events): () => void;
}

/** What happens to a socket. */
export interface Events {
  open(): void;
  message(data: unknown): void;
  close(ending: Ending): void;
}

/** Listens to a socket that is an EventTarget, or nearly. @returns what ends that. */
export function listening(
  target: Pick<EventTarget, "addEventListener" | "removeEventListener">,
  listeners: Record<string, (event: any) => void>,
): () => void {
  const all = Object.entries(listeners);
  for (const [type, listener] of all) target.addEventListener(type, listener);
  return () => {
    for (const [type, listener] of all) target.removeEventListener(type, listener);
  };
}

/**
 * Whether an object's `send()` copies before it returns: the host's own do. One that is written in
 * JavaScript may keep the memory it is given. The npm package ws does, until the network or a
 * compressor on another thread has taken it.
 */
export function isNativeSend(send: unknown): boolean {
  // With its name: bound functions and proxies are native code too, whatever is behind them.
  return /^function send\(\) *\{\s*\[native code\]\s*\}$/.test(
    Function.prototype.toString.call(send),
  );
}

/** Close codes that mean what the applications say. */
const PRIVATE_CODES = 4000;

/**
 * Closes a socket with `code`, or with what stands for it. Browsers, and some other hosts, let an
 * application send 1000 and 3000 to 4999 only: 4009 is their 1009. Without a code it would look as
 * if all were well.
 */
export function closeWith(
  socket: { close(code?: number, reason?: string): void },
  code: number | undefined,
  reason: string | undefined,
): void {
  if (code === undefined) return socket.close();
  try {
    socket.close(code, reason ?? "");
  } catch {
    socket.close(PRIVATE_CODES + (code % 1000), reason ?? "");
  }
}

const CLOSE_UNSUPPORTED_DATA = 1003;
const CLOSE_TOO_BIG = 1009;
/**
 * For whatever ends before its end: a peer that keeps what it has received must not take it for all
 * there is.
 */
const CLOSE_FAILED = 1011;

/** Received and not yet read, in bytes. */
const MAX_BUFFERED = 4 * 1024 * 1024;
/** Unsent bytes at which a write waits. */
const HIGH_WATER_MARK = 1024 * 1024;

/**
 * Received messages shorter than this wait joined: a peer that sends single bytes would fill the
 * memory with arrays instead of bytes.
 */
const BLOCK_LEN = 16_384;

export class SocketPair implements SocketStream {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<Bytes>;
  readonly opened: Promise<void>;
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #wire: Wire;
  readonly #maxBuffered: number;
  readonly #highWaterMark: number;
  /** The signal is not listened to any more. */
  #ignoreSignal: () => void = () => undefined;
  #source!: ReadableStreamDefaultController<Out>;
  #sink!: WritableStreamDefaultController;
  /** What was received and not asked for yet. */
  #queue: Out[] = [];
  /** Bytes in the last of the queue, where that is a block with room; otherwise undefined. */
  #filled: number | undefined;
  #buffered = 0;
  #paused = false;
  #wanted = false;
  /** See the picture at the top. */
  #state: "live" | "closing" | "failed" | "ended" = "live";
  /** How the socket ended, in the state `ended`. */
  #ending: Ending | undefined;
  #readableOver = false;
  /** The writable ends by its own abort. */
  #aborted = false;
  /** Why both sides were errored. */
  #failure: { readonly error: unknown } | undefined;
  #unlisten: () => void = () => undefined;
  #undoWait: (() => void) | undefined;
  /** Resolves when nothing can be sent any more. */
  readonly #over: Promise<void>;
  #tellOver!: () => void;
  /** One object for every place that tells of the close. */
  #error: SocketError | undefined;
  #open!: { resolve: () => void; reject: (error: unknown) => void };
  #close!: {
    resolve: (ending: { code: number; reason: string }) => void;
    reject: (error: unknown) => void;
  };

  constructor(wire: Wire, options: SocketStreamOptions | undefined) {
    needStreams();
    const {
      signal,
      maxBufferedBytes = MAX_BUFFERED,
      highWaterMark = HIGH_WATER_MARK,
    } = readOptions(options, ["signal", "maxBufferedBytes", "highWaterMark"]);
    this.#wire = wire;
    this.#maxBuffered = maxBufferedBytes;
    this.#highWaterMark = highWaterMark;
    this.#over = new Promise((resolve) => (this.#tellOver = resolve));
    this.opened = new Promise((resolve, reject) => (this.#open = { resolve, reject }));
    this.closed = new Promise((resolve, reject) => (this.#close = { resolve, reject }));
    // Nobody need await them.
    this.opened.catch(() => undefined);
    this.closed.catch(() => undefined);
    ({
      readable: this.readable,
      writable: this.writable,
      source: this.#source,
      sink: this.#sink,
    } = sidesOf({
      pull: () => this.#pull(),
      cancel: (reason) => {
        this.#readableOver = true;
        this.#forget();
        this.#giveUp(reason, reason);
      },
      write: (chunk) => this.#write(chunk),
      close: () => this.#end(),
      abort: (reason, during) => this.#giveUp(reason, reason, during),
    }));
    this.#unlisten = wire.listen({
      open: () => this.#open.resolve(),
      message: (data) => this.#receive(data),
      close: (ending) => this.#onClose(ending),
    });
    this.#accept();
    if (this.#ending) return;
    if (wire.state === "open") this.#open.resolve();
    if (wire.state === "over") this.#onClose({ code: 1006, reason: "", agreed: false });
    else this.#ignoreSignal = follow(signal, (reason) => this.#giveUp(reason, reason));
  }

  /** Keeps frameworks from making a proxy of it, as they do of plain objects. */
  get [Symbol.toStringTag](): string {
    return "SocketStream";
  }

  close(code?: number, reason?: string): void {
    if (
      code !== undefined &&
      code !== 1000 &&
      !(Number.isInteger(code) && code >= 3000 && code <= 4999)
    )
      throw new RangeError(`A close code must be 1000 or in 3000..=4999, got ${code}`);
    this.#closeWire(code ?? (reason === undefined ? undefined : 1000), reason);
  }

  #accept(): void {
    try {
      this.#wire.accept?.();
    } catch (cause) {
      const message =
        "The WebSocket cannot be accepted: it went into a Response, or its Durable Object hears its events";
      this.#onClose({ code: 1006, reason: "", agreed: false, cause, message });
    }
  }

  #receive(data: unknown): void {
    if (this.#readableOver) return;
    const bytes = received(data);
    if (!bytes) {
      this.#giveUp(
        new SocketError(
          "text-frame",
          "The peer sent a text message, where only binary ones belong",
        ),
        { closeCode: CLOSE_UNSUPPORTED_DATA },
      );
      return;
    }
    if (bytes.length === 0) return;
    if (this.#wanted) {
      this.#wanted = false;
      this.#source.enqueue(bytes);
      return;
    }
    this.#buffered += bytes.length;
    if (this.#buffered > this.#maxBuffered) {
      const error = new SocketError(
        "socket-overflow",
        `More than ${this.#maxBuffered} received bytes wait to be read: read faster, or raise maxBufferedBytes`,
      );
      this.#giveUp(error, { closeCode: CLOSE_TOO_BIG });
      return;
    }
    this.#keep(bytes);
    // Once we have said that we close, the peer's answer must be heard, whether or not anybody
    // reads.
    if (!this.#paused && this.#state === "live" && this.#wire.pause) {
      this.#paused = true;
      this.#trying(() => this.#wire.pause?.());
    }
  }

  #keep(bytes: Out): void {
    const last = this.#queue.at(-1);
    if (last && this.#filled !== undefined && this.#filled + bytes.length <= last.length) {
      last.set(bytes, this.#filled);
      this.#filled += bytes.length;
    } else if (bytes.length < BLOCK_LEN) {
      this.#trim();
      const block = new Uint8Array(BLOCK_LEN);
      block.set(bytes);
      this.#queue.push(block);
      this.#filled = bytes.length;
    } else {
      this.#trim();
      this.#queue.push(bytes);
    }
  }

  /** The last block gets no more bytes. */
  #trim(): void {
    if (this.#filled !== undefined)
      this.#queue.push((this.#queue.pop() as Out).slice(0, this.#filled));
    this.#filled = undefined;
  }

  #forget(): void {
    this.#queue.length = 0;
    this.#filled = undefined;
    this.#buffered = 0;
  }

  #pull(): void {
    if (this.#queue.length === 1) this.#trim();
    const next = this.#queue.shift();
    if (next) {
      this.#buffered -= next.length;
      this.#source.enqueue(next);
    } else {
      this.#wanted = true;
    }
    if (this.#queue.length > 0) return;
    if (this.#ending) {
      this.#endReadable(this.#ending);
    } else {
      this.#resume();
    }
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#trying(() => this.#wire.resume?.());
  }

  /** What a host's socket throws is the end of both sides, as everywhere. */
  #trying(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.#giveUp(error, undefined);
    }
  }

  #closeWire(code: number | undefined, reason: string | undefined): void {
    if (this.#ending) return;
    if (this.#state === "live") this.#state = "closing";
    try {
      this.#wire.close(code, reason === undefined ? undefined : cut(reason));
    } catch (cause) {
      // No event follows from a socket that refuses to close.
      this.#onClose({ code: 1006, reason: "", agreed: false, cause });
    }
    this.#resume();
  }

  async #write(chunk: Bytes): Promise<void> {
    let bytes;
    try {
      bytes = toBytes(chunk);
    } catch (error) {
      this.#giveUp(error, undefined);
      throw error;
    }
    const copied = this.#wire.state === "connecting";
    if (copied) bytes = new Uint8Array(bytes);
    const { length } = bytes;
    await this.opened;
    const { maxMessage } = this.#wire;
    for (let offset = 0; offset < length; offset += maxMessage) {
      if (this.#wire.state !== "open" || this.#ending) {
        // The event that follows tells why.
        await this.#over;
        throw this.#closedError(this.#ending);
      }
      try {
        const message = part(bytes, offset, Math.min(length, offset + maxMessage));
        // Once the write has resolved, its memory is the caller's again.
        const sent = this.#wire.send(
          copied || this.#wire.copies ? message : new Uint8Array(message),
        );
        if (sent) await this.#sent(sent);
        await this.#unsentBelow(this.#highWaterMark, true);
      } catch (error) {
        this.#giveUp(error, undefined);
        throw error;
      }
    }
  }

  /**
   * Until the message has gone, or nothing can be sent any more: a socket that has ended may forget
   * its promise.
   */
  #sent(sent: Promise<void>): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#undoWait = resolve;
      sent.then(resolve, reject);
    }).finally(() => (this.#undoWait = undefined));
  }

  /** The writable's end: everything is sent, then the socket closes with 1000. */
  async #end(): Promise<void> {
    await this.opened;
    try {
      await this.#unsentBelow(1);
    } catch (error) {
      this.#giveUp(error, undefined);
      throw error;
    }
    // What has failed meanwhile was closed with a code that says so: it is no success that the host
    // answers that.
    if (!this.#failure) this.#closeWire(1000, undefined);
    await this.closed;
    if (this.#failure) throw this.#failure.error;
  }

  /** @param untilDrained - or until the socket says that it takes more. */
  async #unsentBelow(limit: number, untilDrained = false): Promise<void> {
    let drained: boolean | void = false;
    // A socket that has closed is asked for nothing: uWebSockets throws then.
    while (
      this.#wire.state === "open" &&
      this.#isUp() &&
      !(untilDrained && drained) &&
      (this.#wire.unsent ?? 0) >= limit
    ) {
      drained = await this.#wire.someSent(Math.floor(limit / 2), (undo) => (this.#undoWait = undo));
    }
    this.#undoWait = undefined;
  }

  /** What was written may still go out. */
  #isUp(): boolean {
    return this.#state === "live" || this.#state === "closing";
  }

  #onClose(ending: Ending): void {
    if (this.#ending) return;
    this.#state = "ended";
    this.#ending = ending;
    this.#unlisten();
    this.#ignoreSignal();
    const error = this.#closedError(ending);
    this.#open.reject(error);
    if (ending.agreed) this.#close.resolve({ code: ending.code, reason: ending.reason });
    else this.#close.reject(error);
    this.#undoWait?.();
    this.#tellOver();
    // Some hosts call back while they are being closed, which may be in the middle of an abort.
    if (!this.#aborted) this.#sink.error(error);
    if (this.#queue.length === 0) this.#endReadable(ending);
  }

  /** Whatever was received is read first. */
  #endReadable(ending: Ending): void {
    if (this.#readableOver) return;
    this.#readableOver = true;
    // 1005: closed without a code. Any other code says that the peer did not finish.
    if (ending.agreed && (ending.code === 1000 || ending.code === 1005)) this.#source.close();
    else this.#source.error(this.#closedError(ending));
  }

  /**
   * Errors both sides and closes the socket.
   *
   * @param told - a plain object with `closeCode` and `reason` to close with. An Error is ignored:
   * its code came from another socket's peer.
   * @param aborted - the writable started this. It is not errored again, because in Node erroring a
   * writable during its own abort throws.
   */
  #giveUp(error: unknown, told: unknown, aborted = false): void {
    if (this.#state === "failed" || (this.#ending && this.#readableOver)) return;
    if (!this.#ending) this.#state = "failed";
    this.#failure = { error };
    this.#aborted ||= aborted;
    this.#forget();
    if (!this.#readableOver) this.#source.error(error);
    this.#readableOver = true;
    if (!aborted) this.#sink.error(error);
    this.#open.reject(error);
    this.#undoWait?.();
    this.#tellOver();
    this.#ignoreSignal();
    const { closeCode, reason } = (
      typeof told === "object" && told !== null && !(told instanceof Error) ? told : {}
    ) as { closeCode?: unknown; reason?: unknown };
    // Its listeners stay until the socket has closed: an error event that nobody hears ends a Node
    // process.
    this.#closeWire(
      Number.isInteger(closeCode) ? (closeCode as number) : CLOSE_FAILED,
      typeof reason === "string" ? reason : undefined,
    );
  }

  #closedError(ending: Ending | undefined): SocketError {
    if (!ending) return new SocketError("socket-closed", "The socket is closed");
    const { code, reason, cause, message } = ending;
    const options = cause === undefined ? undefined : { cause };
    // Without the reason: messages go into logs, and the peer could write lines of its own there.
    return (this.#error ??= new SocketError(
      "socket-closed",
      message ?? `The socket was closed with code ${code}`,
      { closeCode: code, reason },
      options,
    ));
  }
}

/** A message as bytes that are ours; undefined for one of text. */
function received(data: unknown): Out | undefined {
  let bytes;
  try {
    bytes = toBytes(data as Bytes);
  } catch {
    return undefined;
  }
  return ArrayBuffer.isView(data) ? new Uint8Array(bytes) : (bytes as Out);
}

/** At most 123 bytes of UTF-8, whole characters: a longer reason would throw. */
function cut(reason: string): string {
  let text = "";
  let length = 0;
  for (const character of reason) {
    length += new TextEncoder().encode(character).length;
    if (length > 123) break;
    text += character;
  }
  return text;
}
