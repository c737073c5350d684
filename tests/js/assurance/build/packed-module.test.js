/**
 * The module that is shipped, through the package's own calls: what the Rust tests show of its
 * source, this shows of its bytes.
 *
 * `SEED=… CHUNKS=… node --test tests/js/assurance/build/packed-module.test.js` repeats or extends
 * the sweep.
 */
import assert from "node:assert/strict";
import { createDecipheriv, pbkdf2Sync, randomInt, scryptSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, test } from "node:test";
import { decrypt, encrypt } from "age-rt-wasm";
import { runChild } from "../../lib/child.js";
import { diagonals } from "../lib/scrypt-blocks.js";
import { wrapKeyOf } from "../lib/secrets.js";

const CHUNKS = Number(process.env.CHUNKS ?? 100_000);
/** Of RFC 7914, section 12: its passphrase, and what it gives with r = 8 and p = 1. */
const PASSPHRASE = "pleaseletmein";
const RFC_7914 = {
  salt: "SodiumChloride",
  N: 2 ** 14,
  key: "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
};

test("Node's scrypt, which the next test compares with, gives RFC 7914's vector", () => {
  const { salt, N, key } = RFC_7914;
  assert.equal(scryptSync(PASSPHRASE, salt, 64, { N, r: 8, p: 1 }).toString("hex"), key);
});

describe("the packed module's own scrypt gives RFC 7914's vector", () => {
  // Its salt has age's label before it. So the first block, which the label goes into, is replaced
  // by the RFC's: PBKDF2 of passphrase and salt in a single round, which the module puts in its
  // memory. All the mixing, and the last PBKDF2, are the module's.
  const LABEL = "age-encryption.org/v1/scrypt";
  const BLOCK_LEN = 1024;
  const block = (salt) => diagonals(pbkdf2Sync(PASSPHRASE, salt, 1, BLOCK_LEN, "sha256"));
  const MIXERS = ["integers", "vectors"];

  for (const [stride, kept] of ["every block", "every second", "every fourth"].entries()) {
    for (const [mixer, words] of MIXERS.entries())
      test(`with ${kept} in the table, on ${words}`, () => derives(stride, mixer));
  }

  async function derives(stride, mixer) {
    const path = createRequire(import.meta.url).resolve("age-rt-wasm/age_rt.wasm");
    const kdf = instanceOf(await WebAssembly.compile(readFileSync(path)));
    const memory = () => Buffer.from(kdf.memory.buffer);
    const salt = Buffer.alloc(16, 7);
    const at = kdf.kdfReserve(PASSPHRASE.length);
    salt.copy(memory(), at + 32);
    memory().write(PASSPHRASE, at + 48);
    assert.equal(kdf.kdfStart(Math.log2(RFC_7914.N), stride), 0);
    const ours = block(Buffer.concat([Buffer.from(LABEL), salt]));
    const places = [];
    for (let found = -1; (found = memory().indexOf(ours, found + 1)) >= 0;) places.push(found);
    assert.equal(places.length, 1, "the first block is in one place");
    block(RFC_7914.salt).copy(memory(), places[0]);
    while (kdf.kdfStep(256, mixer) > 0);
    assert.equal(kdf.kdfFinish(), 0);
    // The RFC asks for 64 bytes, of which these are the first.
    assert.equal(memory().toString("hex", at, at + 32), RFC_7914.key.slice(0, 64));
    while (kdf.kdfWipe(2 ** 14) > 0);
  }
});

/** As the worker makes it: an instance whose imports nobody calls. */
function instanceOf(module) {
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module))
    (imports[from] ??= {})[name] = () => assert.fail(`${name} was called`);
  return new WebAssembly.Instance(module, imports).exports;
}

for (const workFactor of [1, 2, 7, 9, 14, 16]) {
  test(`the derivation at work factor ${workFactor} gives the key that opens the stanza`, async () => {
    const file = await encrypt("attack at dawn", PASSPHRASE, { workFactor });
    const [, salt, logN, body] = /^[^\n]+\n-> scrypt (\S+) (\d+)\n(\S+)\n/.exec(
      Buffer.from(file).toString("latin1"),
    );
    assert.equal(Number(logN), workFactor);
    const key = wrapKeyOf(PASSPHRASE, Buffer.from(salt, "base64"), workFactor);
    const wrapped = Buffer.from(body, "base64");
    const open = createDecipheriv("chacha20-poly1305", key, Buffer.alloc(12), {
      authTagLength: 16,
    });
    open.setAuthTag(wrapped.subarray(16));
    open.update(wrapped.subarray(0, 16));
    // Throws for another key.
    open.final();
    assert.equal(Buffer.from(await decrypt(file, PASSPHRASE)).toString(), "attack at dawn");
  });
}

test(`${CHUNKS} chunks are sealed as node:crypto seals them, and opened, in both formats`, async (t) => {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 32));
  t.diagnostic(`SEED=${seed}`);
  const url = new URL("../children/sweep.js", import.meta.url);
  const halves = await Promise.all(
    [0, 1].map((i) =>
      runChild(url, { args: [String(seed + i), String(CHUNKS / 2)], timeoutMs: 900_000 }),
    ),
  );
  const sum = (name) => halves.reduce((total, { report }) => total + report[name], 0);
  t.diagnostic(
    `${sum("chunks")} chunks, ${(sum("bytes") / 1e9).toFixed(2)} GB, and ${sum("edges")} at the edges of passes`,
  );
  assert.equal(sum("chunks"), CHUNKS);
  assert.ok(sum("edges") > 5000);
  // Log-uniform from 0 to 1 MiB is 75,600 bytes on average.
  if (CHUNKS >= 100_000) assert.ok(sum("bytes") / CHUNKS > 60_000);
});
