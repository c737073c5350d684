/** A line of age-rt streams alone: one each way, and nothing besides. */
import { AgeRtDecryptStream, AgeRtEncryptStream } from "age-rt-wasm";
import { type Call, type CallEvents, type Keys, type Kind, type Who, WORK_FACTOR } from "./call.js";
import { type Attack, Wire } from "./wire.js";

export const streams: Kind = {
  connect(keys, events) {
    const ways = {
      ada: new Way(keys, "ada", "ben", events),
      ben: new Way(keys, "ben", "ada", events),
    };
    let headers = 0;
    for (const way of [ways.ada, ways.ben])
      way.onStart = () => {
        headers += 1;
        if (headers === 2) events.onOpen();
      };
    return call(ways);
  },

  replay(keys, record, events) {
    return call({ ada: new Way(keys, "ada", "ben", events, "replay", record) });
  },

  reflect(keys, events) {
    const way = new Way(keys, "ada", "ada", events, "reflect");
    way.onStart = () => events.onOpen();
    return call({ ada: way });
  },
};

function call(ways: { ada: Way; ben?: Way }): Call {
  const all = Object.values(ways);
  return {
    fromAda: ways.ada.wire,
    send: (from, message) => ways[from]?.send(message),
    hangUp: async () => void (await Promise.all(all.map((way) => way.close()))),
    cut: () => all.forEach((way) => way.cut()),
  };
}

/** One direction: what is sent at one end comes out at the other, message by message. */
class Way {
  readonly wire: Wire;
  /** The header has passed. */
  onStart: () => void = () => undefined;
  /** None where a recording is played. */
  readonly #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>> | undefined;
  readonly #abort = new AbortController();
  /** The message that was sent last. */
  #sending: Promise<void> | undefined;

  /** @param record - is all that is sent, where there is one. */
  constructor(
    keys: Keys,
    from: Who,
    to: Who,
    { takeFault, onPassing, onMessage, onEnd }: CallEvents,
    attack?: Attack,
    record?: readonly Uint8Array<ArrayBuffer>[],
  ) {
    const { signal } = this.#abort;
    const encrypt = record ? undefined : new AgeRtEncryptStream(keys[from].encrypt, { signal });
    const decrypt = new AgeRtDecryptStream(keys[to].decrypt, {
      maxWorkFactor: WORK_FACTOR,
      signal,
    });
    this.wire = new Wire({
      ...(attack ? { attack } : { takeFault }),
      onPassing: (passing) => {
        onPassing(passing, from);
        if (passing.index === undefined) this.onStart();
      },
    });
    const { wire } = this;
    const writable = encrypt?.writable as WritableStream<Uint8Array<ArrayBuffer>> | undefined;
    this.#writer = writable?.getWriter();
    // Every way it can end is told by the receiver's end.
    this.#writer?.closed.catch(() => undefined);
    (encrypt?.readable ?? held(record ?? []))
      .pipeThrough(
        new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          transform: (bytes, controller) =>
            wire.pass(bytes).forEach((piece) => controller.enqueue(piece)),
        }),
      )
      .pipeThrough(decrypt)
      .pipeTo(new WritableStream({ write: (message) => onMessage(message, to) }))
      .then(
        () => onEnd(to),
        (error: unknown) => signal.aborted || onEnd(to, error),
      );
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    this.#sending = this.#writer?.write(message).catch(() => undefined);
  }

  /** Sends the final chunk. */
  async close(): Promise<void> {
    await this.#sending;
    this.wire.closing = true;
    await this.#writer?.close().catch(() => undefined);
  }

  cut(): void {
    this.#abort.abort();
  }
}

/** All of it, and then silence: who plays a recording need not hang up. */
function held(record: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    start(controller) {
      for (const bytes of record) controller.enqueue(bytes.slice());
    },
  });
}
