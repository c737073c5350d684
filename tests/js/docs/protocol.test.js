/** Can another implementation be written from PROTOCOL.md? */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AgeRtDecoder, AgeRtEncoder, decodeBytes, encodeBytes, init } from "age-rt-wasm";
import { root } from "../lib/repository.js";
import { read, write } from "./protocol.js";

const folder = join(root, "tests", "vectors");
const { vectors } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
const ours = Object.entries(vectors).filter(([name]) => name.startsWith("rt_"));
const MESSAGES = ["", "one", "x".repeat(70_000), ""].map((text) => Buffer.from(text));

test("there are 38 vectors of age-rt", () => assert.equal(ours.length, 38));

for (const [name, { passphrase, code, chunks, sha256, options }] of ours) {
  test(name, () => {
    const result = read(readFileSync(join(folder, `${name}.age`)), passphrase, options);
    assert.equal(result.code, code);
    assert.deepEqual(
      result.chunks.map((chunk) => chunk.length),
      chunks,
    );
    assert.equal(createHash("sha256").update(Buffer.concat(result.chunks)).digest("hex"), sha256);
  });
}

test("what it writes is read by the package", async () => {
  await init();
  const stream = write(MESSAGES, "pw", { maxChunkSize: 70_000, workFactor: 1 });
  const messages = [...decodeBytes(stream, new AgeRtDecoder("pw", 70_000))];
  assert.deepEqual(
    messages.map((message) => Buffer.from(message)),
    [...MESSAGES, Buffer.alloc(0)],
  );
});

test("it reads what the package writes", async () => {
  await init();
  const encoder = await AgeRtEncoder.create("pw", { maxChunkSize: 70_000, workFactor: 1 });
  const { chunks, code } = read(Buffer.from(encodeBytes(MESSAGES, encoder)), "pw", {
    maxChunkSize: 70_000,
  });
  assert.equal(code, undefined);
  assert.deepEqual(chunks, [...MESSAGES, Buffer.alloc(0)]);
});

test("the header that it shows is that of the vector it names", () => {
  const text = readFileSync(join(root, "PROTOCOL.md"), "utf8");
  const header = readFileSync(join(folder, "rt_hello_world.age"))
    .toString("latin1")
    .split("\n")
    .slice(0, 4)
    .join("\n");
  assert.ok(text.includes(header));
});
