/**
 * What takes minutes, gigabytes and a quiet machine: `npm run test:access`. 20,000 ranges, every
 * size in steps, 1 GiB over HTTP, and 4 GiB that get another passphrase. Needs 5 GiB of disk, and
 * `age`.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, openAsBlob } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";
import { AgeDecryptStream, AgeEncryptStream, decrypt, encrypt } from "age-rt-wasm";
import { rekey, splitHeader } from "age-rt-wasm/header";
import { AgeReader } from "age-rt-wasm/reader";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { Pattern } from "../memory/pattern.js";
import { Random, seed } from "../portable/lib/random.js";

const CHUNK = 65_536;
const SEALED = CHUNK + 16;
const PASSPHRASE = "a passphrase";
const OTHER = "another passphrase";
const GIB = 2 ** 30;
const secret = await generateIdentity();
const key = identity(secret);
const to = recipient(await recipientOf(secret));
let folder;

before(async () => void (folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-access-"))));
after(() => rm(folder, { recursive: true, force: true }));

/** So many bytes of plaintext; hashed as they pass. */
function plaintextOf(length, hash) {
  const pattern = new Pattern();
  return new ReadableStream(
    {
      pull(controller) {
        if (pattern.at === length) return controller.close();
        const bytes = new Uint8Array(pattern.take(Math.min(CHUNK, length - pattern.at)));
        hash?.update(bytes);
        controller.enqueue(bytes);
      },
    },
    { highWaterMark: 0 },
  );
}

async function written(length, encryptTo, options, hash) {
  const path = join(folder, `${length}.age`);
  await pipeline(
    plaintextOf(length, hash).pipeThrough(new AgeEncryptStream(encryptTo, options)),
    createWriteStream(path),
  );
  return path;
}

async function hashOf(stream) {
  const hash = createHash("sha256");
  for await (const bytes of stream) hash.update(bytes);
  return hash.digest("hex");
}

test(`20,000 random ranges of 20 files equal the slice of the plaintext (seed ${seed})`, async () => {
  const random = new Random(seed);
  for (let round = 0; round < 20; round += 1) {
    const plaintext = random.bytes(random.below(10 * CHUNK));
    const { length } = plaintext;
    const reader = await AgeReader.open(new Blob([await encrypt(plaintext, to)]), key, {
      cacheBytes: random.below(4) * CHUNK,
    });
    for (let i = 0; i < 1000; i += 1) {
      const [start, end] = [random.below(length + 9), random.below(length + 9)];
      const signed = random.below(4) === 0 ? start - length - 4 : start;
      const bytes = await reader.read(signed, end);
      assert.ok(Buffer.from(bytes).equals(plaintext.slice(signed, end)), `${signed} to ${end}`);
    }
    reader.close();
  }
});

test("sizes 0 to 200,000 in steps of 997, and within 17 of each multiple of 65,536", async () => {
  const sizes = new Set();
  for (let size = 0; size <= 200_000; size += 997) sizes.add(size);
  for (let multiple = 0; multiple <= 3; multiple += 1)
    for (let by = -17; by <= 17; by += 1)
      if (multiple * CHUNK + by >= 0) sizes.add(multiple * CHUNK + by);
  const noise = new Random(3).bytes(3 * CHUNK + 20_000);
  for (const size of sizes) {
    const plaintext = noise.subarray(0, size);
    const reader = await AgeReader.open(new Blob([await encrypt(plaintext, to)]), key);
    assert.equal(reader.size, size);
    for (const [start, end] of [
      [0, size],
      [0, 1],
      [size - 1, size],
      [Math.floor(size / 2), size],
      [CHUNK - 1, CHUNK + 1],
      [-20, undefined],
    ]) {
      const bytes = await reader.read(start, end);
      assert.ok(
        Buffer.from(bytes).equals(plaintext.slice(start, end)),
        `${size}: ${start} to ${end}`,
      );
    }
    reader.close();
  }
});

describe("1 GiB over HTTP on this machine", () => {
  let path;
  let server;
  let url;
  let size;
  const asked = [];

  before(async () => {
    path = await written(GIB, to);
    ({ size } = await stat(path));
    server = createServer((request, response) => {
      const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
      if (!range) {
        response.writeHead(200, { "Content-Length": size });
        return createReadStream(path).pipe(response);
      }
      const [start, end] = [Number(range[1]), Math.min(size - 1, Number(range[2]))];
      asked.push([start, end + 1]);
      response.writeHead(206, {
        "Content-Range": `bytes ${start}-${end}/${size}`,
        "Content-Length": end + 1 - start,
        ETag: '"one"',
      });
      createReadStream(path, { start, end }).pipe(response);
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${server.address().port}/file.age`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });

  test("100 random reads of 4 KiB fetch the chunks that they cover, none twice while it is cached; two requests open it", async (t) => {
    const started = performance.now();
    const reader = await AgeReader.open(url, key, { cacheBytes: 300 * CHUNK });
    t.diagnostic(`open: ${(performance.now() - started).toFixed(1)} ms`);
    assert.equal(reader.size, GIB);
    assert.equal(asked.length, 2);
    const payload = size - (GIB + (GIB / CHUNK) * 16);
    assert.deepEqual(asked, [
      [0, CHUNK],
      [size - SEALED, size],
    ]);
    asked.length = 0;
    const random = new Random(seed);
    const wanted = new Set();
    const pattern = new Pattern();
    const begun = performance.now();
    for (let i = 0; i < 100; i += 1) {
      const start = random.below(GIB - 4096);
      const bytes = await reader.read(start, start + 4096);
      pattern.at = start;
      assert.ok(pattern.matches(Buffer.from(bytes)), `at ${start}`);
      for (let at = Math.floor(start / CHUNK); at * CHUNK < start + 4096; at += 1) wanted.add(at);
    }
    t.diagnostic(`100 reads: ${(performance.now() - begun).toFixed(1)} ms`);
    wanted.delete(GIB / CHUNK - 1);
    const fetched = asked.flatMap(([from, end]) => {
      assert.equal((from - payload) % SEALED, 0);
      assert.equal((end - from) % SEALED, 0);
      const first = (from - payload) / SEALED;
      return Array.from({ length: (end - from) / SEALED }, (_, i) => first + i);
    });
    const inOrder = (numbers) => [...numbers].sort((a, b) => a - b);
    assert.deepEqual(inOrder(fetched), inOrder(wanted));
    reader.close();
  });

  test("the first bytes come at least 50 times sooner than after the whole", async (t) => {
    let started = performance.now();
    const reader = await AgeReader.open(url, key);
    await reader.read(GIB / 2, GIB / 2 + 4096);
    const soon = performance.now() - started;
    reader.close();
    started = performance.now();
    const { body } = await fetch(url);
    let length = 0;
    for await (const bytes of body.pipeThrough(new AgeDecryptStream(key))) length += bytes.length;
    const whole = performance.now() - started;
    assert.equal(length, GIB);
    t.diagnostic(
      `bytes in the middle after ${soon.toFixed(1)} ms, the whole after ${whole.toFixed(0)} ms: ${(whole / soon).toFixed(0)} times`,
    );
    assert.ok(whole > 50 * soon);
  });

  test("stream() of a Blob has at least 0.9 of AgeDecryptStream's speed", async (t) => {
    const blob = await openAsBlob(path);
    const reader = await AgeReader.open(blob, key);
    const seconds = { reader: [], stream: [] };
    // Both sides in turn, 256 MiB each time: what else the machine does hits both.
    const part = GIB / 4;
    for (let round = 0; round < 5; round += 1) {
      for (const side of ["reader", "stream"]) {
        const started = performance.now();
        let length = 0;
        const readable =
          side === "reader"
            ? reader.stream(0, part)
            : blob.stream().pipeThrough(new AgeDecryptStream(key));
        for await (const bytes of readable) {
          length += bytes.length;
          if (length >= part) break;
        }
        assert.equal(length, part);
        seconds[side].push((performance.now() - started) / 1000);
      }
    }
    reader.close();
    const median = (all) => [...all].sort((a, b) => a - b)[2];
    const ratio = median(seconds.stream) / median(seconds.reader);
    t.diagnostic(
      `stream(): ${(part / median(seconds.reader) / 1e6).toFixed(0)} MB/s, ${ratio.toFixed(2)} of AgeDecryptStream`,
    );
    assert.ok(ratio >= 0.9);
  });
});

describe("4 GiB that get another passphrase", () => {
  /**
   * With its tags nearly 4 GiB, and no byte more: Node 20 counts the bytes of a Blob of a file
   * modulo 2^32. Larger ones are in the browser's test.
   */
  const SIZE = 4 * GIB - 2 * 2 ** 20;
  const QUICK = { workFactor: 10 };
  let file;
  let plaintext;
  let payloadHash;
  let renewed;

  before(async () => {
    const hash = createHash("sha256");
    const path = await written(SIZE, PASSPHRASE, QUICK, hash);
    plaintext = hash.digest("hex");
    file = await openAsBlob(path);
    payloadHash = await hashOf((await splitHeader(file)).payload.stream());
    renewed = await rekey(file, PASSPHRASE, OTHER, QUICK);
  });

  test("takes less than 50 ms beside the derivation", async (t) => {
    const times = [];
    const own = await rekey(file, PASSPHRASE, to);
    for (let round = 0; round < 9; round += 1) {
      const started = performance.now();
      await rekey(own, key, to);
      times.push(performance.now() - started);
    }
    times.sort((a, b) => a - b);
    t.diagnostic(
      `from a key to a key: median ${times[4].toFixed(1)} ms, at most ${times[8].toFixed(1)}`,
    );
    assert.ok(times[4] < 50);
  });

  test("the payload's bytes are the same, and age opens it", async () => {
    assert.equal(renewed.size, file.size);
    assert.equal(await hashOf((await splitHeader(renewed)).payload.stream()), payloadHash);
    const keys = join(folder, "key");
    await writeFile(keys, `${secret}\n`);
    const age = spawn("age", ["-d", "-i", keys], { stdio: ["pipe", "pipe", "inherit"] });
    const ended = new Promise((resolve) => age.on("close", resolve));
    const forKey = await rekey(renewed, OTHER, to);
    const [hash] = await Promise.all([
      hashOf(age.stdout),
      pipeline(Readable.fromWeb(forKey.stream()), age.stdin),
    ]);
    assert.equal(await ended, 0);
    assert.equal(hash, plaintext);
  });

  test("the old passphrase is refused by the new file", async () => {
    await assert.rejects(AgeReader.open(renewed, PASSPHRASE), { code: "wrong-passphrase" });
    const reader = await AgeReader.open(renewed, OTHER);
    assert.equal(reader.size, SIZE);
    const pattern = new Pattern();
    pattern.at = SIZE - 100;
    assert.ok(pattern.matches(Buffer.from(await reader.read(-100))));
    reader.close();
  });

  test("the new header with another's payload is refused", async () => {
    const other = new Blob([await encrypt("text", OTHER, QUICK)]);
    const [own, foreign] = await Promise.all([splitHeader(renewed), splitHeader(other)]);
    const refused = { code: "chunk-authentication" };
    await assert.rejects(decrypt(new Blob([own.header, foreign.payload]), OTHER), refused);
    const joined = new Blob([foreign.header, own.payload]);
    await assert.rejects(AgeReader.open(joined, OTHER), refused);
  });

  test("the old header joined to the new payload opens with the old passphrase: nobody is shut out", async () => {
    const [old, now] = await Promise.all([splitHeader(file), splitHeader(renewed)]);
    const reader = await AgeReader.open(new Blob([old.header, now.payload]), PASSPHRASE);
    assert.equal(reader.size, SIZE);
    assert.ok(new Pattern().matches(Buffer.from(await reader.read(0, 100))));
    reader.close();
  });
});
