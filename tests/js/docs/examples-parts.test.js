/**
 * The examples that read parts of encrypted files, and the one that changes a passphrase.
 * `SIZE_GIB=4` makes the last one's file that large.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";
import { parquetWriteBuffer } from "hyparquet-writer";
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from "@zip.js/zip.js";
import { encrypt } from "age-rt-wasm";
import { AgeReader } from "age-rt-wasm/reader";
import { member, namesIn } from "../../examples/archive/archive.js";
import { rows } from "../../examples/table/table.js";
import { examplePages } from "../lib/example-pages.js";
import { Random } from "../lib/random.js";

const PASSPHRASE = "correct horse battery staple";
const QUICK = { workFactor: 10 };

/** A server with ranges, which counts what was asked of it. */
async function serving(file) {
  const asked = { bytes: 0, requests: 0 };
  const server = createServer((request, response) => {
    const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range).map(Number);
    const part = file.subarray(start, end + 1);
    asked.bytes += part.length;
    asked.requests += 1;
    response.writeHead(206, {
      "Content-Range": `bytes ${start}-${start + part.length - 1}/${file.length}`,
    });
    response.end(part);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    asked,
    url: `http://127.0.0.1:${server.address().port}/file.age`,
    close: () => (server.closeAllConnections(), server.close()),
  };
}

test("archive: a member of an encrypted zip is read without the others", async () => {
  const random = new Random(1);
  const members = Array.from({ length: 20 }, (_, i) => [`${i}.bin`, random.bytes(300_000)]);
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const [name, bytes] of members) await writer.add(name, new Uint8ArrayReader(bytes));
  const file = await encrypt(await writer.close(), PASSPHRASE, QUICK);
  const { url, asked, close } = await serving(file);
  const reader = await AgeReader.open(url, PASSPHRASE);
  assert.deepEqual(
    await namesIn(reader),
    members.map(([name]) => name),
  );
  assert.deepEqual(Buffer.from(await member(reader, "7.bin")), Buffer.from(members[7][1]));
  await assert.rejects(member(reader, "no.bin"), /no no\.bin/);
  assert.ok(asked.bytes < file.length / 6, `${asked.bytes} of ${file.length}`);
  reader.close();
  close();
});

test("table: rows of an encrypted Parquet file are read over HTTP without the others", async () => {
  const count = 200_000;
  const random = new Random(2);
  const ids = Array.from({ length: count }, (_, i) => i);
  const words = ids.map(() => Buffer.from(random.bytes(12)).toString("hex"));
  const table = parquetWriteBuffer({
    columnData: [
      { name: "id", data: ids, type: "INT32" },
      { name: "word", data: words, type: "STRING" },
    ],
    rowGroupSize: 10_000,
  });
  const file = await encrypt(new Uint8Array(table), PASSPHRASE, QUICK);
  const { url, asked, close } = await serving(file);
  const range = { rowStart: 123_450, rowEnd: 123_460 };
  const found = await rows(url, PASSPHRASE, { columns: ["id", "word"], ...range });
  assert.deepEqual(
    found.map((row) => ({ ...row })),
    ids.slice(range.rowStart, range.rowEnd).map((id) => ({ id, word: words[id] })),
  );
  assert.ok(asked.bytes < file.length / 4, `${asked.bytes} of ${file.length}`);
  close();
});

describe("passphrase: a file on the origin's private file system", () => {
  const mib = Number(process.env.SIZE_GIB ?? 1 / 64) * 1024;
  const here = examplePages();

  test(`${mib} MiB get another passphrase, and only that opens them`, async (t) => {
    const page = await here.browser.newPage();
    await page.goto(`${here.origin}/passphrase/index.html`);
    await page.evaluate(
      async (mib, passphrase, options) => {
        const { AgeEncryptStream } = await import("age-rt-wasm");
        const folder = await navigator.storage.getDirectory();
        const handle = await folder.getFileHandle("stored.age", { create: true });
        const noise = crypto.getRandomValues(new Uint8Array(65_536));
        let left = mib * 16;
        const plain = new ReadableStream({
          pull(controller) {
            if (left === 0) return controller.close();
            left -= 1;
            noise[0] = left;
            controller.enqueue(noise.slice());
          },
        });
        await plain
          .pipeThrough(new AgeEncryptStream(passphrase, options))
          .pipeTo(await handle.createWritable());
      },
      mib,
      PASSPHRASE,
      QUICK,
    );
    const hash = () =>
      page.evaluate(async (gib) => {
        const { splitHeader } = await import("age-rt-wasm/header");
        const folder = await navigator.storage.getDirectory();
        const file = await (await folder.getFileHandle("stored.age")).getFile();
        const { payload } = await splitHeader(file);
        // Of large files the ends and the middle: browsers hash no stream.
        const parts = [0, Math.floor(payload.size / 2), payload.size - 2 ** 20];
        const bytes = gib
          ? await new Blob(parts.map((at) => payload.slice(at, at + 2 ** 20))).arrayBuffer()
          : await payload.arrayBuffer();
        const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
        return `${payload.size} ${digest}`;
      }, mib > 512);
    const before = await hash();
    const { header, copy } = await page.evaluate(
      async (from, options) => {
        const { change } = await import("/passphrase/page.js");
        return change(from, "another", options);
      },
      PASSPHRASE,
      QUICK,
    );
    t.diagnostic(`the header ${header.toFixed(1)} ms, the copy ${copy.toFixed(0)} ms`);
    assert.equal(await hash(), before);
    const open = (passphrase) =>
      page.evaluate(async (passphrase) => {
        const { AgeReader } = await import("age-rt-wasm/reader");
        const folder = await navigator.storage.getDirectory();
        try {
          // By its handle: no byte of it is in memory but those that are read.
          const handle = await folder.getFileHandle("stored.age");
          const reader = await AgeReader.open(handle, passphrase);
          const { size } = reader;
          const first = (await reader.read(0, 1))[0];
          const last = (await reader.read(-65_536, -65_535))[0];
          reader.close();
          return [size, first, last];
        } catch (error) {
          return error.code;
        }
      }, passphrase);
    assert.deepEqual(await open("another"), [mib * 2 ** 20, (mib * 16 - 1) & 255, 0]);
    assert.equal(await open(PASSPHRASE), "wrong-passphrase");
    await page.close();
  });

  test("the page says which passphrase was wrong", async () => {
    const page = await here.browser.newPage();
    await page.goto(`${here.origin}/passphrase/index.html`);
    const said = (text) =>
      page.waitForFunction(
        (text) => document.querySelector("#status").textContent === text,
        { timeout: 60_000 },
        text,
      );
    const submit = (old, other) =>
      page.$eval(
        "form",
        (form, old, other) => {
          form.elements.old.value = old;
          form.elements.new.value = other;
          form.requestSubmit();
        },
        old,
        other,
      );
    await submit("no", "third");
    await said("That is not the old passphrase");
    await submit("another", "third");
    await said("The passphrase is another one now");
    await page.close();
  });
});
