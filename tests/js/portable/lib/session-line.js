/**
 * A line between two ends of a session, in this process, and whoever sits on it. Web-platform
 * globals only.
 */
import { fromSocketHandlers, passphraseRecipient } from "age-rt-wasm";

export const PASSPHRASE = "correct horse battery staple";

/** The passphrase, at a work factor that tests can pay. */
export const KEY = {
  encrypt: passphraseRecipient(PASSPHRASE, { workFactor: 1 }),
  decrypt: PASSPHRASE,
};
export const CLIENT = { key: KEY, role: "client", peerRole: "server", timeoutMs: 20_000 };
export const SERVER = { key: KEY, role: "server", peerRole: "client", timeoutMs: 20_000 };

/** One end's socket: what it sends goes to `onSend`, and `receive()` is what comes to it. */
export class End {
  /** How it was closed: [code, reason]. */
  closes = [];
  sent = [];
  #handled;

  /** @param line { send(bytes), close(code) } of whoever is at its other end. */
  constructor(line = {}, options) {
    this.line = line;
    this.#handled = fromSocketHandlers(
      {
        send: (bytes) => {
          this.sent.push(bytes);
          return this.line.send?.(bytes);
        },
        close: (code = 1005, reason) => {
          this.closes.push([code, reason]);
          this.line.close?.(code, reason);
          queueMicrotask(() => this.#handled.closed(code, reason));
        },
        bufferedAmount: () => this.line.unsent?.() ?? 0,
      },
      options,
    );
  }

  get socket() {
    return this.#handled.socket;
  }

  receive(bytes) {
    this.#handled.message(bytes);
  }

  /** The other end closes. */
  closed(code = 1000, reason = "") {
    this.#handled.closed(code, reason);
  }
}

/**
 * Two ends, each of which hears what the other sends.
 *
 * @param through [there, back] may stand between: (bytes, deliver) => void.
 */
export function pair([there, back] = []) {
  const [a, b] = [new End(), new End()];
  const join = (from, to, between = (bytes, deliver) => deliver(bytes)) => {
    from.line = {
      send: (bytes) => between(bytes, (part) => queueMicrotask(() => to.receive(part))),
      close: (code, reason) => {
        // What was sent before comes first.
        between.flush?.();
        queueMicrotask(() => to.closed(code, reason));
      },
    };
  };
  join(a, b, there);
  join(b, a, back);
  return [a, b];
}

export const utf8 = (text) => new TextEncoder().encode(text);
export const text = (bytes) => new TextDecoder().decode(bytes);
