/**
 * A Blob that does not know its size until somebody looks at it, as Bun's of a file: its slices are
 * wrong until then.
 */
import { AgeAutoDecoder, decodeFile, decrypt, encrypt } from "age-rt-wasm";
import { inspect, rekey, splitHeader } from "age-rt-wasm/header";
import { AgeReader } from "age-rt-wasm/reader";
import { assert, test } from "../harness.js";
import { PASSPHRASE, QUICK } from "./lib/files.js";

const NEW = "the new passphrase";

class LazyBlob extends Blob {
  #looked = false;

  get size() {
    this.#looked = true;
    return super.size;
  }

  slice(start, end, type) {
    assert.ok(this.#looked, "sliced before its size was known");
    // A slice knows its own.
    return super.slice(start, end, type);
  }
}

const plaintext = new Uint8Array(150_000).fill(7);
const file = await encrypt(plaintext, PASSPHRASE, QUICK);
const lazy = () => new LazyBlob([file]);

const same = (bytes) => assert.deepEqual(new Uint8Array(bytes), plaintext);

const CALLS = {
  "encrypt()": async () => {
    const sealed = await encrypt(new LazyBlob([plaintext]), PASSPHRASE, QUICK);
    same(await decrypt(sealed, PASSPHRASE));
  },
  "decrypt()": async () => same(await decrypt(lazy(), PASSPHRASE)),
  "decodeFile()": async () => {
    const parts = [];
    for await (const part of decodeFile(lazy(), new AgeAutoDecoder(PASSPHRASE))) parts.push(part);
    same(await new Blob(parts).arrayBuffer());
  },
  "inspect()": async () => assert.equal((await inspect(lazy())).workFactor, QUICK.workFactor),
  "splitHeader()": async () => {
    const { header, payload } = await splitHeader(lazy());
    assert.equal(header.length + payload.size, file.length);
  },
  "rekey()": async () => same(await decrypt(await rekey(lazy(), PASSPHRASE, NEW, QUICK), NEW)),
  "AgeReader.open()": async () => {
    const reader = await AgeReader.open(lazy(), PASSPHRASE);
    same(await reader.read());
    reader.close();
  },
};

for (const [name, call] of Object.entries(CALLS))
  test(`${name} of a Blob that learns its size late`, call);
