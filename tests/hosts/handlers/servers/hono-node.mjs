/** hono on Node. The socket behind its own is the npm package ws's, which can pause. */
import { serve, upgradeWebSocket } from "@hono/node-server";
import { WebSocketServer } from "ws";
import { routes } from "./hono.mjs";

const { fetch } = routes(upgradeWebSocket, (ws) => ({
  send: (data) =>
    new Promise((resolve, reject) => {
      ws.raw.send(data, (error) => (error ? reject(error) : resolve()));
    }),
  close: (code, reason) => ws.raw.close(code, reason),
  pause: () => ws.raw.pause(),
  resume: () => ws.raw.resume(),
}));
const sockets = new WebSocketServer({ noServer: true });
serve({ fetch, port: 0, hostname: "127.0.0.1", websocket: { server: sockets } }, ({ port }) =>
  console.log(port),
);
