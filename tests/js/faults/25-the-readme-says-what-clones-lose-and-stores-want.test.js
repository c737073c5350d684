/**
 * Documented, and so: what is left of an error that was cloned; a length for stores that want one;
 * what monitoring agents do.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AgeEncryptStream, ciphertextSize, decrypt, encrypt } from "age-rt-wasm";
import { root } from "../lib/repository.js";

const documents = join(root, "node_modules", "age-rt-wasm");
const readme = readFileSync(join(documents, "README.md"), "utf8");

test("an error's clone has what the README's row for Node says", async () => {
  const row = readme.split("\n").find((line) => /^\| Node\b/.test(line) && /gone/.test(line));
  assert.ok(row, "the README has such a row");
  const [name, text, message, others] = row
    .split("|")
    .slice(2, -1)
    .map((cell) => cell.trim().replaceAll("`", ""));
  const file = await encrypt("text", "a passphrase", { workFactor: 1 });
  const error = await decrypt(file, "another").catch((thrown) => thrown);
  const clone = structuredClone(error);
  assert.equal(clone.constructor.name, name);
  assert.equal(clone.name, text);
  assert.equal(clone.message === error.message ? "kept" : "gone", message);
  assert.equal(clone.code === undefined ? "gone" : "kept", others);
});

test("the length that the README has stores be told is that of the stream", async () => {
  assert.match(readme, /FixedLengthStream\(ciphertextSize\(n\)\)/);
  const n = 100_000;
  let length = 0;
  const options = { workFactor: 10 };
  const stream = new Blob([new Uint8Array(n)])
    .stream()
    .pipeThrough(new AgeEncryptStream("a passphrase", options));
  for await (const chunk of stream) length += chunk.length;
  assert.equal(length, ciphertextSize(n, options));
});

test("the documents have a line on monitoring agents", () => {
  assert.match(readFileSync(join(documents, "HOSTS.md"), "utf8"), /NODE_OPTIONS=--require/);
});
