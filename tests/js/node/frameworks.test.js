/**
 * Everything of ours with private fields works in a framework's reactive state. Vue makes a proxy
 * of what looks like a plain object, and a proxy has no private fields.
 */
import assert from "node:assert/strict";
import { generateKeyPairSync, webcrypto } from "node:crypto";
import { test } from "node:test";
import { reactive, ref } from "@vue/reactivity";
import { decrypt, encrypt, passphraseIdentity, passphraseRecipient } from "age-rt-wasm";
import { decryptHeader, fileKeyIdentity, splitHeader } from "age-rt-wasm/header";
import { AgeReader } from "age-rt-wasm/reader";
import {
  cryptoKeyIdentity,
  generateIdentity,
  identity,
  passkeys,
  recipient,
  recipientOf,
  sshIdentity,
} from "age-rt-wasm/recipients";
import { openSession } from "age-rt-wasm/session";
import { CLIENT, pair, SERVER } from "../portable/lib/session-line.js";
import { sshText } from "./lib/ssh.js";

const PASSPHRASE = "correct horse battery staple";
const STATES = {
  ref: (object) => ref(object).value,
  reactive: (object) => reactive({ object }).object,
  "a reactive array": (object) => reactive([object])[0],
};
const text = (bytes) => new TextDecoder().decode(bytes);

async function ssh(type, name, options) {
  const { publicKey, privateKey } = generateKeyPairSync(name, options);
  const pem = privateKey.export({ type: "pkcs8", format: "pem" });
  return [recipient(sshText(type, publicKey)), await sshIdentity(pem)];
}

const own = async (type) => {
  const secret = await generateIdentity(type);
  return [recipient(await recipientOf(secret)), identity(secret)];
};

/** What encrypts, and what decrypts it. */
const KEYS = {
  x25519: () => own("x25519"),
  hybrid: () => own("hybrid"),
  "a CryptoKey": async () => {
    const pair = await webcrypto.subtle.generateKey("X25519", true, ["deriveBits"]);
    const raw = new Uint8Array(await webcrypto.subtle.exportKey("raw", pair.publicKey));
    const { bech32 } = await import("../portable/lib/bech32.js");
    return [recipient(bech32("age", raw)), await cryptoKeyIdentity(pair.privateKey)];
  },
  "ssh-ed25519": () => ssh("ssh-ed25519", "ed25519"),
  "ssh-rsa": () => ssh("ssh-rsa", "rsa", { modulusLength: 2048 }),
  "a passphrase": async () => [
    passphraseRecipient(PASSPHRASE, { workFactor: 1 }),
    passphraseIdentity(PASSPHRASE),
  ],
  "a file key": async () => {
    const to = passphraseRecipient(PASSPHRASE, { workFactor: 1 });
    const file = await encrypt("attack at dawn", to);
    const { header } = await splitHeader(file);
    return [to, fileKeyIdentity(await decryptHeader(header, PASSPHRASE)), file];
  },
};

for (const [what, make] of Object.entries(KEYS)) {
  test(`${what}: recipient and identity`, async () => {
    const [to, from, made] = await make();
    for (const [state, through] of Object.entries(STATES)) {
      assert.equal(through(to), to, state);
      assert.equal(through(from), from, state);
      const file = made ?? (await encrypt("attack at dawn", [through(to)]));
      assert.equal(text(await decrypt(file, [through(from)])), "attack at dawn", state);
      assert.equal(text(await decrypt(file, reactive({ key: [from] }).key)), "attack at dawn");
    }
  });
}

test("a passkey, a reader, a socket and a session", async () => {
  const ends = pair();
  const [client, server] = await Promise.all([
    openSession(ends[0].socket, CLIENT),
    openSession(ends[1].socket, SERVER),
  ]);
  const { socket } = pair()[0];
  const file = await encrypt("attack at dawn", PASSPHRASE, { workFactor: 1 });
  const reader = await AgeReader.open(new Blob([file]), PASSPHRASE);
  for (const [state, through] of Object.entries(STATES))
    for (const object of [passkeys.key(), reader, socket, client])
      assert.equal(through(object), object, state);
  assert.equal(text(await ref(reader).value.read()), "attack at dawn");
  ref(reader).value.close();
  ref(socket).value.close();
  await Promise.all([ref(client).value.close(), server.close()]);
});
