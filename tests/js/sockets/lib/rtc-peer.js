/** One end of a connection between two pages: what it tells the other to connect, and what then goes over the channel, encrypted. */
import { AgeRtDecryptStream, AgeRtEncryptStream, fromDataChannel } from "age-rt-wasm";

const PASSPHRASE = "between two pages";

export class Peer {
  #connection = new RTCPeerConnection();
  #channel;

  constructor() {
    // Negotiated by its number: neither side has to wait for the other's event.
    this.#channel = this.#connection.createDataChannel("age-rt", { negotiated: true, id: 1 });
  }

  async offer() {
    return this.#described(await this.#connection.createOffer());
  }

  async answer(offer) {
    await this.#connection.setRemoteDescription(offer);
    return this.#described(await this.#connection.createAnswer());
  }

  /** The description with every address in it, so that it is all the other needs. */
  async #described(description) {
    await this.#connection.setLocalDescription(description);
    while (this.#connection.iceGatheringState !== "complete") {
      await new Promise((resolve) => this.#connection.addEventListener("icegatheringstatechange", resolve, { once: true }));
    }
    return this.#connection.localDescription.toJSON();
  }

  accept(answer) {
    return this.#connection.setRemoteDescription(answer);
  }

  /**
   * Sends `total` bytes in messages of `length`, and reads as many, at once.
   *
   * @returns what arrived: how many messages, how many bytes, whether each byte was right, and how the channel closed.
   */
  async exchange(total, length, closesFirst) {
    // A channel has no way to slow its sender down: as on any page that takes much at once, all of it must have room.
    const socket = fromDataChannel(this.#channel, { maxBufferedBytes: 2 * total });
    const sent = pieces(total, length).pipeThrough(new AgeRtEncryptStream(PASSPHRASE, { workFactor: 1 })).pipeTo(socket.writable, { preventClose: true });
    const seen = { messages: 0, bytes: 0, right: true };
    for (const reader = socket.readable.pipeThrough(new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true })).getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      seen.right &&= matches(value, seen.messages);
      seen.messages += 1;
      seen.bytes += value.length;
    }
    await sent;
    if (closesFirst) socket.close();
    seen.closed = await socket.closed;
    this.#connection.close();
    return seen;
  }
}

function pieces(total, length) {
  let index = 0;
  return new ReadableStream(
    {
      pull(controller) {
        if (index * length >= total) return controller.close();
        const piece = new Uint8Array(Math.min(length, total - index * length));
        for (let at = 0; at < piece.length; at += 1) piece[at] = byteAt(index, at);
        index += 1;
        return controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}

function matches(piece, index) {
  return piece.every((byte, at) => byte === byteAt(index, at));
}

function byteAt(index, at) {
  return (Math.imul(index + 1, 0x9e3779b1) ^ Math.imul(at, 0x85ebca6b)) >>> 24;
}
