/**
 * Keys of age-encryption (typage) in our streams, and ours in its Encrypter and Decrypter,
 * unmodified. Its classes are not among its exports: they are imported by the path of their file.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Decrypter, Encrypter, webauthn } from "age-encryption";
import {
  AgeAutoDecryptStream,
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  decrypt,
  encrypt,
} from "age-rt-wasm";
import {
  generateHybridIdentity,
  generateX25519Identity,
  HybridIdentity,
  HybridRecipient,
  identityToRecipient,
  X25519Identity,
  X25519Recipient,
} from "../../../node_modules/age-encryption/dist/recipients.js";
import { SecretIdentity, SecretRecipient } from "../portable/lib/scheme.js";
import { seeded } from "../lib/random.js";
import { joined, through } from "../lib/streams.js";

const KINDS = [
  { name: "X25519", generate: generateX25519Identity, To: X25519Recipient, From: X25519Identity },
  { name: "hybrid", generate: generateHybridIdentity, To: HybridRecipient, From: HybridIdentity },
];
const FORMATS = [
  { format: "age", Encryption: AgeEncryptStream, Decryption: AgeDecryptStream },
  { format: "age-rt", Encryption: AgeRtEncryptStream, Decryption: AgeRtDecryptStream },
];

async function pair({ generate, To, From }) {
  const text = await generate();
  return { text, to: new To(await identityToRecipient(text)), from: new From(text) };
}

describe("keys of age-encryption in our streams", () => {
  for (const kind of KINDS)
    for (const { format, Encryption, Decryption } of FORMATS)
      test(`${kind.name}, ${format}`, async (t) => {
        const random = seeded(t);
        const plaintext = random.bytes(100_000);
        const [mine, other] = [await pair(kind), await pair(kind)];
        const pieces = random.cut(plaintext, 20_000);
        const wire = joined(await through(pieces, new Encryption([other.to, mine.to])));
        for (const Stream of [Decryption, AgeAutoDecryptStream]) {
          const stream = new Stream(mine.from);
          assert.deepEqual(joined(await through(random.cut(wire, 20_000), stream)), plaintext);
        }
        const stranger = await pair(kind);
        await assert.rejects(decrypt(wire, stranger.from), { code: "no-identity-match" });
      });

  test("the two kinds do not share a file", async () => {
    const [classic, hybrid] = [await pair(KINDS[0]), await pair(KINDS[1])];
    await assert.rejects(encrypt("x", [classic.to, hybrid.to]), {
      code: "incompatible-recipients",
    });
  });
});

describe("files of age-encryption for its keys", () => {
  for (const kind of KINDS)
    test(`${kind.name}: it reads ours, and we read its own`, async (t) => {
      const plaintext = seeded(t).bytes(70_000);
      const { text, to, from } = await pair(kind);
      const decrypter = new Decrypter();
      decrypter.addIdentity(text);
      const ours = await encrypt(plaintext, to);
      assert.deepEqual(new Uint8Array(await decrypter.decrypt(ours)), plaintext);
      const encrypter = new Encrypter();
      encrypter.addRecipient(await identityToRecipient(text));
      const its = new Uint8Array(await encrypter.encrypt(plaintext));
      assert.deepEqual(await decrypt(its, from), plaintext);
    });
});

test("a user's recipient and identity serve both packages", async (t) => {
  const plaintext = seeded(t).bytes(70_000);
  const encrypter = new Encrypter();
  encrypter.addRecipient(new SecretRecipient("hunter2"));
  const its = new Uint8Array(await encrypter.encrypt(plaintext));
  assert.deepEqual(await decrypt(its, new SecretIdentity("hunter2")), plaintext);
  const decrypter = new Decrypter();
  decrypter.addIdentity(new SecretIdentity("hunter2"));
  const ours = await encrypt(plaintext, new SecretRecipient("hunter2"));
  assert.deepEqual(new Uint8Array(await decrypter.decrypt(ours)), plaintext);
});

test("its WebAuthn recipient and identity are taken as they are", async () => {
  // No authenticator here: what it says where WebAuthn is missing is the stream's error.
  const error = (e) => e instanceof Error && e.code === undefined;
  await assert.rejects(encrypt("x", new webauthn.WebAuthnRecipient()), error);
  const file = await encrypt("x", new SecretRecipient("x"));
  assert.ok(typeof new webauthn.WebAuthnIdentity().unwrapFileKey === "function");
  await assert.rejects(decrypt(file, new webauthn.WebAuthnIdentity()));
});
