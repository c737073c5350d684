/** A line with a session on it. Loaded when it is chosen. */
import { type SocketStream, StreamTruncatedError } from "age-rt-wasm";
import { openSession } from "age-rt-wasm/session";
import {
  type Call,
  type CallEvents,
  type Keys,
  type Kind,
  other,
  type Who,
  WORK_FACTOR,
} from "./call.js";
import { Wire, type WireEvents } from "./wire.js";

export const sessions: Kind = {
  connect(keys, events) {
    const call = new SessionCall(keys, events, { takeFault: events.takeFault });
    const ends = [call.open("ada", "ben"), call.open("ben", "ada")];
    Promise.all(ends).then(events.onOpen, () => undefined);
    return call;
  },

  replay(keys, record, events) {
    const call = new SessionCall(keys, events, {});
    const played = new Wire({
      attack: "replay",
      onPassing: (passing) => events.onPassing(passing, "ada"),
    });
    call.open("ben", undefined).then(events.onOpen, () => undefined);
    for (const bytes of record) call.receive("ben", played.pass(bytes));
    return call;
  },

  reflect(keys, events) {
    const call = new SessionCall(keys, events, { attack: "reflect" });
    call.open("ada", "ada").then(events.onOpen, () => undefined);
    return call;
  },
};

type Session = Awaited<ReturnType<typeof openSession>>;

class SessionCall implements Call {
  readonly #keys: Keys;
  readonly #events: CallEvents;
  readonly #abort = new AbortController();
  readonly #plugs = { ada: new Plug(), ben: new Plug() };
  readonly #wires: Readonly<Record<Who, Wire>>;
  readonly #writers: Partial<Record<Who, WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>>> =
    {};
  #sending: Promise<unknown> = Promise.resolve();

  constructor(keys: Keys, events: CallEvents, does: Omit<WireEvents, "onPassing">) {
    this.#keys = keys;
    this.#events = events;
    const wire = (from: Who): Wire =>
      new Wire({ ...does, onPassing: (passing) => events.onPassing(passing, from) });
    this.#wires = { ada: wire("ada"), ben: wire("ben") };
  }

  get fromAda(): Wire {
    return this.#wires.ada;
  }

  /** Opens the session of one end. @param to - who hears what it sends. */
  async open(who: Who, to: Who | undefined): Promise<void> {
    const plug = this.#plugs[who];
    plug.onSend = (bytes) => {
      const delivered = this.#wires[who].pass(bytes);
      if (to) this.receive(to, delivered);
    };
    plug.onEnd = () => to && this.#plugs[to].end();
    const { encrypt, decrypt } = this.#keys[who];
    try {
      const session = await openSession(plug.socket, {
        key: { encrypt, decrypt },
        role: who,
        peerRole: other(who),
        maxWorkFactor: WORK_FACTOR,
        signal: this.#abort.signal,
      });
      this.#writers[who] = (
        session.writable as WritableStream<Uint8Array<ArrayBuffer>>
      ).getWriter();
      void this.#listen(session, who);
    } catch (error) {
      this.#ended(who, error);
      throw error;
    }
  }

  async #listen({ readable, closed }: Session, who: Who): Promise<void> {
    try {
      await readable.pipeTo(
        new WritableStream({ write: (message) => this.#events.onMessage(message, who) }),
      );
      await closed;
      this.#ended(who);
    } catch (error) {
      // Who only saw the socket close lets the other say why it did.
      if (error instanceof StreamTruncatedError)
        await new Promise((resolve) => setTimeout(resolve));
      this.#ended(who, error);
    }
  }

  #ended(who: Who, error?: unknown): void {
    if (!this.#abort.signal.aborted) this.#events.onEnd(who, error);
  }

  receive(who: Who, delivered: readonly Uint8Array<ArrayBuffer>[]): void {
    for (const bytes of delivered) this.#plugs[who].receive(bytes);
  }

  send(from: Who, message: Uint8Array<ArrayBuffer>): void {
    const sent = this.#writers[from]?.write(message).catch(() => undefined);
    this.#sending = Promise.all([this.#sending, sent]);
  }

  async hangUp(): Promise<void> {
    await this.#sending;
    for (const who of ["ada", "ben"] as const) {
      this.#wires[who].closing = true;
      // How it ends is told where it is read.
      this.#writers[who]?.close().catch(() => undefined);
    }
  }

  cut(): void {
    this.#abort.abort();
  }
}

/** One end's socket, on this page: what a WebSocket would be between two. */
class Plug {
  readonly socket: SocketStream;
  onSend: (bytes: Uint8Array<ArrayBuffer>) => void = () => undefined;
  /** This end has closed it. */
  onEnd: () => void = () => undefined;
  #source!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #closed!: (how: { code: number; reason: string }) => void;
  #over = false;

  constructor() {
    const close = (): void => {
      this.onEnd();
      this.end();
    };
    this.socket = {
      readable: new ReadableStream({
        start: (controller) => void (this.#source = controller),
        cancel: close,
      }),
      writable: new WritableStream({
        write: (bytes) => {
          if (!this.#over) this.onSend(bytes as Uint8Array<ArrayBuffer>);
        },
        close,
        abort: close,
      }),
      opened: Promise.resolve(),
      closed: new Promise((resolve) => (this.#closed = resolve)),
      close,
    };
  }

  receive(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#over) this.#source.enqueue(bytes);
  }

  /** The other end has closed it. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#closed({ code: 1000, reason: "" });
    try {
      this.#source.close();
    } catch {
      // Its reader has cancelled it.
    }
  }
}
