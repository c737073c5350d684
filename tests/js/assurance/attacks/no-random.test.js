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
import { generatePassphrase } from "age-rt-wasm/passphrase";

const PASSPHRASE = "a passphrase";
const LOW = { workFactor: 1 };
const NO_RANDOM = { name: "NotSupportedError", code: "no-random" };

await init();
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

test("decrypting needs none", async () => {
  const file = await encrypt("text", PASSPHRASE, LOW);
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
