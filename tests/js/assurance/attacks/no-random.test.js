/**
 * Keys, salts and nonces come from the platform. A host without random numbers gets an error, and
 * never a stream.
 */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import {
  AgeEncoder,
  AgeEncryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  decrypt,
  encrypt,
  init,
} from "age-rt-wasm";
import { rekey } from "age-rt-wasm/header";
import { generatePassphrase } from "age-rt-wasm/passphrase";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { openSession } from "age-rt-wasm/session";

const PASSPHRASE = "a passphrase";
const LOW = { workFactor: 1 };
const NO_RANDOM = { name: "NotSupportedError", code: "no-random" };

await init();
const file = await encrypt("text", PASSPHRASE, LOW);
const keys = {};
for (const type of ["x25519", "hybrid"]) {
  const secret = await generateIdentity(type);
  keys[type] = { secret, recipient: recipient(await recipientOf(secret)) };
}
/** The example of the specification of tags. */
const tag = recipient("age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e");
const descriptor = Object.getOwnPropertyDescriptor(globalThis, "crypto");
afterEach(() => Object.defineProperty(globalThis, "crypto", descriptor));

function setCrypto(value) {
  Object.defineProperty(globalThis, "crypto", { value, configurable: true, writable: true });
}

/** Hosts that lack it, in the ways that there are. */
const hosts = {
  "no crypto": () => setCrypto(undefined),
  "no getRandomValues": () => setCrypto({}),
  "getRandomValues that throws": () =>
    setCrypto({
      getRandomValues: () => {
        throw new DOMException("no entropy", "OperationError");
      },
    }),
};

const ways = {
  "encrypt()": () => encrypt("x", PASSPHRASE, LOW),
  "encrypt(), age-rt": () => encrypt("x", PASSPHRASE, { ...LOW, format: "age-rt" }),
  "AgeEncoder.create()": () => AgeEncoder.create(PASSPHRASE, LOW),
  "AgeRtEncoder.create()": () => AgeRtEncoder.create(PASSPHRASE, LOW),
  "AgeEncoder.fromPassphrase()": async () => AgeEncoder.fromPassphrase(PASSPHRASE),
  "AgeRtEncoder.fromPassphrase()": async () => AgeRtEncoder.fromPassphrase(PASSPHRASE),
  "generatePassphrase()": async () => generatePassphrase(),
  AgeEncryptStream: () => new AgeEncryptStream(PASSPHRASE, LOW).readable.getReader().read(),
  AgeRtEncryptStream: () => new AgeRtEncryptStream(PASSPHRASE, LOW).readable.getReader().read(),
  "rekey()": () => rekey(new Blob([file]), PASSPHRASE, "another", LOW),
  'generateIdentity("x25519")': () => generateIdentity("x25519"),
  'generateIdentity("hybrid")': () => generateIdentity("hybrid"),
  "encrypt(), X25519": () => encrypt("x", keys.x25519.recipient),
  "encrypt(), hybrid": () => encrypt("x", keys.hybrid.recipient),
  "encrypt(), P-256": () => encrypt("x", tag),
  "wrapFileKey(), X25519": () => keys.x25519.recipient.wrapFileKey(new Uint8Array(16)),
  "wrapFileKey(), hybrid": () => keys.hybrid.recipient.wrapFileKey(new Uint8Array(16)),
  "wrapFileKey(), P-256": () => tag.wrapFileKey(new Uint8Array(16)),
};

for (const [host, take] of Object.entries(hosts)) {
  describe(`a host with ${host}`, () => {
    for (const [way, call] of Object.entries(ways)) {
      test(way, async () => {
        take();
        await assert.rejects(call(), NO_RANDOM);
      });
    }
  });
}

/** Two ends, each of which reads what the other wrote. */
function connected() {
  const [there, back] = [new TransformStream(), new TransformStream()];
  return [
    { readable: back.readable, writable: there.writable },
    { readable: there.readable, writable: back.writable },
  ];
}

/** It asks for WebCrypto first, so the hosts are such as have that. */
describe("a session", () => {
  const key = { encrypt: keys.x25519.recipient, decrypt: identity(keys.x25519.secret) };
  const settings = (role, peerRole) => ({ key, role, peerRole });
  const getRandomValues = () => {
    throw new DOMException("no entropy", "OperationError");
  };

  for (const [host, rest] of Object.entries({
    "no getRandomValues": {},
    "getRandomValues that throws": { getRandomValues },
  })) {
    test(`is not opened with ${host}`, async () => {
      const [socket] = connected();
      setCrypto({ subtle: crypto.subtle, ...rest });
      await assert.rejects(openSession(socket, settings("client", "server")), NO_RANDOM);
    });
  }

  test("ends when it has none for a PING, and nothing is uncaught", async () => {
    const [here, there] = connected();
    const [session, peer] = await Promise.all([
      openSession(here, { ...settings("client", "server"), pingMs: 1 }),
      openSession(there, settings("server", "client")),
    ]);
    peer.closed.catch(() => undefined);
    setCrypto({ subtle: crypto.subtle, getRandomValues });
    await assert.rejects(session.closed, NO_RANDOM);
  });
});

test("decrypting needs none", async () => {
  hosts["no crypto"]();
  assert.equal(Buffer.from(await decrypt(file, PASSPHRASE)).toString(), "text");
});

test("the three draws of a file are 16 bytes each, in one place, and all of them are used", async () => {
  const drawn = [];
  const native = descriptor.get ? descriptor.get.call(globalThis) : descriptor.value;
  setCrypto({
    getRandomValues: (array) => (drawn.push(array.length), native.getRandomValues(array)),
  });
  await encrypt("x", PASSPHRASE, LOW);
  assert.deepEqual(drawn, [16, 16, 16]);
});

test("two files of one text and passphrase have the format in common and nothing else", async () => {
  const files = await Promise.all([
    encrypt("text", PASSPHRASE, LOW),
    encrypt("text", PASSPHRASE, LOW),
  ]);
  const [a, b] = files.map((file) => {
    const text = Buffer.from(file).toString("latin1");
    const header = text.slice(0, text.indexOf("\n", text.indexOf("---")) + 1);
    return [
      ...header.split(/\s/).filter(Boolean),
      text.slice(header.length, header.length + 16),
      text.slice(header.length + 16),
    ];
  });
  assert.deepEqual(
    a.filter((part, i) => part === b[i]),
    ["age-encryption.org/v1", "->", "scrypt", "1", "---"],
  );
});
