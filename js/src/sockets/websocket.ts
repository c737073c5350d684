import {
  closeWith,
  type Events,
  isNativeSend,
  listening,
  SocketPair,
  type SocketStream,
  type SocketStreamOptions,
  type Wire,
} from "./socket-pair.js";

/**
 * What is used of a WebSocket: a browser's, Node's, Deno's, Bun's, workerd's, or the npm package
 * ws.
 */
export interface WebSocketLike {
  readonly readyState: number;
  // The kinds of WebSocket differ in these types; all take and give what is used here.
  binaryType: any;
  send(data: any): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: any, listener: any, options?: any): void;
  removeEventListener(type: any, listener: any): void;
}

/** A WebSocket that can hold messages back. */
interface Pausable {
  pause?(): void;
  resume?(): void;
  readonly bufferedAmount?: number;
}

/**
 * A WebSocket of workerd, whose events begin once it was accepted: to do so again changes nothing.
 */
interface Acceptable {
  accept?(): void;
}

const CONNECTING = 0;
const OPEN = 1;

/** What every host but Deno says of a socket that ended without a close. */
const ABNORMAL = 1006;

/** Times between looks at `bufferedAmount`, of which no event tells, in milliseconds. */
const FIRST_LOOK_MS = 1;
const LAST_LOOK_MS = 64;

/**
 * A WebSocket as a pair of byte streams. Messages are pieces of the stream: nothing depends on
 * where it is cut.
 *
 * Writes wait while more than `highWaterMark` bytes are unsent. The readable ends on a clean close
 * only; any other is a {@link SocketError} with its code and reason. Closing the writable sends
 * what is left, then closes the socket with 1000; pipe with `preventClose` to go on receiving. An
 * abort, a cancel and any failure close it with 1011 (4011 from a page). A reason with a
 * `closeCode` that is no Error names another code.
 *
 * @param socket - Open or connecting. Its messages belong to the streams from now on.
 * @throws TypeError, RangeError.
 *
 * @example
 * ```js
 * const socket = fromWebSocket(new WebSocket(url));
 * const incoming = socket.readable.pipeThrough(new AgeRtDecryptStream(passphrase, { closeAtFinal: true }));
 * const read = async () => {
 *   for await (const message of messages(incoming)) show(message);
 * };
 * const outgoing = source.pipeThrough(new AgeRtEncryptStream(passphrase));
 * // Together: a failure of either must find somebody who handles it.
 * await Promise.all([outgoing.pipeTo(socket.writable, { preventClose: true }), read()]);
 * socket.close();
 * ```
 */
export function fromWebSocket(socket: WebSocketLike, options?: SocketStreamOptions): SocketStream {
  if (
    typeof socket !== "object" ||
    socket === null ||
    typeof socket.send !== "function" ||
    typeof socket.addEventListener !== "function" ||
    typeof socket.readyState !== "number"
  )
    throw new TypeError(`Expected a WebSocket, got ${described(socket)}`);
  // Before any message: blobs, the default of browsers, can only be read out of order.
  socket.binaryType = "arraybuffer";
  return new SocketPair(new WebSocketWire(socket as WebSocketLike & Pausable), options);
}

/** What a caller gave for a WebSocket. */
function described(value: unknown): string {
  if (typeof value !== "object" || value === null) return value === null ? "null" : typeof value;
  if ("maxRetransmits" in value) return "a data channel: use fromDataChannel()";
  if ("io" in value || "handshake" in value)
    return "a socket of socket.io, which has messages of its own kind: a WebSocket is needed";
  const { readyState } = value as { readyState?: unknown };
  return "readyState" in value && typeof readyState !== "number"
    ? `an object whose readyState is ${typeof readyState === "string" ? `"${readyState}"` : typeof readyState}, and no number`
    : "an object that lacks its send(), addEventListener() or readyState";
}

class WebSocketWire implements Wire {
  readonly maxMessage = Infinity;
  readonly pause: (() => void) | undefined;
  readonly resume: (() => void) | undefined;
  readonly accept: (() => void) | undefined;
  readonly copies: boolean;
  readonly #socket: WebSocketLike & Pausable;
  #delay = FIRST_LOOK_MS;

  constructor(socket: WebSocketLike & Pausable) {
    this.#socket = socket;
    this.copies = isNativeSend(socket.send);
    const { accept } = socket as Acceptable;
    if (typeof accept === "function" && socket.readyState === OPEN)
      this.accept = () => accept.call(socket);
    if (typeof socket.pause === "function" && typeof socket.resume === "function") {
      this.pause = () => socket.pause?.();
      this.resume = () => socket.resume?.();
    }
  }

  get state(): "connecting" | "open" | "over" {
    const { readyState } = this.#socket;
    return readyState === CONNECTING ? "connecting" : readyState === OPEN ? "open" : "over";
  }

  get unsent(): number | undefined {
    return this.#socket.bufferedAmount;
  }

  send(bytes: Uint8Array): void {
    this.#delay = FIRST_LOOK_MS;
    this.#socket.send(bytes);
  }

  someSent(_low: number, left: (undo: () => void) => void): Promise<void> {
    const delay = this.#delay;
    this.#delay = Math.min(2 * delay, LAST_LOOK_MS);
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, delay);
      left(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  close(code: number | undefined, reason: string | undefined): void {
    closeWith(this.#socket, code, reason);
  }

  listen(on: Events): () => void {
    const socket = this.#socket;
    const open = (): void => on.open();
    const message = (event: { data: unknown }): void => on.message(event.data);
    let cause: unknown;
    const close = ({
      code,
      reason,
      wasClean,
    }: {
      code: number;
      reason: string;
      wasClean: boolean;
    }): void =>
      // Deno says 0 of a connection that was lost or refused.
      on.close({ code: code || ABNORMAL, reason, agreed: wasClean, cause });
    // A close event follows. In Node an error without a listener ends the process.
    const error = (event: { error?: unknown }): void => void (cause = event.error);
    return listening(socket, { open, message, close, error });
  }
}
