import { SocketError } from "../errors.js";
import {
  type Events,
  isNativeSend,
  listening,
  SocketPair,
  type SocketStream,
  type SocketStreamOptions,
  type Wire,
} from "./socket-pair.js";

/** What is used of an RTCDataChannel. */
export interface DataChannelLike {
  readonly readyState: string;
  readonly ordered: boolean;
  readonly maxRetransmits: number | null;
  readonly maxPacketLifeTime: number | null;
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  binaryType: any;
  send(data: any): void;
  close(): void;
  addEventListener(type: any, listener: any, options?: any): void;
  removeEventListener(type: any, listener: any): void;
}

/**
 * What every SCTP implementation takes in one message; a channel does not tell its peer's own
 * limit.
 */
const MAX_MESSAGE_LEN = 16_384;

/**
 * An ordered, reliable RTCDataChannel as a pair of byte streams; see {@link fromWebSocket}. A data
 * channel has no close codes: `closed` gives 1000 for a clean close, and `close()` ignores its
 * arguments. A peer that gave up looks like one that has finished. Only the final chunk of what was
 * encrypted tells them apart.
 *
 * @throws SocketError `unreliable-channel` for a channel that may lose or reorder messages;
 * TypeError, RangeError.
 *
 * @example
 * ```js
 * const channel = fromDataChannel(connection.createDataChannel("age-rt"));
 * const incoming = channel.readable.pipeThrough(new AgeRtDecryptStream(passphrase, { closeAtFinal: true }));
 * const read = async () => {
 *   for await (const message of messages(incoming)) show(message);
 * };
 * const outgoing = source.pipeThrough(new AgeRtEncryptStream(passphrase));
 * await Promise.all([outgoing.pipeTo(channel.writable, { preventClose: true }), read()]);
 * channel.close();
 * ```
 */
export function fromDataChannel(
  channel: DataChannelLike,
  options?: SocketStreamOptions,
): SocketStream {
  if (
    typeof channel !== "object" ||
    channel === null ||
    typeof channel.send !== "function" ||
    typeof channel.addEventListener !== "function"
  )
    throw new TypeError("Expected an RTCDataChannel");
  if (typeof channel.readyState !== "string")
    throw new TypeError(
      "Expected an RTCDataChannel, whose readyState is a string: for a WebSocket use fromWebSocket()",
    );
  if (!channel.ordered || channel.maxRetransmits !== null || channel.maxPacketLifeTime !== null) {
    throw new SocketError(
      "unreliable-channel",
      "The data channel may lose or reorder messages: create it ordered, without maxRetransmits and maxPacketLifeTime (peerjs: connect() with reliable: true)",
    );
  }
  channel.binaryType = "arraybuffer";
  return new SocketPair(new DataChannelWire(channel), options);
}

class DataChannelWire implements Wire {
  readonly maxMessage = MAX_MESSAGE_LEN;
  readonly copies: boolean;
  readonly #channel: DataChannelLike;

  constructor(channel: DataChannelLike) {
    this.#channel = channel;
    this.copies = isNativeSend(channel.send);
  }

  get state(): "connecting" | "open" | "over" {
    const { readyState } = this.#channel;
    return readyState === "connecting" || readyState === "open" ? readyState : "over";
  }

  get unsent(): number {
    return this.#channel.bufferedAmount;
  }

  send(bytes: Uint8Array): void {
    this.#channel.send(bytes);
  }

  someSent(low: number, left: (undo: () => void) => void): Promise<void> {
    const channel = this.#channel;
    channel.bufferedAmountLowThreshold = low;
    return new Promise((resolve) => {
      const done = (): void => {
        channel.removeEventListener("bufferedamountlow", done);
        resolve();
      };
      channel.addEventListener("bufferedamountlow", done);
      left(done);
      // It may have become low before the threshold was set.
      if (channel.bufferedAmount <= low) done();
    });
  }

  close(): void {
    this.#channel.close();
  }

  listen(on: Events): () => void {
    const channel = this.#channel;
    let failure: string | undefined;
    const open = (): void => on.open();
    const message = (event: { data: unknown }): void => on.message(event.data);
    const error = (event: { error?: { message?: string } }): void =>
      void (failure = event.error?.message ?? "the data channel failed");
    const close = (): void =>
      on.close(
        failure === undefined
          ? { code: 1000, reason: "", agreed: true }
          : { code: 1006, reason: failure, agreed: false },
      );
    return listening(channel, { open, message, error, close });
  }
}
