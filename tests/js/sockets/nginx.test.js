/**
 * What SOCKETS.md says of nginx: which of its settings hold a live response or upload back, and
 * which let it through.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, describe, test } from "node:test";
import { WebSocket, WebSocketServer } from "ws";
import {
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  fromWebSocket,
  messages,
} from "age-rt-wasm";
import { root } from "../lib/repository.js";
import { nginx } from "./lib/nginx.js";

const PASSPHRASE = "behind a proxy";
const QUICK = { workFactor: 1 };
/** What it says in its block of nginx's language, by location and without the address. */
const SAID = Object.fromEntries(
  [...nginxBlock().matchAll(/^location (\S+) \{\n(.*?)^\}/gms)].map(([, location, directives]) => [
    location,
    directives.replaceAll(/ #.*/g, "").replace(/proxy_pass [^;]+;/, ""),
  ]),
);
/**
 * How long an end waits for the other to have seen the first message: briefly where it is held
 * back, for good where it is not.
 */
const [BRIEFLY, LONG] = [700, 20_000];

const utf8 = (text) => new TextEncoder().encode(text);
const text = (bytes) => new TextDecoder().decode(bytes);

let server;
let behind;
/** Answers the next request. */
let answer;
before(async () => {
  server = createServer((request, response) => void answer(request, response));
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket) => {
    // Before the first await: what comes while nobody listens is lost.
    const { readable, writable } = fromWebSocket(socket);
    readable
      .pipeThrough(new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true }))
      .pipeThrough(new AgeRtEncryptStream(PASSPHRASE, QUICK))
      .pipeTo(writable, { preventClose: true })
      .catch(() => undefined);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  behind = `127.0.0.1:${server.address().port}`;
});
after(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));

async function through(directives, task) {
  const proxy = await nginx(behind, directives);
  try {
    return await task(proxy.host);
  } finally {
    await proxy.close();
  }
}

/** A signal between two ends, which may never come. */
function flag() {
  let raise;
  const raised = new Promise((resolve) => (raise = resolve));
  return {
    raise,
    within: (ms) => Promise.race([raised.then(() => true), sleep(ms, false, { ref: false })]),
  };
}

/**
 * @returns whether the first message is read while the server has more to say; and all that was
 * read
 */
function liveResponse(directives, patience, headers = {}) {
  return through(directives, async (host) => {
    const seen = flag();
    let inTime;
    answer = async (_, response) => {
      response.writeHead(200, { "Content-Type": "application/octet-stream", ...headers });
      const encoder = await AgeRtEncoder.create(PASSPHRASE, QUICK);
      response.write(encoder.getHeader());
      response.write(encoder.encodeChunk(utf8("Hello"), false));
      inTime = await seen.within(patience);
      response.end(encoder.encodeChunk(utf8("World"), true));
    };
    const { body } = await fetch(`http://${host}/`);
    const read = [];
    for await (const message of messages(body.pipeThrough(new AgeRtDecryptStream(PASSPHRASE)))) {
      read.push(text(message));
      seen.raise();
    }
    return { inTime, read };
  });
}

/**
 * @returns whether the first message is with the server while the client has more to say; and all
 * that came
 */
function liveUpload(directives, patience) {
  return through(directives, async (host) => {
    const seen = flag();
    const read = [];
    answer = async (request, response) => {
      const decrypted = ReadableStream.from(request).pipeThrough(
        new AgeRtDecryptStream(PASSPHRASE),
      );
      for await (const message of messages(decrypted)) {
        read.push(text(message));
        seen.raise();
      }
      response.end("thanks");
    };
    const stream = new AgeRtEncryptStream(PASSPHRASE, QUICK);
    const writer = stream.writable.getWriter();
    const init = { method: "POST", body: stream.readable, duplex: "half" };
    const fetched = fetch(`http://${host}/`, init);
    await writer.write(utf8("Hello"));
    const inTime = await seen.within(patience);
    await writer.write(utf8("World"));
    await writer.close();
    assert.equal(await (await fetched).text(), "thanks");
    return { inTime, read };
  });
}

const ALL = ["Hello", "World"];

function nginxBlock() {
  const text = readFileSync(join(root, "pkg-template", "SOCKETS.md"), "utf8");
  return /^```nginx\n(.*?)^```/ms.exec(text)[1];
}

test("the document has both locations", () =>
  assert.deepEqual(Object.keys(SAID), ["/", "/socket"]));

describe("a live response", () => {
  test("is held back by nginx as it comes", async () => {
    assert.deepEqual(await liveResponse("", BRIEFLY), { inTime: false, read: ALL });
  });

  test("passes at once with what the document says", async () => {
    assert.deepEqual(await liveResponse(SAID["/"], LONG), { inTime: true, read: ALL });
  });

  test("passes at once where the server says X-Accel-Buffering: no", async () => {
    const headers = { "X-Accel-Buffering": "no" };
    assert.deepEqual(await liveResponse("", LONG, headers), { inTime: true, read: ALL });
  });

  test("gzip does not hold it back where buffering is off: nginx flushes what it has", async () => {
    const gzip = "gzip on; gzip_types *; gzip_min_length 1;";
    const directives = `${SAID["/"]} ${gzip}`;
    assert.deepEqual(await liveResponse(directives, LONG), { inTime: true, read: ALL });
  });

  for (const version of ["1.0", "1.1"])
    test(`that is lost behind nginx over HTTP ${version} is an error, never an end`, () =>
      through(SAID["/"].replace("1.1", version), async (host) => {
        answer = async (_, response) => {
          const encoder = await AgeRtEncoder.create(PASSPHRASE, QUICK);
          response.write(encoder.getHeader());
          response.write(encoder.encodeChunk(utf8("Hello"), false), () => response.destroy());
        };
        const { body } = await fetch(`http://${host}/`);
        const read = [];
        await assert.rejects(
          async () => {
            const stream = body.pipeThrough(new AgeRtDecryptStream(PASSPHRASE));
            for await (const message of messages(stream)) read.push(text(message));
          },
          version === "1.0" ? { code: "truncated" } : { message: "terminated" },
        );
        assert.deepEqual(read, ["Hello"]);
      }));
});

describe("a live upload", () => {
  test("is held back by nginx as it comes", async () => {
    assert.deepEqual(await liveUpload("", BRIEFLY), { inTime: false, read: ALL });
  });

  test("is held back over HTTP 1.0, whatever else is said", async () => {
    const directives = SAID["/"].replace("1.1", "1.0");
    assert.deepEqual(await liveUpload(directives, BRIEFLY), { inTime: false, read: ALL });
  });

  test("passes at once with what the document says", async () => {
    assert.deepEqual(await liveUpload(SAID["/"], LONG), { inTime: true, read: ALL });
  });
});

describe("an upload of 2 MiB", () => {
  const upload = (directives) =>
    through(directives, async (host) => {
      let length = 0;
      answer = async (request, response) => {
        for await (const part of request) length += part.length;
        response.end(String(length));
      };
      const file = new Blob([new Uint8Array(2 ** 21)]);
      const body = await new Response(
        file.stream().pipeThrough(new AgeEncryptStream(PASSPHRASE, QUICK)),
      ).blob();
      const { status } = await fetch(`http://${host}/`, { method: "POST", body });
      return status === 200 ? length === body.size : status;
    });

  test("is refused with 413 by nginx as it comes", async () => {
    assert.equal(await upload(""), 413);
  });

  test("passes with what the document says", async () => {
    assert.equal(await upload(SAID["/"]), true);
  });
});

describe("a WebSocket", () => {
  test("opens with the Upgrade headers, and messages pass both ways", () =>
    through(SAID["/socket"], async (host) => {
      const socket = fromWebSocket(new WebSocket(`ws://${host}/`));
      const outgoing = new AgeRtEncryptStream(PASSPHRASE, QUICK);
      const incoming = new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true });
      const read = [];
      await Promise.all([
        outgoing.readable.pipeTo(socket.writable, { preventClose: true }),
        (async () => {
          const writer = outgoing.writable.getWriter();
          for (const message of ALL) await writer.write(utf8(message));
          await writer.close();
        })(),
        (async () => {
          for await (const message of messages(socket.readable.pipeThrough(incoming)))
            read.push(text(message));
        })(),
      ]);
      socket.close();
      assert.deepEqual(read, ALL);
    }));

  test("does not open without them: a SocketError", () =>
    through("", async (host) => {
      answer = (_, response) => response.writeHead(400).end();
      const { opened, closed } = fromWebSocket(new WebSocket(`ws://${host}/`));
      closed.catch(() => undefined);
      await assert.rejects(opened, { code: "socket-closed" });
    }));
});
