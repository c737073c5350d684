/** Bun's server. */
import { converse, stats } from "./conversation.mjs";

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request, server) {
    const path = new URL(request.url).pathname;
    if (path === "/stats") return Response.json(await stats());
    if (server.upgrade(request, { data: { path } })) return undefined;
    return new Response("Expected a WebSocket", { status: 426 });
  },
  websocket: {
    open(ws) {
      ws.data.handled = converse(
        {
          // 0: dropped; -1: it waits, and drain() will be called.
          send: (data) => ws.send(data) !== 0,
          close: (code, reason) => ws.close(code, reason),
          bufferedAmount: () => ws.getBufferedAmount(),
        },
        ws.data.path,
      );
    },
    message: (ws, data) => ws.data.handled.message(data),
    drain: (ws) => ws.data.handled.drain(),
    close: (ws, code, reason) => ws.data.handled.closed(code, reason),
  },
});
console.log(server.port);
