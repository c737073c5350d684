/** The streams as Node's own kind: `Duplex.fromWeb()` in a pipeline, between files. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex, PassThrough, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, test } from "node:test";
import { createGunzip, createGzip } from "node:zlib";
import { liveObjects } from "../lib/instances.js";
import { seeded } from "../lib/random.js";
import { until } from "../lib/wait.js";
import {
  AgeAutoDecryptStream,
  AgeDecoder,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  AgeRtDecoder,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  decodeFile,
  encodeFile,
  init,
} from "age-rt-wasm";

const PASSPHRASE = "correct horse battery staple";
const QUICK = { workFactor: 1 };

let folder;
const path = (name) => join(folder, name);

before(async () => {
  await init();
  folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-node-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A file of random bytes. */
function file(t, name, size) {
  const bytes = seeded(t).bytes(size);
  writeFileSync(path(name), bytes);
  return bytes;
}

const PAIRS = {
  age: [
    () => new AgeEncryptStream(PASSPHRASE, QUICK),
    (passphrase = PASSPHRASE) => new AgeDecryptStream(passphrase),
  ],
  "age-rt": [
    () => new AgeRtEncryptStream(PASSPHRASE, QUICK),
    (passphrase = PASSPHRASE) => new AgeRtDecryptStream(passphrase),
  ],
  "age, detected": [
    () => new AgeEncryptStream(PASSPHRASE, QUICK),
    (passphrase = PASSPHRASE) => new AgeAutoDecryptStream(passphrase),
  ],
};

for (const [name, [encrypt, decrypt]] of Object.entries(PAIRS)) {
  for (const size of [0, 1, 65_536, 500_000]) {
    test(`${name}: ${size} bytes from file to file and back`, async (t) => {
      const bytes = file(t, "plain", size);
      await pipeline(
        createReadStream(path("plain")),
        Duplex.fromWeb(encrypt()),
        createWriteStream(path("sealed")),
      );
      await pipeline(
        createReadStream(path("sealed")),
        Duplex.fromWeb(decrypt()),
        createWriteStream(path("opened")),
      );
      assert.deepEqual(new Uint8Array(readFileSync(path("opened"))), bytes);
    });
  }

  test(`${name}: between other streams`, async (t) => {
    const bytes = file(t, "plain", 200_000);
    const pieces = [];
    const collect = new Writable({ write: (piece, _, done) => (pieces.push(piece), done()) });
    await pipeline(
      Readable.from([bytes]),
      createGzip(),
      Duplex.fromWeb(encrypt()),
      new PassThrough(),
      Duplex.fromWeb(decrypt()),
      createGunzip(),
      collect,
    );
    assert.deepEqual(new Uint8Array(Buffer.concat(pieces)), bytes);
  });

  test(`${name}: a wrong passphrase is the pipeline's error, and every stream in it is destroyed`, async (t) => {
    file(t, "plain", 200_000);
    await pipeline(
      createReadStream(path("plain")),
      Duplex.fromWeb(encrypt()),
      createWriteStream(path("sealed")),
    );
    const streams = [
      createReadStream(path("sealed")),
      Duplex.fromWeb(decrypt("another")),
      new PassThrough(),
    ];
    await assert.rejects(pipeline(streams), {
      code: "wrong-passphrase",
      name: "WrongPassphraseError",
    });
    assert.deepEqual(
      streams.map(({ destroyed }) => destroyed),
      [true, true, true],
    );
    await until(() => liveObjects() === 0);
  });

  test(`${name}: a file that was cut is an error, not a short file`, async (t) => {
    file(t, "plain", 200_000);
    await pipeline(
      createReadStream(path("plain")),
      Duplex.fromWeb(encrypt()),
      createWriteStream(path("sealed")),
    );
    const cut = createReadStream(path("sealed"), { end: 100_000 });
    await assert.rejects(
      pipeline(cut, Duplex.fromWeb(decrypt()), createWriteStream(path("opened"))),
      (error) => ["truncated", "chunk-authentication"].includes(error.code),
    );
  });

  test(`${name}: destroy() in the middle frees everything`, async () => {
    const duplex = Duplex.fromWeb(encrypt());
    duplex.write(new Uint8Array(100_000));
    await once(duplex, "readable");
    assert.ok(liveObjects() > 0);
    duplex.destroy();
    await once(duplex, "close");
    await until(() => liveObjects() === 0);
  });

  test(`${name}: destroy() with an error emits it`, async () => {
    const duplex = Duplex.fromWeb(encrypt());
    const failure = new Error("given up");
    const emitted = once(duplex, "error");
    duplex.destroy(failure);
    assert.ok((await emitted)[0] === failure);
  });
}

test("a signal ends a pipeline, the derivation included", async () => {
  const controller = new AbortController();
  const endless = Readable.from(
    (function* () {
      for (;;) yield new Uint8Array(1000);
    })(),
  );
  const running = pipeline(
    endless,
    Duplex.fromWeb(new AgeEncryptStream(PASSPHRASE)),
    new PassThrough(),
    { signal: controller.signal },
  );
  controller.abort();
  await assert.rejects(running, { name: "AbortError" });
});

test("the two sides as Node's own, one by one", async (t) => {
  const bytes = file(t, "plain", 100_000);
  const { readable, writable } = new AgeEncryptStream(PASSPHRASE, QUICK);
  const written = pipeline(createReadStream(path("plain")), Writable.fromWeb(writable));
  await pipeline(Readable.fromWeb(readable), createWriteStream(path("sealed")));
  await written;
  const opened = await collect(
    Readable.toWeb(createReadStream(path("sealed"))).pipeThrough(new AgeDecryptStream(PASSPHRASE)),
  );
  assert.deepEqual(new Uint8Array(Buffer.concat(opened)), bytes);
});

test("encodeFile() and decodeFile() with a FileHandle, which stays open", async (t) => {
  const bytes = file(t, "plain", 150_000);
  const handle = await open(path("sealed"), "w+");
  await encodeFile(
    [bytes.subarray(0, 65_536), bytes.subarray(65_536, 131_072), bytes.subarray(131_072)],
    handle,
    await AgeEncoder.create(PASSPHRASE, QUICK),
  );
  assert.ok((await handle.stat()).size > 150_000);
  await handle.close();

  const reading = await open(path("sealed"));
  assert.deepEqual(
    new Uint8Array(Buffer.concat(await collect(decodeFile(reading, new AgeDecoder(PASSPHRASE))))),
    bytes,
  );
  await reading.close();
});

test("encodeFile() into a Node stream closes it; the file is whole", async () => {
  await encodeFile(
    [Buffer.from("one"), Buffer.from("two")],
    Writable.toWeb(createWriteStream(path("sealed"))),
    await AgeRtEncoder.create(PASSPHRASE, QUICK),
  );
  const chunks = await collect(
    decodeFile(Readable.toWeb(createReadStream(path("sealed"))), new AgeRtDecoder(PASSPHRASE)),
  );
  assert.deepEqual(
    chunks.map((chunk) => Buffer.from(chunk).toString()),
    ["one", "two", ""],
  );
});

test("a Node stream as web streams, with the README's highWaterMark, holds the source back", async () => {
  const chunk = 65_536;
  let given = 0;
  const source = new ReadableStream(
    {
      pull(controller) {
        if (given === 512 * chunk) return controller.close();
        given += chunk;
        controller.enqueue(new Uint8Array(chunk));
      },
    },
    { highWaterMark: 0 },
  );
  let written = 0;
  let furthest = 0;
  const target = new Writable({
    highWaterMark: 16,
    write(part, _encoding, done) {
      // The pipe has a turn of the event loop for each write: without the mark it runs far ahead.
      setTimeout(() => {
        furthest = Math.max(furthest, given - written);
        written += part.length;
        done();
      }, 1);
    },
  });
  await source.pipeThrough(new AgeEncryptStream(PASSPHRASE, QUICK)).pipeTo(Writable.toWeb(target));
  assert.ok(written > 512 * chunk);
  assert.ok(furthest <= 128 * chunk, `${furthest} bytes had been read and not been written`);
});

async function collect(iterable) {
  const parts = [];
  for await (const part of iterable) parts.push(part);
  return parts;
}
