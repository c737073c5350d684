/** What an RSA identity says of a stanza that names it, and that no recipient would make. */
import assert from "node:assert/strict";
import { constants, generateKeyPairSync, publicEncrypt } from "node:crypto";
import { test } from "node:test";
import { HeaderParseError } from "age-rt-wasm";
import { recipient, sshIdentity } from "age-rt-wasm/recipients";
import { sshText } from "./lib/ssh.js";

const FILE_KEY = new Uint8Array(16).fill(7);
const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const identity = await sshIdentity(privateKey.export({ type: "pkcs8", format: "pem" }));
const [{ args }] = await recipient(sshText("ssh-rsa", publicKey)).wrapFileKey(FILE_KEY);

/** RSA-OAEP as the recipient type has it: https://c2sp.org/age. */
function sealed(bytes) {
  const oaep = { oaepHash: "sha256", oaepLabel: Buffer.from("age-encryption.org/v1/ssh-rsa") };
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  return new Uint8Array(publicEncrypt({ key: publicKey, padding, ...oaep }, bytes));
}

function assertMalformed(body) {
  return assert.rejects(
    identity.unwrapFileKey([{ args, body }]),
    (error) => error instanceof HeaderParseError && error.code === "invalid-header",
  );
}

test("16 bytes are a file key", async () =>
  assert.deepEqual(await identity.unwrapFileKey([{ args, body: sealed(FILE_KEY) }]), FILE_KEY));

for (const length of [0, 15, 17, 32])
  test(`${length} bytes are none`, () => assertMalformed(sealed(new Uint8Array(length))));

for (const [what, change] of [
  ["a byte less than the key has", (body) => body.slice(0, -1)],
  ["a byte more", (body) => Uint8Array.of(...body, 0)],
  ["a zero before it", (body) => Uint8Array.of(0, ...body)],
  ["nothing", () => new Uint8Array(0)],
])
  test(`a body of ${what} is malformed`, () => assertMalformed(change(sealed(FILE_KEY))));
