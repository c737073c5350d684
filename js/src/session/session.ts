import { type Bytes, type ByteTransform, joined, type Out, toBytes, typeName } from "../bytes.js";
import { needStreams } from "../engine/host.js";
import {
  type AgeRtError,
  DecodeError,
  NotSupportedError,
  SessionError,
  SocketError,
  StateError,
  StreamTruncatedError,
} from "../errors.js";
import type { SocketStream } from "../index.js";
import { randomBytes } from "../random.js";
import { follow } from "../signal.js";
import { Clock } from "./clock.js";
import { Incoming } from "./incoming.js";
import {
  broken,
  checkHello,
  CONFIRM,
  confirmation,
  DATA,
  END,
  helloOf,
  MAX_DATA_LEN,
  NEXT,
  NONCE_LEN,
  PING,
  PING_LEN,
  PONG,
  readData,
  reflected,
  same,
  type Side,
  SWITCH,
} from "./messages.js";
import { type SessionOptions, type Settings, settingsOf } from "./options.js";
import { Outgoing } from "./outgoing.js";

export type { SessionOptions } from "./options.js";

/**
 * A conversation. What is written to `writable` comes out of the peer's `readable`, message by
 * message. A write has at most 65,531 bytes: a longer one is a RangeError, and ends the session.
 * Closing the writable ends this direction; the other may go on.
 */
export interface Session extends ByteTransform {
  /** The other end, as both have confirmed. */
  readonly peer: {
    /** Its role. */
    readonly role: string;
  };
  /**
   * Resolves once both ends have said that they are finished, and the socket has closed. Rejects
   * with the session's error.
   */
  readonly closed: Promise<void>;
  /**
   * Ends this direction: what was written before is sent. Resolves as `closed` does, so the peer
   * must end too. To leave at once, abort the signal, or cancel the readable.
   *
   * @throws (rejects) the session's error.
   */
  close(): Promise<void>;
}

/**
 * Policy violation: what WebSockets call a peer that is not what it must be. A page may not send
 * it, and sends 4008.
 */
const CLOSE_FAILED = { closeCode: 1008 };
/** Received bytes that wait for the reader, until the socket is read no more. */
const MAX_QUEUED = 1024 * 1024;
/** What a message takes that waits, beside its bytes: a million empty ones shall not be nothing. */
const QUEUED_OVERHEAD = 64;
/**
 * One may have left although its write still waits for room; another peer than that waits for it
 * before it asks again.
 */
const MAX_PONGS = 2;

const noop = (): void => undefined;

/**
 * Opens a session over a socket: messages in, messages out. First both ends prove that they are
 * live, and in the roles that they claim. A recorded stream is `replayed`, one's own `reflected`.
 * `SESSION.md` specifies it; the Python package's users find an implementation beside it.
 *
 * The error of a session closes the socket with 1008 (4008 from a page). A socket that ends before
 * the peer has finished is `truncated`, with the socket's error as its cause.
 *
 * @param socket - The session takes over both of its sides.
 * @throws (rejects) {@link SessionError}: `replayed`, `reflected`, `peer-silent`,
 * `session-protocol`; DecodeError, such as `wrong-passphrase`; SocketError; NotSupportedError,
 * `no-webcrypto` too; the signal's reason; TypeError, RangeError.
 *
 * @example
 * ```js
 * import { openSession } from "age-rt-wasm/session";
 *
 * const socket = fromWebSocket(new WebSocket(new URL("/session", url)));
 * const session = await openSession(socket, { key: passphrase, role: "client", peerRole: "server" });
 * const writer = session.writable.getWriter();
 * for (const text of ["Hello", "World"]) await writer.write(new TextEncoder().encode(text));
 * await writer.close();
 * for await (const message of messages(session.readable)) show(message);
 * await session.closed;
 * ```
 */
export async function openSession(socket: SocketStream, options: SessionOptions): Promise<Session> {
  needStreams();
  const settings = settingsOf(options);
  if (typeof globalThis.crypto?.subtle?.digest !== "function")
    throw new NotSupportedError(
      "no-webcrypto",
      "A session needs Web Cryptography, which browsers give to pages from https and localhost only",
    );
  const { readable, writable } = Object(socket) as SocketStream;
  if (typeof readable?.getReader !== "function" || typeof writable?.getWriter !== "function")
    throw new TypeError(
      `Expected a socket's streams, as fromWebSocket() and its like give them, got ${typeName(socket)}`,
    );
  if (readable.locked || writable.locked)
    throw new TypeError("The socket is in use: a session needs both of its sides for itself");
  settings.signal?.throwIfAborted();
  const session = new LiveSession(socket, settings);
  await session.opened;
  return session;
}

class LiveSession implements Session {
  readonly readable: ReadableStream<Out>;
  readonly writable: WritableStream<Bytes>;
  readonly peer: { readonly role: string };
  readonly opened: Promise<void>;
  readonly closed: Promise<void>;
  readonly #socket: SocketStream;
  readonly #settings: Settings;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Bytes>;
  readonly #incoming: Incoming;
  readonly #outgoing: Outgoing;
  readonly #abort = new AbortController();
  #open!: { resolve: () => void; reject: (error: unknown) => void };
  #close!: { resolve: () => void; reject: (error: unknown) => void };
  #source!: ReadableStreamDefaultController<Out>;
  #sink!: WritableStreamDefaultController;
  #ignoreSignal: () => void = noop;
  /** The time until the session must be open. */
  #opening: ReturnType<typeof setTimeout> | undefined;

  /** The socket was open. */
  #connected = false;
  /** What we have sent of ourselves, once we have. */
  #ours: Side | undefined;

  /** Messages that nobody has asked for yet. */
  #queue: Out[] = [];
  #queued = 0;
  /** A read waits. */
  #wanted = false;
  /** Ends the wait for a reader. */
  #room: (() => void) | undefined;
  #readableOpen = true;

  /** The bytes that a PONG must bring. */
  #pending: Uint8Array | undefined;
  #nextPing: ReturnType<typeof setTimeout> | undefined;
  readonly #silence = new Clock(() => this.#fail(silent("answered no PING in time")));
  /** Answers on their way. */
  #pongs = 0;

  /** Writes that were asked for, and those of them that are done. */
  #asked = 0;
  #written = 0;
  /** How many were asked for before close(). */
  #last = Infinity;
  /** Ends close()'s wait for them. */
  #allWritten: () => void = noop;

  /** We have said END. */
  #finished = false;
  /** The peer has. */
  #ended = false;
  /** It has failed, or both have. */
  #over = false;
  #error: unknown;
  /** One object for every place that tells of the socket's end. */
  #lost: AgeRtError | undefined;

  constructor(socket: SocketStream, settings: Settings) {
    this.#socket = socket;
    this.#settings = settings;
    this.peer = Object.freeze({ role: settings.peerName });
    this.opened = new Promise((resolve, reject) => (this.#open = { resolve, reject }));
    this.closed = new Promise((resolve, reject) => (this.#close = { resolve, reject }));
    this.opened.catch(noop);
    this.closed.catch(noop);
    this.#reader = socket.readable.getReader();
    this.#writer = socket.writable.getWriter();
    this.#reader.closed.catch(noop);
    this.#writer.closed.catch(noop);
    this.#writer.ready.catch(noop);
    const { signal } = this.#abort;
    const deriving = <T>(work: () => Promise<T>): Promise<T> => this.#deriving(work);
    this.#incoming = new Incoming(this.#reader, { ...settings, signal, deriving });
    const failed = (error: unknown): void => this.#fail(error);
    this.#outgoing = new Outgoing(this.#writer, { ...settings, signal, deriving, failed });
    this.readable = new ReadableStream<Out>(
      {
        start: (controller) => void (this.#source = controller),
        pull: () => this.#pull(),
        cancel: (reason: unknown) => {
          this.#readableOpen = false;
          this.#forget();
          // An end that was reached already is no failure.
          if (!this.#ended) this.#giveUp(reason);
        },
      },
      { highWaterMark: 0 },
    );
    this.writable = new WritableStream<Bytes>(
      {
        start: (controller) => {
          this.#sink = controller;
          controller.signal?.addEventListener(
            "abort",
            () => this.#giveUp(controller.signal.reason, true),
            { once: true },
          );
        },
        write: (chunk) => this.#write(chunk),
        close: () => this.#finish(),
        abort: (reason: unknown) => this.#giveUp(reason, true),
      },
      // Called for each write at once: those that wait are known by it alone.
      { highWaterMark: 1, size: () => Number((this.#asked += 1) > 0) },
    );
    this.#opening = setTimeout(
      () => this.#fail(silent(`did not open the session within ${settings.timeoutMs} ms`)),
      settings.timeoutMs,
    );
    this.#ignoreSignal = follow(settings.signal, (reason) => this.#giveUp(reason));
    this.#run().catch((error: unknown) => this.#fail(this.#told(error)));
  }

  /** Keeps frameworks from making a proxy of it, as they do of plain objects. */
  get [Symbol.toStringTag](): string {
    return "Session";
  }

  async close(): Promise<void> {
    if (!this.#finished && !this.#over) {
      if (this.writable.locked) await this.#finishLocked();
      else await this.writable.close();
    }
    await this.closed;
  }

  /** Ends what somebody else has the writer of, once all is sent that was written before. */
  async #finishLocked(): Promise<void> {
    this.#last = Math.min(this.#last, this.#asked);
    if (this.#written < this.#last)
      await new Promise<void>((resolve) => {
        const others = this.#allWritten;
        this.#allWritten = () => {
          others();
          resolve();
        };
      });
    if (this.#finished || this.#over) return;
    const sent = this.#finish();
    this.#sink.error(alreadyClosed());
    await sent;
  }

  async #run(): Promise<void> {
    await this.#greet();
    if (this.#over) return;
    clearTimeout(this.#opening);
    this.#outgoing.open();
    this.#pingLater();
    this.#open.resolve();
    await this.#receive();
  }

  /** Both HELLOs and both CONFIRMs. */
  async #greet(): Promise<void> {
    const { role, peerRole } = this.#settings;
    const saying = this.#sayHello();
    saying.catch((error: unknown) => this.#fail(this.#told(error)));
    // A header of ours can only come back once it has left.
    const start = await this.#incoming.start((header) => {
      if (this.#ours && same(header, this.#ours.start.subarray(0, -NONCE_LEN))) throw reflected();
    });
    const hello = await this.#message();
    const ours = await saying;
    checkHello(hello, ours, peerRole);
    const theirs = { role: peerRole, start, hello };
    const [mine, expected] = await Promise.all([
      confirmation(role, ours, theirs),
      confirmation(peerRole, ours, theirs),
    ]);
    if (this.#over) return;
    this.#send(joined([Uint8Array.of(CONFIRM), mine]));
    const confirm = await this.#message();
    if (confirm[0] !== CONFIRM || confirm.length !== 1 + expected.length)
      broken("its second message is no CONFIRM");
    if (!same(confirm.subarray(1), expected))
      throw new SessionError(
        "replayed",
        "The peer does not confirm what was said here: it was recorded, or meant for somebody else",
      );
  }

  async #sayHello(): Promise<Side> {
    const { role, peerRole } = this.#settings;
    const connected = async (): Promise<void> => {
      await this.#socket.opened;
      this.#connected = true;
    };
    const [start] = await Promise.all([this.#outgoing.start(), connected()]);
    const hello = helloOf(role, peerRole);
    this.#ours = { role, start, hello };
    this.#sent(this.#outgoing.begin(start, hello));
    return this.#ours;
  }

  /** The next message of the opening. */
  async #message(): Promise<Out> {
    for (;;) {
      const message = this.#incoming.takeNow();
      if (message) {
        if (this.#incoming.final) broken("a final chunk before the session was open");
        return message;
      }
      await this.#incoming.more();
    }
  }

  async #receive(): Promise<void> {
    const incoming = this.#incoming;
    while (!this.#over && !this.#ended) {
      const message = incoming.takeNow();
      const wait = message ? this.#hear(message, incoming.final) : incoming.more();
      if (wait) await wait;
    }
    if (this.#ended) await this.#afterEnd();
  }

  /** @returns what to wait for before the next. */
  #hear(message: Out, final: boolean): Promise<void> | void {
    const type = message[0];
    const { length } = message;
    if (final !== (type === SWITCH || type === END))
      broken(
        final
          ? "a final chunk that says neither SWITCH nor END"
          : "SWITCH or END in a chunk that is not final",
      );
    if (type === DATA) {
      this.#give(readData(message));
      if (this.#queued >= MAX_QUEUED) return this.#untilRead();
    } else if (type === PING && length === 1 + PING_LEN) this.#answer(message);
    else if (type === PONG && length === 1 + PING_LEN) this.#answered(message.subarray(1));
    else if (type === NEXT) this.#incoming.prepare(message.subarray(1));
    else if (type === SWITCH && length === 1) return this.#incoming.switch();
    else if (type === END && length === 1) this.#endReadable();
    else broken(`a message of type ${type} and ${length} bytes`);
  }

  #give(bytes: Out): void {
    if (!this.#readableOpen) return;
    if (this.#wanted) {
      this.#wanted = false;
      this.#source.enqueue(bytes);
      return;
    }
    this.#queue.push(bytes);
    this.#queued += bytes.length + QUEUED_OVERHEAD;
  }

  #pull(): void {
    const next = this.#queue.shift();
    if (next) {
      this.#queued -= next.length + QUEUED_OVERHEAD;
      this.#source.enqueue(next);
      if (this.#queued < MAX_QUEUED / 2) this.#room?.();
    } else this.#wanted = true;
    if (this.#queue.length === 0) this.#closeReadable();
  }

  /** The socket holds the peer back meanwhile, and its answers come no sooner: it is not silent. */
  #untilRead(): Promise<void> {
    this.#silence.hold();
    return new Promise<void>((resolve) => (this.#room = resolve)).then(() => {
      this.#room = undefined;
      this.#silence.release();
    });
  }

  #forget(): void {
    this.#queue.length = 0;
    this.#queued = 0;
    this.#room?.();
  }

  #endReadable(): void {
    this.#ended = true;
    this.#silence.stop();
    clearTimeout(this.#nextPing);
    if (this.#queue.length === 0) this.#closeReadable();
  }

  /** Once everything that verified was read: closes it, or tells of the error. */
  #closeReadable(): void {
    if (!this.#readableOpen || !(this.#ended || this.#over)) return;
    this.#readableOpen = false;
    if (this.#ended) this.#source.close();
    else this.#source.error(this.#error);
  }

  /** Nothing may follow END; and the socket shall not end before we have said it, too. */
  async #afterEnd(): Promise<void> {
    const incoming = this.#incoming;
    if (this.#finished) this.#bothEnded();
    for (;;) {
      if (incoming.waiting > 0) {
        if (this.#over) return;
        throw new DecodeError("trailing-data", "There are bytes after the peer's END");
      }
      if (!(await incoming.pull()))
        throw new SocketError(
          "socket-closed",
          "The socket has closed before this side was finished",
        );
    }
  }

  async #write(chunk: Bytes): Promise<void> {
    if (this.#written >= this.#last) throw alreadyClosed();
    try {
      const bytes = toBytes(chunk);
      if (bytes.length > MAX_DATA_LEN)
        throw new RangeError(
          `The message has ${bytes.length} bytes, more than the ${MAX_DATA_LEN} of a session; split it`,
        );
      await this.#outgoing.data(bytes);
    } catch (error) {
      throw this.#unsent(error);
    } finally {
      this.#written += 1;
      if (this.#written >= this.#last) this.#allWritten();
    }
  }

  async #finish(): Promise<void> {
    // Whoever has the writer may have closed it while close() waited.
    this.#allWritten();
    if (this.#finished || this.#over) return;
    this.#finished = true;
    clearTimeout(this.#nextPing);
    try {
      await this.#outgoing.end();
    } catch (error) {
      throw this.#unsent(error);
    }
    if (this.#ended) this.#bothEnded();
  }

  #bothEnded(): void {
    if (this.#over) return;
    this.#over = true;
    this.#rest();
    // A socket that sends nothing any more and does not close can still be left.
    const stop = follow(this.#settings.signal, (reason) => {
      this.#close.reject(reason);
      this.#writer.abort(CLOSE_FAILED).catch(noop);
    });
    const closed = (): void => {
      stop();
      this.#close.resolve();
    };
    // What is left is sent before the socket closes; that the peer was faster is no failure.
    this.#writer.close().then(closed, closed);
  }

  #send(message: Uint8Array): void {
    this.#sent(this.#outgoing.send(message));
  }

  #sent(sent: Promise<void>): void {
    sent.catch((error: unknown) => void this.#unsent(error));
  }

  /** What becomes of a message that could not be sent. @returns the error to tell of it. */
  #unsent(error: unknown): unknown {
    if (this.#over) return this.#error ?? error;
    const told = this.#told(error);
    // What the peer sent before the socket closed is still read; then it ends with this same error.
    if (told !== this.#lost || this.#ended) this.#fail(told);
    return told;
  }

  #answer(ping: Out): void {
    if (this.#finished) return;
    if (this.#pongs >= MAX_PONGS) broken("another PING before the answer to the last could leave");
    this.#pongs += 1;
    ping[0] = PONG;
    const left = (): void => void (this.#pongs -= 1);
    const sent = this.#outgoing.send(ping);
    sent.then(left, left);
    this.#sent(sent);
  }

  #answered(bytes: Uint8Array): void {
    if (!this.#pending || !same(this.#pending, bytes)) broken("a PONG that answers no PING");
    this.#pending = undefined;
    this.#silence.stop();
    this.#pingLater();
  }

  #pingLater(): void {
    const { pingMs } = this.#settings;
    if (pingMs === undefined || this.#finished || this.#ended) return;
    this.#nextPing = setTimeout(() => {
      try {
        this.#pending = randomBytes(PING_LEN);
      } catch (error) {
        return this.#fail(error);
      }
      this.#silence.wind(pingMs);
      this.#send(joined([Uint8Array.of(PING), this.#pending]));
    }, pingMs);
  }

  async #deriving<T>(work: () => Promise<T>): Promise<T> {
    this.#silence.hold();
    try {
      return await work();
    } finally {
      this.#silence.release();
    }
  }

  /** An error as the session tells it. */
  #told(error: unknown): unknown {
    const closed = error instanceof SocketError && error.code === "socket-closed";
    const cut = error instanceof StreamTruncatedError;
    if (!(closed || cut) || !this.#connected || this.#ended) return error;
    return (this.#lost ??= cut
      ? error
      : new StreamTruncatedError("truncated", error.message, { cause: error }));
  }

  /** By whoever uses the session: what waits to be read is not waited for. */
  #giveUp(reason: unknown, aborted = false): void {
    if (this.#over) return;
    this.#forget();
    const own = typeof reason === "object" && reason !== null && !(reason instanceof Error);
    this.#fail(reason, own && "closeCode" in reason ? reason : CLOSE_FAILED, aborted);
  }

  /**
   * @param aborted - the writable ends by itself: one that is errored while it says that it was
   * aborted throws in Node.
   */
  #fail(error: unknown, closing: object = CLOSE_FAILED, aborted = false): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#rest();
    this.#abort.abort(error);
    this.#open.reject(error);
    this.#close.reject(error);
    if (!aborted) this.#sink.error(error);
    if (this.#queue.length === 0) this.#closeReadable();
    this.#room?.();
    this.#reader.cancel(closing).catch(noop);
    this.#writer.abort(closing).catch(noop);
  }

  /** Keys are wiped, and no time runs any more. */
  #rest(): void {
    clearTimeout(this.#opening);
    clearTimeout(this.#nextPing);
    this.#silence.stop();
    this.#ignoreSignal();
    this.#allWritten();
    this.#incoming.free();
    this.#outgoing.free();
  }
}

function alreadyClosed(): StateError {
  return new StateError("already-finalized", "The session was closed: nothing more can be written");
}

function silent(what: string): SessionError {
  return new SessionError("peer-silent", `The peer ${what}`);
}
