/**
 * What the examples find around them: the names that stand for the reader's own things, a server, a
 * folder with files. And what they did to it, each held against what it should be.
 */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { WebSocket, WebSocketServer } from "ws";
import {
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  decrypt,
  encodeBytes,
  encrypt,
  fromWebSocket,
  passphraseRecipient,
} from "age-rt-wasm";
import { identity, recipient } from "age-rt-wasm/recipients";
import { openSession } from "age-rt-wasm/session";
import { root } from "../../lib/repository.js";
import { MINE, THEIRS } from "./example-keys.js";

export const PASSPHRASE = "correct horse battery staple";
export const REPORT = "Nothing happened. ".repeat(10_000);
const MESSAGES = ["Hello", "World"];
const QUICK = { workFactor: 1 };
const NAME = "report.pdf";

const utf8 = (text) => new TextEncoder().encode(text);
const text = (bytes) => new TextDecoder().decode(bytes);

export class World {
  /** Lines that were printed, chunks that were shown, bodies that were uploaded. */
  printed = [];
  #shown = [];
  #uploads = [];
  #written = [];
  #closed = false;
  /** The reader's own server, which an example may listen to. */
  #served = new EventEmitter();
  #globals = {};
  #home = process.cwd();

  /**
   * `page` answers requests of its own first, as `serve()` has it: for pages that see this world
   * from a browser.
   */
  static async create({ page } = {}) {
    const world = new World();
    world.page = page;
    world.folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-examples-"));
    world.encrypted = await encrypt(REPORT, PASSPHRASE, QUICK);
    world.forYou = await encrypt(REPORT, recipient(MINE.recipient));
    world.live = encodeBytes(MESSAGES.map(utf8), await AgeRtEncoder.create(PASSPHRASE, QUICK));
    world.server = createServer((request, response) => void world.#answer(request, response));
    world.sockets = new WebSocketServer({ server: world.server });
    world.sockets.on("connection", (socket, { url }) =>
      url === "/server"
        ? world.#served.emit("connection", socket)
        : void world.#converse(socket, PEERS[url] ?? echo),
    );
    await new Promise((resolve) => world.server.listen(0, "localhost", resolve));
    world.host = `localhost:${world.server.address().port}`;
    return world;
  }

  /** Nothing has happened yet; `wrong` is what will go wrong on the way. */
  begin(wrong) {
    this.wrong = wrong;
    this.#uploads = [];
  }

  /** Puts everything in its place, under the names that examples use. */
  enter({ passphrase = PASSPHRASE, wrong } = {}) {
    this.begin(wrong);
    this.printed = [];
    this.complaints = [];
    this.#shown = [];
    this.#written = [];
    this.#closed = false;
    this.#served.echoed = false;
    writeFileSync(join(this.folder, NAME), REPORT);
    writeFileSync(join(this.folder, `${NAME}.age`), this.#cut(this.encrypted));
    process.chdir(this.folder);
    const destination = new WritableStream({
      write: (part) => void this.#written.push(part),
      close: () => void (this.#closed = true),
    });
    const fetchHere = globalThis.fetch;
    this.#set({
      passphrase,
      mine: MINE.identity,
      theirs: THEIRS.recipient,
      url: `ws://${this.host}/`,
      WebSocket,
      server: this.#served,
      file: new File([REPORT], NAME),
      encrypted: new Blob([this.#cut(this.encrypted)]),
      chunks: MESSAGES.map(utf8),
      source: streamOf(MESSAGES.map(utf8)),
      origin: `http://${this.host}`,
      destination,
      handle: { createWritable: async () => destination },
      show: (chunk) => void this.#shown.push(text(chunk)),
      fetch: async (path, options) => {
        const abort = new AbortController();
        const request = { ...options, signal: abort.signal };
        const response = await fetchHere(new URL(path, `http://${this.host}`), request);
        if (wrong === "abort") abort.abort();
        return response;
      },
      console: {
        ...console,
        warn: (...values) => void this.complaints.push(values.join(" ")),
        error: (...values) => void this.complaints.push(values.join(" ")),
        log: (...values) =>
          void this.printed.push(
            values.map((value) => (typeof value === "string" ? value : inspect(value))).join(" "),
          ),
      },
    });
  }

  /**
   * Where the example has made a server: a client that sends at once, or with which something goes
   * wrong. Echoes count as printed.
   */
  async visitServer() {
    if (this.#served.listenerCount("connection") === 0) return;
    const socket = new WebSocket(`ws://${this.host}/server`);
    socket.on("error", () => undefined);
    await once(socket, "open");
    if (this.wrong) await this.#converse(socket, echo);
    else {
      const echoed = [];
      const ends = fromWebSocket(socket);
      // Sent before the server's listener can have looked anything up.
      const sending = streamOf([this.live]).pipeTo(ends.writable, { preventClose: true });
      const incoming = new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true });
      const reading = ends.readable
        .pipeThrough(incoming)
        .pipeTo(new WritableStream({ write: (part) => void echoed.push(text(part)) }));
      const settled = await Promise.allSettled([sending, reading]);
      if (settled.every(({ status }) => status === "fulfilled")) {
        assert.deepEqual(echoed, MESSAGES);
        this.#served.echoed = true;
      }
    }
    socket.close();
    this.#served.removeAllListeners();
  }

  leave() {
    process.chdir(this.#home);
    for (const [name, descriptor] of Object.entries(this.#globals)) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
    this.#globals = {};
  }

  /** Asserts that everything that was done is right. @returns how many things were done. */
  async check() {
    let effects = this.printed.length;
    if (this.#shown.length > 0) {
      effects += 1;
      assert.ok(
        [REPORT, MESSAGES.join("")].includes(this.#shown.join("")),
        `shown: ${this.#shown.join("").slice(0, 100)}`,
      );
    }
    if (this.#written.length > 0) {
      effects += 1;
      assert.ok(this.#closed, "the destination was not closed");
      await isReport(Buffer.concat(this.#written));
    }
    effects += await this.checkUploads();
    if (this.#served.echoed) effects += 1;
    const onDisk = readFileSync(join(this.folder, `${NAME}.age`));
    if (!onDisk.equals(this.encrypted)) {
      effects += 1;
      await isReport(onDisk);
    }
    return effects;
  }

  /** Asserts that what was uploaded is right. @returns how many uploads there were. */
  async checkUploads() {
    for (const { body, size } of this.#uploads) {
      if (size !== undefined) assert.equal(body.length, Number(size));
      await isReport(body);
    }
    return this.#uploads.length;
  }

  async close() {
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Where the body is cut, half of it, which is not the header alone. */
  #cut(bytes) {
    return this.wrong === "cut" ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes;
  }

  #set(values) {
    for (const [name, value] of Object.entries(values)) {
      this.#globals[name] ??= Object.getOwnPropertyDescriptor(globalThis, name) ?? null;
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    }
  }

  /** The other end of a socket, or what may go wrong with it. */
  async #converse(socket, politely) {
    if (this.wrong === "cut") socket.close(1000);
    else if (this.wrong === "lost") socket.terminate();
    else if (this.wrong === "abort") socket.send("a text, where only bytes belong");
    else await politely(socket);
  }

  async #answer(request, response) {
    if (await this.page?.(new URL(request.url, `http://${this.host}`), response, request)) return;
    const parts = [];
    for await (const part of request) parts.push(part);
    if (request.method === "POST")
      this.#uploads.push({ body: Buffer.concat(parts), size: request.headers["x-size"] });
    const files = {
      [`/${NAME}.age`]: this.encrypted,
      "/for-you.age": this.forYou,
      "/live": this.live,
      "/upload": "",
      "/age_rt.wasm": readFileSync(
        join(root, "node_modules", "age-rt-wasm", "dist", "age_rt.wasm"),
      ),
    };
    const found = files[request.url] && this.#cut(files[request.url]);
    if (this.wrong === "lost" && found) {
      response.writeHead(200, { Connection: "close", "Content-Length": found.length });
      response.write(found.subarray(0, Math.floor(found.length / 2)), () => response.destroy());
      return;
    }
    // A connection that idles is closed some day, perhaps under the next example's request.
    response.writeHead(found === undefined ? 404 : 200, { Connection: "close" }).end(found);
  }
}

/** What is written must be the report or the messages, as they are or encrypted, armored or not. */
async function isReport(bytes) {
  const plain = /^(age-encryption\.org\/|github\.com\/|-----BEGIN AGE)/.test(
    bytes.subarray(0, 30).toString("latin1"),
  )
    ? // Or with the passphrase that examples change it to, or for whom they know.
      await decrypt(bytes, PASSPHRASE)
        .catch(() => decrypt(bytes, "the new passphrase"))
        .catch(() => decrypt(bytes, identity(THEIRS.identity)))
    : bytes;
  assert.ok(
    [REPORT, MESSAGES.join("")].includes(text(plain)),
    `written: ${text(plain).slice(0, 100)}`,
  );
}

/** The other end of a socket: reads messages and says each again. */
function echo(socket) {
  return echoWith(
    socket,
    new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true }),
    new AgeRtEncryptStream(PASSPHRASE, QUICK),
  );
}

/** The same with keys. */
function echoWithKeys(socket) {
  return echoWith(
    socket,
    new AgeRtDecryptStream(identity(THEIRS.identity), { closeAtFinal: true }),
    new AgeRtEncryptStream(recipient(MINE.recipient)),
  );
}

async function echoWith(socket, incoming, outgoing) {
  const { readable, writable } = fromWebSocket(socket);
  await readable
    .pipeThrough(incoming)
    .pipeThrough(outgoing)
    .pipeTo(writable)
    // The example has its own say about a socket that fails.
    .catch(() => undefined);
}

/** The same in a session. */
async function converse(socket) {
  try {
    const { readable, writable } = await openSession(fromWebSocket(socket), {
      key: { encrypt: passphraseRecipient(PASSPHRASE, QUICK), decrypt: PASSPHRASE },
      role: "server",
      peerRole: "client",
    });
    await readable.pipeTo(writable);
  } catch {
    // The example has its own say about a session that fails.
  }
}

const PEERS = { "/session": converse, "/keys": echoWithKeys };

function streamOf(chunks) {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
}
