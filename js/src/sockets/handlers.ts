import { type Bytes, toBytes, typeName } from "../bytes.js";
import { SocketError } from "../errors.js";
import {
  closeWith,
  type Events,
  SocketPair,
  type SocketStream,
  type SocketStreamOptions,
  type Wire,
} from "./socket-pair.js";

/**
 * What a socket can do whose messages come through functions: a server's of Bun, hono, elysia,
 * uWebSockets, or a Durable Object.
 */
export interface SocketHandlers {
  /**
   * Sends one binary message. `false`: the message was dropped, which ends the stream with
   * `socket-closed`. A promise is awaited. The bytes are the callee's own. A number is a TypeError:
   * Bun's 0 says that the message was dropped, and uWebSockets' that it was kept.
   */
  send(data: Uint8Array): void | boolean | Promise<void>;
  /** Closes the socket. `closed()` has to be called for it too. */
  close(code?: number, reason?: string): void;
  /** Bytes that were sent and have not left yet. Without it no write waits for them. */
  bufferedAmount?(): number;
  /** Holds the peer's messages back; only beside `resume`. */
  pause?(): void;
  /** Lets them come again. */
  resume?(): void;
}

/**
 * A socket as a pair of byte streams, and the functions to call when something happens to it. After
 * its end they do nothing.
 */
export interface HandledSocket {
  /** What {@link fromWebSocket} gives for other sockets. */
  readonly socket: SocketStream;
  /**
   * A message has come. It is copied before this returns. One of text ends the stream with
   * `text-frame`.
   *
   * @throws TypeError for what is neither bytes nor text, such as a Blob, which changes nothing.
   */
  message(data: Bytes | string): void;
  /** The socket takes more: a write that waits goes on, whatever `bufferedAmount()` says. */
  drain(): void;
  /** The socket has failed, and is closed. */
  error(cause?: unknown): void;
  /**
   * The socket has closed: with the peer's code and reason, 1006 if it was lost; no code means a
   * close without one.
   */
  closed(code?: number, reason?: string): void;
}

/** What a host says of a socket that ended without a close frame, or by its TLS. */
const NO_CLOSE_FRAME = [1006, 1015];
const CLOSED_WITHOUT_CODE = 1005;
/** As everywhere: whoever gets this must not take what came for all there is. */
const CLOSE_FAILED = 1011;

/**
 * Times between looks at `bufferedAmount()`, where `drain()` does not come first, in milliseconds.
 */
const FIRST_LOOK_MS = 1;
const LAST_LOOK_MS = 64;

/**
 * A socket as a pair of byte streams, where messages come through functions and not as events.
 * Bun's server, hono, elysia, uWebSockets and Durable Objects that hibernate have such sockets. The
 * rules, bounds and errors are those of {@link fromWebSocket}.
 *
 * With `bufferedAmount` a write waits until that is under `highWaterMark`, or until `drain()` is
 * called. With a promise from `send` it waits for that. With neither it never waits. Without
 * `pause` and `resume` a slow reader ends in `socket-overflow`.
 *
 * @param handlers - Of a socket that is open.
 * @throws TypeError, RangeError.
 *
 * @example
 * ```ts
 * // Bun's server. Its number is 0 for a message that was dropped.
 * const server = {
 *   open(ws: any) {
 *     ws.data = fromSocketHandlers({
 *       send: (data) => ws.send(data) !== 0,
 *       close: (code, reason) => ws.close(code, reason),
 *       bufferedAmount: () => ws.getBufferedAmount(),
 *     });
 *     const { readable, writable } = ws.data.socket;
 *     readable.pipeTo(writable).catch(() => undefined);
 *   },
 *   message: (ws: any, data: Uint8Array | string) => ws.data.message(data),
 *   drain: (ws: any) => ws.data.drain(),
 *   close: (ws: any, code: number, reason: string) => ws.data.closed(code, reason),
 * };
 * console.log(Object.keys(server).join()); // open,message,drain,close
 * ```
 */
export function fromSocketHandlers(
  handlers: SocketHandlers,
  options?: SocketStreamOptions,
): HandledSocket {
  const { send, close } = Object(handlers) as SocketHandlers;
  if (typeof send !== "function" || typeof close !== "function")
    throw new TypeError("Expected the handlers as an object with send() and close()");
  for (const name of ["bufferedAmount", "pause", "resume"] as const) {
    if (handlers[name] !== undefined && typeof handlers[name] !== "function")
      throw new TypeError(`${name} must be a function`);
  }
  if (!handlers.pause !== !handlers.resume)
    throw new TypeError(
      "pause() and resume() belong together: one alone would hold the peer back for ever",
    );
  const wire = new HandlerWire(handlers);
  const socket = new SocketPair(wire, options);
  return {
    socket,
    message: (data) => wire.message(data),
    drain: () => wire.drain(),
    error: (cause) => wire.error(cause),
    closed: (code, reason) => wire.closed(code, reason),
  };
}

class HandlerWire implements Wire {
  readonly maxMessage = Infinity;
  /** What `send()` is given is its own. */
  readonly copies = false;
  readonly pause: (() => void) | undefined;
  readonly resume: (() => void) | undefined;
  /** Until the socket's end. */
  #on: Events | undefined;
  #over = false;
  readonly #handlers: SocketHandlers;
  #delay = FIRST_LOOK_MS;
  /** Ends the wait of a write. */
  #drained: (() => void) | undefined;

  constructor(handlers: SocketHandlers) {
    this.#handlers = handlers;
    if (handlers.pause && handlers.resume) {
      this.pause = () => this.#over || handlers.pause?.();
      this.resume = () => this.#over || handlers.resume?.();
    }
  }

  get state(): "open" | "over" {
    return this.#over ? "over" : "open";
  }

  get unsent(): number | undefined {
    return this.#handlers.bufferedAmount?.();
  }

  send(bytes: Uint8Array): void | Promise<void> {
    this.#delay = FIRST_LOOK_MS;
    const sent: unknown = this.#handlers.send(bytes);
    if (typeof (sent as Promise<void> | undefined)?.then === "function")
      return Promise.resolve(sent).then(taken);
    taken(sent);
  }

  someSent(_low: number, left: (undo: () => void) => void): Promise<boolean> {
    const delay = this.#delay;
    this.#delay = Math.min(2 * delay, LAST_LOOK_MS);
    return new Promise((resolve) => {
      const done = (drained: boolean): void => {
        clearTimeout(timer);
        this.#drained = undefined;
        resolve(drained);
      };
      const timer = setTimeout(done, delay, false);
      this.#drained = () => done(true);
      left(() => done(false));
    });
  }

  close(code: number | undefined, reason: string | undefined): void {
    this.#over = true;
    closeWith(this.#handlers, code, reason);
  }

  listen(on: Events): () => void {
    this.#on = on;
    return () => (this.#on = undefined);
  }

  message(data: Bytes | string): void {
    if (!this.#on) return;
    // A host may use its buffer again once this has returned.
    if (typeof data === "string") this.#on.message(data);
    else this.#on.message(new Uint8Array(toBytes(data, "bytes or text")).buffer);
  }

  drain(): void {
    this.#drained?.();
  }

  error(cause: unknown): void {
    const on = this.#on;
    if (!on) return;
    const closed = this.#over;
    this.#over = true;
    on.close({ code: 1006, reason: "", agreed: false, cause });
    // Not every host has closed what it calls failed.
    if (closed) return;
    try {
      this.#handlers.close(CLOSE_FAILED);
    } catch {
      // It has.
    }
  }

  closed(code: number = CLOSED_WITHOUT_CODE, reason = ""): void {
    this.#over = true;
    const agreed = code !== 0 && !NO_CLOSE_FRAME.includes(code);
    this.#on?.close({ code: code || 1006, reason, agreed });
  }
}

/** What `send()` has told. */
function taken(sent: unknown): void {
  if (sent === false)
    throw new SocketError("socket-closed", "The message was dropped: send() has returned false");
  if (sent !== undefined && sent !== true)
    throw new TypeError(
      `send() must return nothing, a boolean or a promise, got ${typeName(sent)}; for Bun and elysia: send: (data) => ws.send(data) !== 0`,
    );
}
