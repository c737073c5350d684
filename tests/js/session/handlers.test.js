/**
 * fromSocketHandlers() in each kind of server that calls functions: with a browser, with the Python
 * reference, and with clients that come, flood, stall and go. `CONNECTIONS=1000 node --test
 * tests/js/session/handlers.test.js` is the whole of it: `npm run test:handlers`.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { AgeRtDecryptStream, AgeRtEncryptStream, fromWebSocket } from "age-rt-wasm";
import { build } from "esbuild";
import { WebSocket } from "ws";
import { bun, nodes, output, workerd } from "../../hosts/programs.mjs";
import { consumer } from "../../hosts/project.mjs";
import { launch } from "../browser/engines.mjs";
import { site } from "../browser/site.mjs";
import { python } from "../lib/repository.js";

const CONNECTIONS = Number(process.env.CONNECTIONS ?? 60);
const AT_ONCE = 50;
/**
 * workerd evicts an object that did nothing for ten seconds, with its sockets left open; in
 * milliseconds.
 */
const HIBERNATES = 12_000;
/** How often it may be asked whether it has been evicted. */
const SILENCES = 5;
/** How long what ends by itself may take, in milliseconds. */
const LIMIT_MS = 60_000;
/**
 * The package may keep 64 KiB of each connection in either direction, and hosts have buffers of
 * their own.
 */
const MOST_GROWTH = 400 * 2 ** 20;
const PASSPHRASE = "correct horse battery staple";
const PYTHON = fileURLToPath(new URL("peer/client.py", import.meta.url));

const folder = consumer("handlers", "servers");
const servers = {
  "Bun.serve": () => started(bun, ["bun.mjs"]),
  "hono on Bun": () => started(bun, ["hono-bun.mjs"]),
  "hono on Node": () => started(nodes[22], ["--expose-gc", "hono-node.mjs"]),
  elysia: () => started(bun, ["elysia.mjs"]),
  "workerd, a Durable Object that may hibernate": durableObject,
};

async function started(program, args) {
  const child = spawn(program, args, { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await Promise.race([
    once(createInterface({ input: child.stdout }), "line"),
    once(child, "exit").then(([status]) => Promise.reject(new Error(`it ended with ${status}`))),
  ]);
  return { port: Number(line), child };
}

async function durableObject() {
  await build({
    entryPoints: [join(folder, "workerd.mjs")],
    outfile: join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd", "worker", "module", "import"],
    plugins: [
      {
        name: "wasm-modules",
        setup({ onResolve }) {
          onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => {
            cpSync(join(resolveDir, path), join(folder, basename(path)));
            return { path: `./${basename(path)}`, external: true };
          });
        },
      },
    ],
  });
  writeFileSync(
    join(folder, "room.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .main)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
  v8Flags = ["--expose-gc"],
);
const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js"), (name = "age_rt.wasm", wasm = embed "age_rt.wasm")],
  compatibilityDate = "2026-11-01",
  durableObjectNamespaces = [(className = "Room", uniqueKey = "room")],
  durableObjectStorage = (inMemory = void),
  bindings = [(name = "ROOM", durableObjectNamespace = "Room")],
);
`,
  );
  const child = spawn(workerd, ["serve", "room.capnp", "--control-fd=3"], {
    cwd: folder,
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const [line] = await once(createInterface({ input: child.stdio[3] }), "line");
  return { port: JSON.parse(line).port, child };
}

let pages;
let browser;
before(async () => {
  pages = await site();
  browser = await launch("chromium");
});
after(async () => {
  await browser?.close();
  await pages?.close();
});

/** Says three messages and hears them again; runs in a page too. */
async function echoed(age, url, passphrase) {
  const socket = age.fromWebSocket(new WebSocket(url));
  const said = ["Hello", "", "World"];
  const source = new ReadableStream({
    start(controller) {
      for (const text of said) controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
  const heard = [];
  const hear = async () => {
    const incoming = socket.readable.pipeThrough(
      new age.AgeRtDecryptStream(passphrase, { closeAtFinal: true }),
    );
    const reader = incoming.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read())
      heard.push(new TextDecoder().decode(next.value));
  };
  const say = source
    .pipeThrough(new age.AgeRtEncryptStream(passphrase, { workFactor: 10 }))
    .pipeTo(socket.writable, { preventClose: true });
  await Promise.all([say, hear()]);
  socket.close();
  return { heard, closed: await socket.closed };
}

const EXPECTED = ["Hello", "", "World"];

for (const [name, start] of Object.entries(servers)) {
  describe(name, () => {
    let server;
    let url;
    before(async () => {
      server = await start();
      url = `ws://127.0.0.1:${server.port}`;
    });
    after(async () => {
      if (!server) return;
      const gone = once(server.child, "exit");
      server.child.kill();
      await gone;
    });
    const stats = async () => ({
      ...(await (await fetch(`http://127.0.0.1:${server.port}/stats`)).json()),
      rss: resident(server.child.pid),
    });

    let quiet;
    if (name.startsWith("workerd"))
      // It waits while the others run: nothing else happens in its room.
      before(async () => void (quiet = await silence(`${url}/echo?room=quiet`)));

    test("with the npm package ws", async () => {
      globalThis.WebSocket = WebSocket;
      const age = { AgeRtDecryptStream, AgeRtEncryptStream, fromWebSocket };
      const { heard, closed } = await echoed(age, `${url}/echo`, PASSPHRASE);
      assert.deepEqual(heard, EXPECTED);
      assert.equal(closed.code, 1000);
    });

    test("with a browser", async () => {
      const page = await browser.newPage();
      await page.goto(`${pages.origin}/page`);
      const { heard, closed } = await page.evaluate(
        async (text, url, passphrase) => {
          const age = await import("age-rt-wasm");
          return new Function(`return ${text}`)()(age, url, passphrase);
        },
        echoed.toString(),
        `${url}/echo`,
        PASSPHRASE,
      );
      await page.close();
      assert.deepEqual(heard, EXPECTED);
      assert.equal(closed.code, 1000);
    });

    test("with the Python reference", async () => {
      const printed = await output(python(), [PYTHON, `${url}/echo`, PASSPHRASE], folder);
      assert.deepEqual(JSON.parse(printed), EXPECTED);
    });

    test(
      `${CONNECTIONS} connections that come, flood, stall and go`,
      { timeout: 300_000 },
      async () => {
        const before = await stats();
        const codes = new Set();
        for (let i = 0; i < CONNECTIONS; i += AT_ONCE)
          await Promise.all(
            Array.from({ length: Math.min(AT_ONCE, CONNECTIONS - i) }, (_, j) =>
              BEHAVIOURS[(i + j) % BEHAVIOURS.length](`${url}/stall`, codes, name),
            ),
          );
        let last;
        const end = performance.now() + LIMIT_MS;
        do {
          last = await stats();
          // An evicted object's sockets have ended without a word to it.
          if (last.ended - before.ended === CONNECTIONS && last.alive <= 2) break;
          await new Promise((resolve) => setTimeout(resolve, 50));
        } while (performance.now() < end);
        assert.equal(last.opened - before.opened, CONNECTIONS);
        assert.equal(last.ended - before.ended, CONNECTIONS, "connections that have ended");
        assert.ok(last.alive <= 2, `${last.alive} sockets are still in memory`);
        assert.ok(last.rss - before.rss < MOST_GROWTH, `${last.rss - before.rss} bytes`);
        if (!name.includes("Node")) assert.ok(codes.has(1009), `closed with ${[...codes]}`);
      },
    );

    if (name.startsWith("workerd"))
      test("an object that was evicted says so with 1012, and the next connection works", async () => {
        let told;
        for (let i = 0; i < SILENCES && !told?.error; i += 1) told = await quiet.speak();
        const { error, closed } = told;
        assert.equal(error?.code, "socket-closed");
        assert.equal(closed.code, 1012);
        const age = { AgeRtDecryptStream, AgeRtEncryptStream, fromWebSocket };
        const { heard } = await echoed(age, `${url}/echo?room=quiet`, PASSPHRASE);
        assert.deepEqual(heard, EXPECTED);
      });
  });
}

/** A conversation that pauses for so long that a Durable Object is evicted. */
async function silence(url) {
  const socket = fromWebSocket(new WebSocket(url));
  const encrypt = new AgeRtEncryptStream(PASSPHRASE, { workFactor: 10 });
  encrypt.readable.pipeTo(socket.writable).catch(() => undefined);
  const writer = encrypt.writable.getWriter();
  const reader = socket.readable.pipeThrough(new AgeRtDecryptStream(PASSPHRASE)).getReader();
  const say = (text) => writer.write(new TextEncoder().encode(text));
  await say("Hello");
  assert.equal(new TextDecoder().decode((await reader.read()).value), "Hello");
  let since = performance.now();
  return {
    /**
     * One more message, after a silence.
     *
     * @returns what the reader fails with, and how the socket was closed; nothing where it was
     * answered, since the object is still there: the machine may have been late to evict it.
     */
    async speak() {
      const left = HIBERNATES - (performance.now() - since);
      await new Promise((resolve) => setTimeout(resolve, left));
      say("Are you there?").catch(() => undefined);
      const error = await reader.read().then(
        () => undefined,
        (error) => error,
      );
      since = performance.now();
      return error && { error, closed: await socket.closed };
    },
  };
}

/** What the process takes, in bytes. Not all hosts tell it themselves. */
function resident(pid) {
  return 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))[1]);
}

/** A client: it opens a socket, and does what its kind does until the socket is closed. */
function client(url, act) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket
      .on("error", reject)
      .on("close", resolve)
      .on("open", () => act(socket));
  });
}

const BEHAVIOURS = [
  (url) => client(url, (socket) => socket.terminate()),
  (url) => client(url, (socket) => socket.close(1000)),
  // It sends more than may wait, and nobody reads there.
  async (url, codes, name) => {
    const code = await client(url, (socket) => {
      for (let i = 0; i < 8; i += 1) socket.send(new Uint8Array(32_768));
      // One that can hold it back does, and would not hear a polite close either. Of the others
      // one has to close first, however long that takes it.
      const timer = setInterval(() => {
        if (name.includes("Node") || codes.has(1009)) socket.terminate();
      }, 2000);
      socket.on("close", () => clearInterval(timer));
    });
    codes.add(code);
  },
  // It reads nothing of what comes without end.
  (url) =>
    client(url, (socket) => {
      socket.pause();
      setTimeout(() => socket.terminate(), 200);
    }),
];
