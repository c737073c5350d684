/** hono on Node. The socket behind its own is the npm package ws's, which can pause. */
import { serve, upgradeWebSocket } from "@hono/node-server";
import { Hono } from "hono";
import { WebSocketServer } from "ws";
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
            send: (data) =>
              new Promise((resolve, reject) => {
                ws.raw.send(data, (error) => (error ? reject(error) : resolve()));
              }),
            close: (code, reason) => ws.raw.close(code, reason),
            pause: () => ws.raw.pause(),
            resume: () => ws.raw.resume(),
          },
          c.req.path,
        );
      },
      onMessage: ({ data }) => handled.message(data),
      onError: ({ error }) => handled.error(error),
      onClose: ({ code, reason }) => handled.closed(code, reason),
    };
  }),
);
const sockets = new WebSocketServer({ noServer: true });
serve(
  { fetch: app.fetch, port: 0, hostname: "127.0.0.1", websocket: { server: sockets } },
  ({ port }) => console.log(port),
);
