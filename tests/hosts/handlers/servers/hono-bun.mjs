/**
 * hono on Bun. Its own send() does not tell that a message was dropped: the socket behind it does.
 */
import { upgradeWebSocket, websocket } from "hono/bun";
import { routes } from "./hono.mjs";

const { fetch } = routes(upgradeWebSocket, (ws) => ({
  send: (data) => ws.raw.send(data) !== 0,
  close: (code, reason) => ws.close(code, reason),
  bufferedAmount: () => ws.raw.getBufferedAmount(),
}));
console.log(Bun.serve({ port: 0, hostname: "127.0.0.1", fetch, websocket }).port);
