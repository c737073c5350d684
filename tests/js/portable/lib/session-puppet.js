/**
 * A peer that says what a test wants, written from SESSION.md: it shares no code with the package's
 * session.
 */
import { AgeRtDecoder, AgeRtEncoder } from "age-rt-wasm";
import { End, KEY, utf8 } from "./session-line.js";

export const [HELLO, CONFIRM, DATA, PING, PONG, NEXT, SWITCH, END] = [1, 2, 3, 4, 5, 6, 7, 8];
const NONCE_LEN = 16;

export const concat = (...parts) => new Uint8Array(parts.flatMap((part) => [...part]));
const l1 = (bytes) => concat([bytes.length], bytes);
const l4 = (bytes) =>
  concat(new Uint8Array(new Uint32Array([bytes.length]).buffer).reverse(), bytes);

export const hello = (role, peerRole, random = crypto.getRandomValues(new Uint8Array(32))) =>
  concat([HELLO], l1(utf8("age-rt-session/1")), l1(utf8(role)), l1(utf8(peerRole)), random);

export const data = (bytes, padding = []) => concat([DATA], l4(bytes), padding);

/** @param sides two of { role, start, hello }, in the order of their roles. */
export async function confirmation(sender, sides) {
  const parts = [utf8("age-rt-session/1"), utf8(sender)];
  for (const { role, start, hello } of sides)
    parts.push(utf8(role), start.slice(0, -NONCE_LEN), start.slice(-NONCE_LEN), hello);
  return concat(
    [CONFIRM],
    new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts.map(l4)))),
  );
}

export class Puppet {
  /** What the other end is: header and nonce. */
  theirStart = new Uint8Array(0);
  #bytes = [];
  #wake;
  #header = [];

  /** @returns a puppet at the other end of `end`. */
  static async at(end, { encrypt, decrypt } = KEY) {
    const puppet = new Puppet();
    puppet.encoder = await AgeRtEncoder.create(encrypt);
    puppet.decoder = await AgeRtDecoder.create(decrypt);
    puppet.start = puppet.encoder.getHeader();
    puppet.send = (bytes) => end.receive(bytes);
    end.line = { send: (bytes) => puppet.receive(bytes) };
    for (const bytes of end.sent) puppet.receive(bytes);
    return puppet;
  }

  receive(bytes) {
    this.#bytes.push(...bytes);
    this.#wake?.();
  }

  say(message, final = false) {
    this.send(this.encoder.encodeChunk(message, final));
  }

  /** The next message of the session's. */
  async hear() {
    for (;;) {
      const wanted = this.decoder.bytesWanted;
      if (wanted === 0 && !this.decoder.isDone()) {
        await this.decoder.unlock();
        continue;
      }
      while (this.#bytes.length < wanted) await new Promise((resolve) => (this.#wake = resolve));
      const bytes = Uint8Array.from(this.#bytes.splice(0, wanted));
      if (wanted === 1 || (wanted === NONCE_LEN && this.theirStart.length === 0)) {
        this.#header.push(...bytes);
        if (wanted === NONCE_LEN) this.theirStart = Uint8Array.from(this.#header);
      }
      const message = this.decoder.feed(bytes);
      if (message) return message;
    }
  }

  /** Goes through the opening as a server would. @param with what to say instead. */
  async greet({
    role = "server",
    peerRole = "client",
    helloOf = () => hello(role, peerRole),
    confirmOf,
  } = {}) {
    this.send(this.start);
    const theirs = await this.hear();
    const ours = helloOf(theirs);
    this.say(ours);
    const sides = [
      { role: peerRole, start: this.theirStart, hello: theirs },
      { role, start: this.start, hello: ours },
    ].sort((a, b) => (a.role < b.role ? -1 : 1));
    const mine = await confirmation(role, sides);
    this.say((await confirmOf?.(mine, sides)) ?? mine);
    return this;
  }

  /** Says NEXT, and speaks under its key after `swap()`. */
  async next(encrypt = KEY.encrypt) {
    return this.sayNext(await AgeRtEncoder.create(encrypt));
  }

  /** The same with an encoder that is there already. */
  sayNext(encoder) {
    this.start = encoder.getHeader();
    this.say(concat([NEXT], this.start));
    return () => {
      this.say(Uint8Array.of(SWITCH), true);
      this.encoder = encoder;
    };
  }
}

/** A session of the package whose peer is a puppet that has opened it. */
export async function withPuppet(openSession, options, key = KEY) {
  const end = new End();
  const opening = openSession(end.socket, options);
  opening.catch(() => undefined);
  const puppet = await Puppet.at(end, key);
  await puppet.greet();
  return { session: await opening, puppet, end };
}
