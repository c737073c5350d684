/**
 * Attacks on a session, each with the check that stops it: `stops` is what is taken out of the
 * built file to see the attack succeed. An attack gives what became of it: the code of the victim's
 * error, or "accepted".
 */
import {
  AgeRtEncoder,
  configure,
  encodeBytes,
  encrypt,
  messages,
  passphraseRecipient,
} from "age-rt-wasm";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { workers } from "../../lib/workers.js";
import { until } from "../../lib/wait.js";
import {
  CLIENT,
  End,
  KEY,
  pair,
  PASSPHRASE,
  SERVER,
  text,
  utf8,
} from "../../portable/lib/session-line.js";
import {
  concat,
  data,
  hello,
  PING,
  PONG,
  Puppet,
  withPuppet,
} from "../../portable/lib/session-puppet.js";

const ACCEPTED = "accepted";
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** What became of a promise. */
function fate(promise) {
  return promise.then(
    () => ACCEPTED,
    (error) => error.code ?? String(error),
  );
}

/** The first message that comes out, or the code of the error. */
async function first(session) {
  const { done, value } = await session.readable.getReader().read();
  return done ? "ended" : `${ACCEPTED}: ${text(value)}`;
}

/** An honest session in which the server says something, and all that it sent. */
async function recorded(openSession) {
  const [a, b] = pair();
  const [client, server] = await Promise.all([
    openSession(a.socket, CLIENT),
    openSession(b.socket, SERVER),
  ]);
  await server.writable.getWriter().write(utf8("pay Eve"));
  await first(client);
  server.closed.catch(() => undefined);
  client.closed.catch(() => undefined);
  await client.readable.cancel().catch(() => undefined);
  return b.sent;
}

/** Three parties with keys of their own. */
async function parties() {
  const secrets = await Promise.all([generateIdentity(), generateIdentity(), generateIdentity()]);
  return Promise.all(
    secrets.map(async (secret) => ({
      identity: identity(secret),
      recipient: recipient(await recipientOf(secret)),
    })),
  );
}

/** The passphrase at a work factor that a worker is started for. */
const SLOWER = {
  encrypt: passphraseRecipient(PASSPHRASE, { workFactor: 10 }),
  decrypt: PASSPHRASE,
};

/** Remove the check that a CONFIRM is the expected one. */
const CONFIRM_CHECK = ["if (!same(confirm.subarray(1), expected))", "if (false)"];
const SIDES = "parts.push(role, start.subarray(0, at), start.subarray(at), hello);";

export const ATTACKS = [
  {
    name: "replay: what a server once sent, sent again",
    code: "replayed",
    stops: [CONFIRM_CHECK],
    async attack(openSession) {
      const record = await recorded(openSession);
      const end = new End();
      const opening = openSession(end.socket, CLIENT);
      for (const bytes of record) end.receive(bytes);
      return fate(opening.then(first));
    },
  },
  {
    name: "replay of what a client once sent, to a server",
    code: "replayed",
    stops: [CONFIRM_CHECK],
    async attack(openSession) {
      const [a, b] = pair();
      await Promise.all([openSession(a.socket, CLIENT), openSession(b.socket, SERVER)]);
      const end = new End();
      const opening = openSession(end.socket, SERVER);
      for (const bytes of a.sent) end.receive(bytes);
      return fate(opening);
    },
  },
  {
    name: "reflection: all that a side sends comes back, and no key is derived for it",
    code: "reflected, asked 0 times",
    stops: [
      ["if (this.#ours && same(header, this.#ours.start.subarray(0, -NONCE_LEN)))", "if (false)"],
    ],
    async attack(openSession) {
      const [own] = await parties();
      let asked = 0;
      const counting = {
        unwrapFileKey: (stanzas) => {
          asked += 1;
          return own.identity.unwrapFileKey(stanzas);
        },
      };
      const end = new End();
      end.line = { send: (bytes) => queueMicrotask(() => end.receive(bytes)) };
      const key = { encrypt: own.recipient, decrypt: counting };
      const code = await fate(openSession(end.socket, { ...CLIENT, key }));
      return `${code}, asked ${asked} times`;
    },
  },
  {
    name: "two connections of one side, piped together",
    code: "reflected,reflected",
    stops: [
      ["same(role, ours.role) ||", ""],
      ["if (!same(role, peerRole) || !same(expected, ours.role))", "if (false)"],
    ],
    async attack(openSession) {
      const [a, b] = pair();
      const fates = [a, b].map((end) => fate(openSession(end.socket, CLIENT)));
      // Whichever is first to refuse closes the other's socket.
      const codes = await Promise.all(fates);
      return codes.map((code) => (code === "truncated" ? "reflected" : code)).join();
    },
  },
  {
    name: "a peer that gives our own random bytes back",
    code: "reflected",
    stops: [["|| same(random, ourRandom)", ""]],
    async attack(openSession) {
      const end = new End();
      const opening = fate(openSession(end.socket, CLIENT));
      const puppet = await Puppet.at(end);
      await puppet.greet({ helloOf: (theirs) => hello("server", "client", theirs.slice(-32)) });
      return opening;
    },
  },
  {
    name: "directions crossed between two sessions of the same two sides",
    code: "replayed",
    stops: [CONFIRM_CHECK],
    async attack(openSession) {
      const [a1, b1, a2, b2] = [new End(), new End(), new End(), new End()];
      const ring = [a1, b1, a2, b2];
      for (const [i, end] of ring.entries()) {
        const to = ring[(i + 1) % 4];
        end.line = { send: (bytes) => queueMicrotask(() => to.receive(bytes)) };
      }
      const codes = await Promise.all(
        ring.map((end, i) => fate(openSession(end.socket, i % 2 === 0 ? CLIENT : SERVER))),
      );
      return [...new Set(codes)].join();
    },
  },
  {
    name: "Lowe's: somebody whom a client talks to passes its session on to another server",
    code: "replayed,replayed",
    // Were CONFIRM to cover the random bytes alone.
    stops: [[SIDES, "parts.push(role, hello);"]],
    async attack(openSession) {
      const [alice, bob, mallory] = await parties();
      const [a, b] = [new End(), new End()];
      // Alice means to talk to Mallory, and Bob to Alice.
      const alices = fate(
        openSession(a.socket, {
          ...CLIENT,
          key: { encrypt: mallory.recipient, decrypt: alice.identity },
        }),
      );
      const bobs = fate(
        openSession(b.socket, {
          ...SERVER,
          key: { encrypt: alice.recipient, decrypt: bob.identity },
        }),
      );
      const hearing = await Puppet.at(a, {
        encrypt: alice.recipient,
        decrypt: mallory.identity,
      });
      const saying = await AgeRtEncoder.create(bob.recipient);
      // Bob's words go to Alice as they are: he encrypts for her.
      b.line = { send: (bytes) => queueMicrotask(() => a.receive(bytes)) };
      for (const bytes of b.sent) a.receive(bytes);
      b.receive(saying.getHeader());
      // Alice's words are opened, and sealed for Bob: HELLO, then CONFIRM.
      for (let i = 0; i < 2; i += 1) b.receive(saying.encodeChunk(await hearing.hear()));
      return (await Promise.all([alices, bobs])).join();
    },
  },
  {
    name: "with keys: somebody who knows both public keys, and neither identity",
    code: "replayed",
    // Were CONFIRM to cover what anybody sees on the wire.
    stops: [[SIDES, "parts.push(role, start.subarray(0, at), start.subarray(at));"]],
    async attack(openSession) {
      const [alice, bob] = await parties();
      const end = new End();
      const opening = fate(
        openSession(end.socket, {
          ...SERVER,
          key: { encrypt: alice.recipient, decrypt: bob.identity },
        }),
      );
      while (end.sent.length === 0) await pause(1);
      const encoder = await AgeRtEncoder.create(bob.recipient);
      const start = encoder.getHeader();
      const [seen] = end.sent;
      const length = text(seen).indexOf("\n", text(seen).indexOf("\n--- ") + 1) + 1 + 16;
      end.receive(start);
      end.receive(encoder.encodeChunk(hello("client", "server")));
      const sides = [
        ["client", start],
        ["server", seen.slice(0, length)],
      ];
      const l4 = (bytes) =>
        concat(new Uint8Array(new Uint32Array([bytes.length]).buffer).reverse(), bytes);
      const parts = [utf8("age-rt-session/1"), utf8("client")];
      for (const [role, bytes] of sides)
        parts.push(utf8(role), bytes.slice(0, -16), bytes.slice(-16));
      const hash = await crypto.subtle.digest("SHA-256", concat(...parts.map(l4)));
      end.receive(encoder.encodeChunk(concat([2], new Uint8Array(hash))));
      return opening;
    },
  },
  {
    name: "at a renewal, a stream of the same passphrase that is no part of the session",
    code: "chunk-length",
    stops: [
      [
        "this.#decoder = await next;",
        "await next; this.#decoder = undefined; await this.start(() => undefined);",
      ],
    ],
    async attack(openSession) {
      const { session, puppet, end } = await withPuppet(openSession, CLIENT);
      const reading = fate(first(session));
      const swap = await puppet.next();
      swap();
      end.receive(encodeBytes([data(utf8("pay Eve"))], await AgeRtEncoder.create(KEY.encrypt)));
      const result = await fate(reading.then((told) => told));
      return result === ACCEPTED ? reading : result;
    },
  },
  {
    name: "at a renewal, what another session said under its next key",
    code: "chunk-authentication",
    // Were the key of the first stream used for what follows.
    stops: [],
    async attack(openSession) {
      const other = await withPuppet(openSession, CLIENT);
      (await other.puppet.next())();
      const spliced = other.puppet.encoder.encodeChunk(data(utf8("pay Eve")));
      const { session, puppet, end } = await withPuppet(openSession, CLIENT);
      (await puppet.next())();
      end.receive(spliced);
      return fate(first(session));
    },
  },
  {
    name: "a raw stream of the same passphrase",
    code: "session-protocol",
    stops: [
      ["checkHello(hello, ours, peerRole);", ""],
      ["if (confirm[0] !== CONFIRM || confirm.length !== 1 + expected.length)", "if (false)"],
      CONFIRM_CHECK,
    ],
    async attack(openSession) {
      const end = new End();
      const opening = fate(openSession(end.socket, CLIENT).then(first));
      const messages = ["one", "two"].map(utf8);
      end.receive(
        encodeBytes([...messages, data(utf8("pay Eve"))], await AgeRtEncoder.create(KEY.encrypt)),
      );
      return opening;
    },
  },
  {
    name: "DATA before CONFIRM",
    code: "session-protocol",
    stops: [
      ["if (confirm[0] !== CONFIRM || confirm.length !== 1 + expected.length)", "if (false)"],
      CONFIRM_CHECK,
    ],
    async attack(openSession) {
      const end = new End();
      const opening = fate(openSession(end.socket, CLIENT));
      const puppet = await Puppet.at(end);
      await puppet.greet({ confirmOf: () => data(utf8("early")) });
      return opening;
    },
  },
  {
    name: "roles that are not ours the other way round",
    code: "session-protocol",
    stops: [["if (!same(role, peerRole) || !same(expected, ours.role))", "if (false)"]],
    async attack(openSession) {
      const end = new End();
      const opening = fate(openSession(end.socket, CLIENT));
      const puppet = await Puppet.at(end);
      // An honest confirmation of what was said, roles and all: it orders the sides by what is
      // expected.
      await puppet.greet({ helloOf: () => hello("admin", "client") });
      return opening;
    },
  },
  {
    name: "a peer that never speaks",
    code: "peer-silent",
    stops: [["this.#opening = setTimeout(", "this.#opening = void ("]],
    attack: (openSession) => fate(openSession(new End().socket, { ...CLIENT, timeoutMs: 100 })),
  },
  {
    name: "a peer that falls silent after its HELLO",
    code: "peer-silent",
    stops: [["this.#opening = setTimeout(", "this.#opening = void ("]],
    async attack(openSession) {
      const end = new End();
      const opening = fate(openSession(end.socket, { ...CLIENT, timeoutMs: 300 }));
      const puppet = await Puppet.at(end);
      puppet.send(puppet.start);
      puppet.say(hello("server", "client"));
      return opening;
    },
  },
  {
    name: "a line that is held once the session is open",
    code: "peer-silent",
    stops: [["this.#silence.wind(pingMs);", ""]],
    async attack(openSession) {
      const { session } = await withPuppet(openSession, { ...CLIENT, pingMs: 30 });
      return fate(first(session));
    },
  },
  {
    name: "a PONG that answers another PING",
    code: "session-protocol",
    stops: [["if (!this.#pending || !same(this.#pending, bytes))", "if (false)"]],
    async attack(openSession) {
      const { session, puppet } = await withPuppet(openSession, { ...CLIENT, pingMs: 10 });
      const told = fate(first(session));
      await puppet.hear(); // its CONFIRM
      const ping = await puppet.hear();
      if (ping[0] !== PING) throw new Error(`no PING but ${ping[0]}`);
      puppet.say(concat([PONG], new Uint8Array(8)));
      puppet.say(data(utf8("all is well")));
      return told;
    },
  },
  {
    name: "a peer that answers while we derive: the clock stands still",
    code: "accepted: all is well",
    stops: [
      ["const deriving = (work) => this.#deriving(work);", "const deriving = (work) => work();"],
    ],
    async attack(openSession) {
      // Our own derivation takes long, and nothing is heard meanwhile, as on a host without
      // workers.
      const [own] = await parties();
      let derive = () => undefined;
      let derivations = 0;
      const slow = {
        async unwrapFileKey(stanzas) {
          derivations += 1;
          if (derivations > 1) await new Promise((resolve) => (derive = resolve));
          return own.identity.unwrapFileKey(stanzas);
        },
      };
      const key = { encrypt: KEY.encrypt, decrypt: slow };
      const keys = { encrypt: own.recipient, decrypt: KEY.decrypt };
      // Made before the clock runs, which does not wait for it.
      const next = await AgeRtEncoder.create(own.recipient);
      const { session, puppet } = await withPuppet(
        openSession,
        { ...CLIENT, key, pingMs: 100 },
        keys,
      );
      const told = fate(first(session));
      puppet.sayNext(next);
      await puppet.hear(); // its CONFIRM
      const ping = await puppet.hear();
      await pause(300);
      puppet.say(concat([PONG], ping.slice(1)));
      puppet.say(data(utf8("all is well")));
      derive();
      const code = await told;
      return code === ACCEPTED ? "accepted: all is well" : code;
    },
  },
  {
    name: "both ends in one process with `concurrency: 1`: neither waits for the other before it says HELLO, nor to renew",
    code: "all is well,all is well; 1 derivation at a time",
    stops: [
      [
        "const saying = this.#sayHello();",
        "const saying = this.#incoming.more().then(() => this.#sayHello());",
      ],
    ],
    async attack(openSession) {
      configure({ concurrency: 1 });
      workers.most = 0;
      const options = { key: SLOWER, renew: { messages: 2 } };
      const sessions = await Promise.all(
        pair().map(({ socket }, i) =>
          openSession(socket, { ...(i === 0 ? CLIENT : SERVER), ...options }),
        ),
      );
      const heard = sessions.map(async (session) => {
        const words = [];
        for await (const message of messages(session.readable)) words.push(text(message));
        return words.join("");
      });
      await Promise.all(
        sessions.map(async (session) => {
          const writer = session.writable.getWriter();
          for (const letter of "all is well") await writer.write(utf8(letter));
          await writer.close();
        }),
      );
      const words = await Promise.all(heard);
      await Promise.all(sessions.map(({ closed }) => closed));
      return `${words}; ${workers.most} derivation at a time`;
    },
  },
  {
    name: "a queue of derivations that does not move, with `concurrency: 1`: the time to open counts our own",
    code: "peer-silent,truncated; no derivation is left in the queue",
    stops: [["this.#opening = setTimeout(", "this.#opening = void ("]],
    async attack(openSession) {
      configure({ concurrency: 1 });
      const made = workers.made;
      const first = new AbortController();
      const holding = encrypt("x", PASSPHRASE, { workFactor: 20, signal: first.signal });
      holding.catch(() => undefined);
      await until(() => workers.made === made + 1);
      const fates = pair().map(({ socket }, i) =>
        fate(
          openSession(socket, {
            ...(i === 0 ? CLIENT : SERVER),
            key: SLOWER,
            timeoutMs: i === 0 ? 100 : 60_000,
          }),
        ),
      );
      const codes = await Promise.all(fates).finally(() => first.abort());
      await holding.catch(() => undefined);
      // Were theirs still in the queue, they would come before this one.
      await encrypt("x", PASSPHRASE, { workFactor: 10 });
      const left = workers.made - made - 2;
      return `${codes}; ${left || "no"} derivation is left in the queue`;
    },
  },
];
