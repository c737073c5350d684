/**
 * A Blob or File is known by what it can do: an iframe's, jsdom's and happy-dom's are of other
 * classes, and some can do little.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Window } from "happy-dom";
import { JSDOM } from "jsdom";
import { launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";
import { AgeAutoDecoder, decodeFile, decrypt, encrypt, init } from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const QUICK = { workFactor: 1 };
const plaintext = Uint8Array.from({ length: 200_000 }, (_, i) => i);

await init();
const { window: jsdom } = new JSDOM();
const happy = new Window();

/** As Blobs have it in an iframe, or in a polyfill: nothing of it is of this realm's classes. */
class Shaped {
  #blob;
  constructor(parts, ways) {
    this.#blob = new Blob(parts);
    this.size = this.#blob.size;
    this.type = "";
    if (ways.includes("stream")) this.stream = () => this.#blob.stream();
    if (ways.includes("arrayBuffer")) this.arrayBuffer = () => this.#blob.arrayBuffer();
    this.slice = (start, end) => new Shaped([this.#blob.slice(start, end)], ways);
  }
}

/** Some of them read with a FileReader, which a page has and Node has not. */
async function withFileReader(task) {
  globalThis.FileReader = jsdom.FileReader;
  try {
    return await task();
  } finally {
    delete globalThis.FileReader;
  }
}

const MAKERS = {
  "Node's Blob": (bytes) => new Blob([bytes]),
  "jsdom's Blob": (bytes) => new jsdom.Blob([bytes]),
  "jsdom's File": (bytes) => new jsdom.File([bytes], "report.pdf"),
  "happy-dom's Blob": (bytes) => new happy.Blob([Buffer.from(bytes)]),
  "happy-dom's File": (bytes) => new happy.File([Buffer.from(bytes)], "report.pdf"),
  "one with stream()": (bytes) => new Shaped([bytes], ["stream"]),
  "one with arrayBuffer()": (bytes) => new Shaped([bytes], ["arrayBuffer"]),
};

for (const [name, make] of Object.entries(MAKERS)) {
  test(`${name}: encrypt, decrypt and decodeFile read it`, () =>
    withFileReader(async () => {
      const file = await encrypt(make(plaintext), PASSPHRASE, QUICK);
      assert.deepEqual(await decrypt(make(file), PASSPHRASE), plaintext);
      const chunks = [];
      for await (const chunk of decodeFile(make(file), new AgeAutoDecoder(PASSPHRASE)))
        chunks.push(chunk);
      assert.deepEqual(new Uint8Array(Buffer.concat(chunks)), plaintext);
    }));

  test(`${name}: an empty one is an empty file`, () =>
    withFileReader(async () => {
      const file = await encrypt(make(new Uint8Array(0)), PASSPHRASE, QUICK);
      assert.equal((await decrypt(file, PASSPHRASE)).length, 0);
    }));
}

test("what is no Blob is none: a Map has a size, an array a slice", async () => {
  for (const other of [new Map(), new Set(), [], {}, { size: 1, type: "" }, 5, null, undefined])
    await assert.rejects(() => encrypt(other, PASSPHRASE, QUICK), TypeError);
});

test("a Blob and a File of a real iframe, in Chromium", async () => {
  const server = await site();
  const browser = await launch("chromium");
  try {
    const page = await browser.newPage();
    await page.goto(`${server.origin}/page`);
    const seen = await page.evaluate(async () => {
      const age = await import("age-rt-wasm");
      await age.init();
      const frame = document.body.appendChild(document.createElement("iframe"));
      const there = frame.contentWindow;
      const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i);
      const results = {};
      for (const [name, make] of Object.entries({
        Blob: (part) => new there.Blob([part]),
        File: (part) => new there.File([part], "report.pdf"),
      })) {
        const file = await age.encrypt(make(bytes), "pw", { workFactor: 1 });
        const plain = await age.decrypt(make(file), "pw");
        let length = 0;
        for await (const chunk of age.decodeFile(make(file), new age.AgeAutoDecoder("pw")))
          length += chunk.length;
        results[name] = {
          foreign: !(make(bytes) instanceof globalThis[name]),
          same: plain.every((byte, i) => byte === bytes[i]),
          lengths: [plain.length, length],
        };
      }
      return results;
    });
    const right = { foreign: true, same: true, lengths: [200_000, 200_000] };
    assert.deepEqual(seen, { Blob: right, File: right });
  } finally {
    await browser.close();
    await server.close();
  }
});
