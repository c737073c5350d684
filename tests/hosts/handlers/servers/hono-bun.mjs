/** hono on Bun. Its own send() does not tell that a message was dropped: the socket behind it does. */
import { Hono } from "hono";
import { upgradeWebSocket, websocket } from "hono/bun";
import { converse, stats } from "./conversation.mjs";

const app = new Hono();
app.get("/stats", async (c) => c.json(await stats()));
app.get(
  "/*",
  upgradeWebSocket((c) => {
    let handled;
    return {
      onOpen(_, ws) {
        handled = converse(
          {
            send: (data) => ws.raw.send(data) !== 0,
            close: (code, reason) => ws.close(code, reason),
            bufferedAmount: () => ws.raw.getBufferedAmount(),
          },
          c.req.path,
        );
      },
      onMessage: ({ data }) => handled.message(data),
      onClose: ({ code, reason }) => handled.closed(code, reason),
    };
  }),
);
console.log(Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: app.fetch, websocket }).port);
