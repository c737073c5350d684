/**
 * AgeReader over HTTP: which requests it makes, and what it says of servers that misbehave. A real
 * server for each.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { gzipSync } from "node:zlib";
import { encrypt, SourceError } from "age-rt-wasm";
import { AgeReader } from "age-rt-wasm/reader";
import { Random } from "../lib/random.js";

const PASSPHRASE = "a passphrase";
const QUICK = { workFactor: 1 };
const CHUNK = 65_536;
const SEALED = CHUNK + 16;
const CHUNKS = 40;
const plaintext = new Random(1).bytes(CHUNKS * CHUNK - 1000);

let file;
let server;
let url;
/** What the server does; and what was asked of it. */
let behave;
const asked = [];

/** The answer of a server that does as it should. */
function serve(request, response, { bytes = file, headers = {}, status = 206, body, total } = {}) {
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range).map(Number);
  const part = bytes.subarray(start, end + 1);
  response.writeHead(status, {
    "Content-Range": `bytes ${start}-${start + part.length - 1}/${total ?? bytes.length}`,
    ETag: '"one"',
    ...headers,
  });
  response.end(body ? body(part) : part);
}

before(async () => {
  file = Buffer.from(await encrypt(plaintext, PASSPHRASE, { workFactor: 1 }));
  server = createServer((request, response) => {
    asked.push({ method: request.method, ...request.headers });
    behave(request, response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${server.address().port}/file.age`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

test("a path is no address, and the message says what to pass", async () => {
  for (const path of ["/tmp/file.age", "file.age", new URL("file:///tmp/file.age")])
    await assert.rejects(AgeReader.open(path, PASSPHRASE), {
      name: "TypeError",
      message: /for a path pass what open\(\) of node:fs\/promises gives/,
    });
});

test("a fetch of one's own may know other addresses", async () => {
  behave = serve;
  const reader = await AgeReader.open("file.age", PASSPHRASE, {
    fetch: (_, init) => fetch(url, init),
  });
  assert.equal(reader.size, plaintext.length);
  reader.close();
});

async function opened(options) {
  behave = serve;
  asked.length = 0;
  return AgeReader.open(url, PASSPHRASE, options);
}

test("two requests to open, of a form that needs no preflight, and no HEAD", async () => {
  const reader = await opened({ headers: { Authorization: "Bearer x" } });
  assert.equal(reader.size, plaintext.length);
  const payload = file.length - (plaintext.length + CHUNKS * 16);
  assert.deepEqual(
    asked.map(({ method, range, authorization }) => [method, range, authorization]),
    [
      ["GET", "bytes=0-65535", "Bearer x"],
      ["GET", `bytes=${payload + (CHUNKS - 1) * SEALED}-${file.length - 1}`, "Bearer x"],
    ],
  );
  for (const name of ["if-range", "if-match"])
    assert.ok(asked.every((request) => !(name in request)));
  reader.close();
});

test("a small file takes one request", async () => {
  const small = Buffer.from(await encrypt("attack at dawn", PASSPHRASE, { workFactor: 1 }));
  behave = (request, response) => serve(request, response, { bytes: small });
  asked.length = 0;
  const reader = await AgeReader.open(new URL(url), PASSPHRASE);
  assert.equal(Buffer.from(await reader.read()).toString(), "attack at dawn");
  assert.equal(asked.length, 1);
  reader.close();
});

test("a small file may come whole, as a server answers a range that covers all of it", async () => {
  const small = Buffer.from(await encrypt("attack at dawn", PASSPHRASE, { workFactor: 1 }));
  const answer = (headers, bytes) => (_, response) => response.writeHead(200, headers).end(bytes);
  behave = answer({ "Content-Length": small.length }, small);
  asked.length = 0;
  const reader = await AgeReader.open(url, PASSPHRASE);
  assert.equal(Buffer.from(await reader.read()).toString(), "attack at dawn");
  assert.equal(Buffer.from(await reader.read(-4)).toString(), "dawn");
  assert.equal(asked.length, 1);
  reader.close();
  const open = (options) => AgeReader.open(url, PASSPHRASE, options);
  await assert.rejects(open({ size: small.length + 1 }), { code: "source-changed" });
  // A file that is one byte too long for that, one of unknown length, and one that is compressed.
  behave = answer({ "Content-Length": 65_537 }, Buffer.alloc(65_537));
  await assert.rejects(open(), { code: "range-not-supported" });
  behave = answer({ "Transfer-Encoding": "chunked" }, small);
  await assert.rejects(open(), { code: "range-not-supported" });
  for (const length of ["-1", "1.5", "", "0x10"]) {
    const forging = async () => new Response(small, { headers: { "Content-Length": length } });
    await assert.rejects(open({ fetch: forging }), { code: "range-not-supported" }, length);
  }
  const squeezed = gzipSync(small);
  behave = answer({ "Content-Length": squeezed.length, "Content-Encoding": "gzip" }, squeezed);
  await assert.rejects(open(), { code: "range-not-supported" });
});

test("a server that calls a range beyond a small file's end unsatisfiable is asked without one", async () => {
  const small = Buffer.from(await encrypt("attack at dawn", PASSPHRASE, QUICK));
  // As workbox, dufs and others do, with the size or without it.
  for (const headers of [{}, { "Content-Range": `bytes */${small.length}` }]) {
    behave = (request, response) => {
      const { range } = request.headers;
      const end = Number(/-(\d+)$/.exec(range)?.[1]);
      if (range === undefined)
        response.writeHead(200, { "Content-Length": small.length }).end(small);
      else if (end >= small.length) response.writeHead(416, headers).end("no such range");
      else serve(request, response, { bytes: small });
    };
    asked.length = 0;
    const reader = await AgeReader.open(url, PASSPHRASE);
    assert.equal(Buffer.from(await reader.read()).toString(), "attack at dawn");
    assert.deepEqual(
      asked.map(({ range }) => range),
      ["bytes=0-65535", undefined],
    );
    reader.close();
    // Whoever knows the size is not refused.
    asked.length = 0;
    (await AgeReader.open(url, PASSPHRASE, { size: small.length })).close();
    assert.deepEqual(
      asked.map(({ range }) => range),
      [`bytes=0-${small.length - 1}`],
    );
  }
  // One that is large after all is not read, nor is one that says 416 to everything.
  behave = (request, response) =>
    request.headers.range ? response.writeHead(416).end() : response.end(file);
  await assert.rejects(AgeReader.open(url, PASSPHRASE), { code: "range-not-supported" });
  behave = (_, response) => response.writeHead(416).end();
  await assert.rejects(AgeReader.open(url, PASSPHRASE), { code: "source-changed" });
});

test("a last byte that is beyond the file's end is the file's last byte", async () => {
  const small = Buffer.from(await encrypt("attack at dawn", PASSPHRASE, QUICK));
  const range = `bytes 0-${small.length}/${small.length}`;
  behave = (_, response) => response.writeHead(206, { "Content-Range": range }).end(small);
  const reader = await AgeReader.open(url, PASSPHRASE);
  assert.equal(Buffer.from(await reader.read()).toString(), "attack at dawn");
  reader.close();
});

test("the rest of an answer that is refused is cancelled, where fetch() hears no signal", async () => {
  const ANSWERS = {
    "another status": { status: 500 },
    "the whole file": { status: 200 },
    "too much": { status: 206, headers: { "Content-Range": `bytes 0-9/10` } },
    "an empty file": { status: 416, headers: { "Content-Range": "bytes */0" } },
  };
  for (const [what, answer] of Object.entries(ANSWERS)) {
    let cancelled = false;
    const body = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(100)),
      cancel: () => void (cancelled = true),
    });
    const fetch = async () => new Response(body, answer);
    await assert.rejects(AgeReader.open("x", PASSPHRASE, { fetch }));
    assert.ok(cancelled, what);
  }
});

test("nothing compressed is asked for, whatever the host's fetch() asks for by itself", async () => {
  behave = serve;
  const wanted = [];
  const spied = (input, init) => {
    wanted.push(new Headers(init.headers).get("Accept-Encoding"));
    return fetch(input, init);
  };
  const reader = await AgeReader.open(url, PASSPHRASE, { fetch: spied });
  assert.deepEqual(wanted, ["identity", "identity"]);
  reader.close();
});

test("a hundred reads fetch exactly the chunks that they cover, none twice while it is kept", async () => {
  const reader = await opened({ cacheBytes: CHUNKS * CHUNK });
  const payload = file.length - (plaintext.length + CHUNKS * 16);
  asked.length = 0;
  const random = new Random(2);
  const wanted = new Set();
  for (let i = 0; i < 100; i += 1) {
    const start = random.below(plaintext.length - 4096);
    const bytes = await reader.read(start, start + 4096);
    assert.ok(Buffer.from(bytes).equals(plaintext.subarray(start, start + 4096)));
    for (let at = Math.floor(start / CHUNK); at * CHUNK < start + 4096; at += 1) wanted.add(at);
  }
  wanted.delete(CHUNKS - 1);
  const fetched = asked.flatMap(({ range }) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range).map(Number);
    const count = (to + 1 - from) / SEALED;
    assert.ok(Number.isInteger(count) && (from - payload) % SEALED === 0, range);
    return Array.from({ length: count }, (_, i) => (from - payload) / SEALED + i);
  });
  assert.deepEqual(
    fetched.sort((a, b) => a - b),
    [...wanted].sort((a, b) => a - b),
  );
  reader.close();
});

test("Content-Range that a page may not read: the option size stands in for it", async () => {
  const hidden = (input, init) =>
    fetch(input, init).then((response) => {
      const headers = new Headers(response.headers);
      headers.delete("Content-Range");
      return new Response(response.body, { status: response.status, headers });
    });
  behave = serve;
  await assert.rejects(AgeReader.open(url, PASSPHRASE, { fetch: hidden }), {
    code: "range-not-supported",
  });
  const reader = await AgeReader.open(url, PASSPHRASE, { fetch: hidden, size: file.length });
  assert.equal(reader.size, plaintext.length);
  reader.close();
});

const whole = (request, response) => response.end(file);
const BLOCK = Buffer.alloc(CHUNK);
/** Sends for ever, until it is cut off. */
const endless = (request, response) => {
  response.writeHead(200);
  const send = () => !response.destroyed && response.write(BLOCK, () => setImmediate(send));
  send();
};
const withHeaders =
  (headers, more = {}) =>
  (request, response) =>
    serve(request, response, { headers, ...more });
const replaced = () => Buffer.concat([file, Buffer.alloc(5)]);

/** Behaviour: on opening, and on a read later. */
const TABLE = {
  "ignores Range": [whole, "range-not-supported", "range-not-supported"],
  "ignores Range, and never ends": [endless, "range-not-supported", "range-not-supported"],
  "answers 416": [
    (_, response) => response.writeHead(416).end(),
    "source-changed",
    "source-changed",
  ],
  "answers 403": [
    (_, response) => response.writeHead(403).end("no"),
    "source-failed",
    "source-failed",
  ],
  "answers 500": [
    (_, response) => response.writeHead(500).end("no"),
    "source-failed",
    "source-failed",
  ],
  "starts elsewhere": [
    withHeaders({ "Content-Range": "bytes 1-65536/3000000" }, {}),
    "source-failed",
    "source-changed",
  ],
  "sends as many bytes from elsewhere, and says so": [
    (request, response) => {
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range).map(Number);
      const at = start === 0 ? 1 : start - 1;
      const part = file.subarray(at, at + end + 1 - start);
      const range = `bytes ${at}-${at + part.length - 1}/${file.length}`;
      response.writeHead(206, { "Content-Range": range, ETag: '"one"' });
      response.end(part);
    },
    "source-failed",
    "source-failed",
  ],
  "sends too little": [
    withHeaders({ Connection: "close" }, { body: (part) => part.subarray(1) }),
    "source-failed",
    "source-failed",
  ],
  "sends too much": [
    withHeaders({ Connection: "close" }, { body: (part) => Buffer.concat([part, part]) }),
    "source-failed",
    "source-failed",
  ],
  "breaks off": [
    (request, response) => {
      const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range).map(Number);
      response.writeHead(206, {
        "Content-Range": `bytes ${start}-${end}/${file.length}`,
        "Content-Length": end + 1 - start,
      });
      response.write(file.subarray(start, start + 100), () => response.destroy());
    },
    "source-failed",
    "source-failed",
  ],
  "has something in between that encodes": [
    withHeaders({ "Content-Encoding": "x-shrunk" }),
    "range-not-supported",
    "range-not-supported",
  ],
  "shrinks with gzip": [
    withHeaders({ "Content-Encoding": "gzip" }, { body: (part) => gzipSync(part) }),
    "range-not-supported",
    "range-not-supported",
  ],
  "answers in several parts": [
    withHeaders({ "Content-Type": "multipart/byteranges; boundary=x", "Content-Range": "parts" }),
    "range-not-supported",
    "range-not-supported",
  ],
  "has another file by now, of another size": [
    (request, response) => serve(request, response, { bytes: replaced() }),
    undefined,
    "source-changed",
  ],
  "has another file by now, of the same size": [
    withHeaders({ ETag: '"two"' }),
    undefined,
    "source-changed",
  ],
  "closes the connection": [
    (request) => request.socket.destroy(),
    "source-failed",
    "source-failed",
  ],
  "redirects for ever": [
    (_, response) => response.writeHead(302, { Location: url }).end(),
    "source-failed",
    "source-failed",
  ],
};

describe("a server that", () => {
  for (const [what, [behaviour, onOpening, later]] of Object.entries(TABLE)) {
    test(`${what}: ${onOpening} on opening, ${later} later`, async () => {
      const reader = await opened();
      behave = behaviour;
      const before = process.memoryUsage().arrayBuffers;
      const isCode = (code) => (error) => error instanceof SourceError && error.code === code;
      await assert.rejects(reader.read(0, 9), isCode(later));
      if (onOpening) await assert.rejects(AgeReader.open(url, PASSPHRASE), isCode(onOpening));
      // Never the whole file: two answers' beginnings at most.
      assert.ok(process.memoryUsage().arrayBuffers - before < 2 * file.length);
      behave = serve;
      assert.ok(Buffer.from(await reader.read(0, 9)).equals(plaintext.subarray(0, 9)));
      reader.close();
    });
  }

  test("sends the whole of a gigabyte, says its length or not: it is cut off after what its connection holds", async () => {
    for (const headers of [{}, { "Content-Length": 2 ** 30 }]) {
      const reader = await opened();
      let sent;
      behave = (request, response) => {
        const { socket } = request;
        const before = socket.bytesWritten;
        sent = new Promise((resolve) =>
          response.on("close", () => resolve(socket.bytesWritten - before)),
        );
        response.writeHead(200, headers);
        const send = () => !response.destroyed && response.write(BLOCK, () => setImmediate(send));
        send();
      };
      await assert.rejects(reader.read(0, 9), { code: "range-not-supported" });
      // What the two ends of a connection hold on their way, and no more.
      assert.ok((await sent) < 32 * 2 ** 20, String(await sent));
      reader.close();
    }
  });

  for (const total of ["9007199254740992", "9".repeat(30), "9".repeat(400)])
    test(`names a size of ${total.length} digits that no file has: source-failed`, async () => {
      behave = (request, response) => serve(request, response, { total });
      await assert.rejects(AgeReader.open(url, PASSPHRASE), { code: "source-failed" });
    });

  test("sends one byte at a time: read, and one byte too many is source-failed", async () => {
    const small = Buffer.from(await encrypt(plaintext.subarray(0, 3000), PASSPHRASE, QUICK));
    for (const extra of [0, 1]) {
      const single = (_, { headers }) => {
        const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.get("Range")).map(Number);
        const part = Buffer.concat([small.subarray(from, to + 1), Buffer.alloc(extra)]);
        let at = 0;
        const body = new ReadableStream({
          pull(controller) {
            if (at < part.length) controller.enqueue(Uint8Array.of(part[at++]));
            else controller.close();
          },
        });
        const range = `bytes ${from}-${Math.min(to, small.length - 1)}/${small.length}`;
        const answer = { status: 206, headers: { "Content-Range": range } };
        return Promise.resolve(new Response(body, answer));
      };
      const opening = AgeReader.open("x", PASSPHRASE, { fetch: single });
      if (extra > 0) await assert.rejects(opening, { code: "source-failed" });
      else assert.deepEqual(await (await opening).read(), plaintext.subarray(0, 3000));
    }
  });

  test("says that the file is empty, and goes on sending: it is cut off", async () => {
    let cut;
    const closed = new Promise((resolve) => (cut = resolve));
    behave = (request, response) => {
      response.writeHead(416, { "Content-Range": "bytes */0" });
      const timer = setInterval(() => response.write("x".repeat(1000)), 5);
      response.on("close", () => (clearInterval(timer), cut()));
    };
    await assert.rejects(AgeReader.open(url, PASSPHRASE), { code: "truncated" });
    await closed;
  });

  test("has an empty file: truncated", async () => {
    behave = (_, response) => response.writeHead(416, { "Content-Range": "bytes */0" }).end();
    await assert.rejects(AgeReader.open(url, PASSPHRASE), { code: "truncated" });
  });

  test("forbids HEAD, and redirects to a signed URL: read", async () => {
    behave = (request, response) => {
      if (request.method !== "GET") response.writeHead(403).end();
      else if (request.url.includes("signed")) serve(request, response);
      else response.writeHead(302, { Location: `${url}?signed` }).end();
    };
    const reader = await AgeReader.open(url, PASSPHRASE);
    assert.ok(Buffer.from(await reader.read(-9)).equals(plaintext.subarray(-9)));
    reader.close();
  });

  test("has weak or no ETags: read", async () => {
    let count = 0;
    behave = (request, response) =>
      serve(request, response, { headers: { ETag: `W/"${count++}"` } });
    const reader = await AgeReader.open(url, PASSPHRASE);
    await reader.read(0, 9);
    reader.close();
  });

  test("stalls: source-failed after thirty seconds, and the signal ends it before", async (t) => {
    const reader = await opened();
    behave = () => undefined;
    const abort = new AbortController();
    const waiting = assert.rejects(reader.read(0, 9, { signal: abort.signal }), {
      name: "AbortError",
    });
    abort.abort();
    await waiting;
    t.mock.timers.enable({ apis: ["setTimeout"] });
    const stalled = assert.rejects(reader.read(0, 9), { code: "source-failed" });
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    t.mock.timers.tick(30_000);
    await stalled;
    reader.close();
  });
});

test("a FileHandle is read at any place, and left open", async () => {
  const folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-reader-"));
  const path = join(folder, "file.age");
  writeFileSync(path, file);
  const handle = await open(path, "r");
  const reader = await AgeReader.open(handle, PASSPHRASE);
  assert.ok(
    Buffer.from(await reader.read(CHUNK - 5, CHUNK + 5)).equals(
      plaintext.subarray(CHUNK - 5, CHUNK + 5),
    ),
  );
  // Cut short meanwhile.
  writeFileSync(path, file.subarray(0, 1000));
  await assert.rejects(reader.read(5 * CHUNK, 5 * CHUNK + 9), { code: "source-failed" });
  reader.close();
  assert.equal((await handle.stat()).size, 1000);
  await handle.close();
  rmSync(folder, { recursive: true });
});
