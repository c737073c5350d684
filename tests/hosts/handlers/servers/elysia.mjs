/** elysia. Its own send() makes JSON text of a Uint8Array: the raw socket's sends bytes. */
import { Elysia } from "elysia";
import { converse, stats } from "./conversation.mjs";

const handled = new Map();

const server = new Elysia()
  .get("/stats", () => stats())
  .ws("/:path", {
    open(ws) {
      const { raw, id } = ws;
      handled.set(
        id,
        converse(
          {
            send: (data) => raw.send(data) !== 0,
            close: (code, reason) => raw.close(code, reason),
            bufferedAmount: () => raw.getBufferedAmount(),
          },
          `/${ws.data.params.path}`,
        ),
      );
    },
    // Text was parsed by now: whatever is no bytes is the peer's mistake.
    message: (ws, data) =>
      handled.get(ws.id)?.message(data instanceof Uint8Array ? data : String(data)),
    drain: (ws) => handled.get(ws.id)?.drain(),
    close(ws, code, reason) {
      handled.get(ws.id)?.closed(code, reason);
      handled.delete(ws.id);
    },
  })
  .listen({ port: 0, hostname: "127.0.0.1" });
console.log(server.server.port);
