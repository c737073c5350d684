/** The routes of hono's two servers, which differ in what their sockets can do. */
import { Hono } from "hono";
import { converse, stats } from "./conversation.mjs";

/** @param handlersOf - the functions for one of hono's sockets. */
export function routes(upgradeWebSocket, handlersOf) {
  const app = new Hono();
  app.get("/stats", async (c) => c.json(await stats()));
  app.get(
    "/*",
    upgradeWebSocket((c) => {
      let handled;
      return {
        onOpen(_, ws) {
          handled = converse(handlersOf(ws), c.req.path);
        },
        onMessage: ({ data }) => handled.message(data),
        onError: ({ error }) => handled.error(error),
        onClose: ({ code, reason }) => handled.closed(code, reason),
      };
    }),
  );
  return app;
}
