/**
 * A hundred megabytes for somebody who does not read: memory stays flat on our side, whichever side
 * that is.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { WebSocketServer } from "ws";
import { fileURLToPath } from "node:url";
import { runChild } from "../lib/child.js";
import { until } from "../lib/wait.js";
import { inRuntime } from "./lib/hosts.js";

const MIB = 1024 * 1024;
const MESSAGE = new Uint8Array(65_536);
const OFFERED = 1600;
/**
 * What a process may take more while 100 MiB go by: the queue, the system's pieces, and what the
 * collector has not collected.
 */
const FLAT = 48 * MIB;

/** A WebSocket server; a POST to it resumes the socket. */
async function serve(onSocket) {
  const http = createServer((request, response) => {
    for (const socket of server.clients) socket.resume();
    response.end();
  });
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  server.on("connection", onSocket);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `ws://127.0.0.1:${http.address().port}/`,
    close: () => new Promise((resolve) => http.close(resolve).closeAllConnections()),
  };
}

function watch(task, url) {
  return runChild(new URL("lib/memory-child.js", import.meta.url), {
    args: [task, url],
    flags: ["--expose-gc", "--max-semi-space-size=1"],
    timeoutMs: 240_000,
  });
}

async function flood(socket) {
  for (let i = 0; i < OFFERED; i += 1) socket.send(MESSAGE);
  socket.close(1000);
}

test("a flood while the reader sleeps, where the socket can pause: the peer waits, and all of it arrives", async (t) => {
  const server = await serve(flood);
  const { report } = await watch("flooded", server.url);
  await server.close();
  t.diagnostic(`${Math.round(report.growth / MIB)} MiB`);
  assert.equal(report.received, OFFERED * MESSAGE.length);
  assert.ok(report.growth < FLAT, `${report.growth} bytes`);
});

test("the same with Bun's own WebSocket, which can pause too", async () => {
  const server = await serve(flood);
  const received = await inRuntime(
    "Bun",
    fileURLToPath(new URL("lib/flood-child.js", import.meta.url)),
    [server.url],
  );
  await server.close();
  // With nothing to hold it back it would be far more than may wait.
  assert.equal(received, OFFERED * MESSAGE.length);
});

test("a flood while the reader sleeps, where it cannot: an error at the bound, and 1009 for the peer", async (t) => {
  let code;
  const server = await serve((socket) => {
    socket.on("error", () => undefined);
    socket.on("close", (told) => void (code = told));
    flood(socket).catch(() => undefined);
  });
  const { report } = await watch("flooded-without-pause", server.url);
  // It ends for the child first.
  await until(() => code !== undefined, 60_000);
  await server.close();
  t.diagnostic(`${Math.round(report.growth / MIB)} MiB`);
  assert.equal(report.code, "socket-overflow");
  assert.equal(report.readerCode, "socket-overflow");
  assert.ok(report.growth < FLAT, `${report.growth} bytes`);
  assert.equal(code, 1009);
});

test("a peer that stops reading: our writes wait, and go on when it does", async (t) => {
  let received = 0;
  const server = await serve((socket) => {
    socket.on("message", (data) => void (received += data.length));
    socket.pause();
  });
  const { report } = await watch("stalled", server.url);
  await server.close();
  t.diagnostic(
    `${Math.round(report.growth / MIB)} MiB, ${report.writtenBefore} of ${OFFERED} messages before it read`,
  );
  assert.ok(report.writtenBefore < OFFERED / 4, `${report.writtenBefore} messages`);
  assert.ok(report.growth < FLAT, `${report.growth} bytes`);
  assert.equal(report.written, OFFERED);
  assert.ok(received > OFFERED * MESSAGE.length);
});
