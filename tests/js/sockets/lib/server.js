/** WebSocket servers of the npm package ws, on a free port of this machine. */
import { once } from "node:events";
import { createServer } from "node:net";
import { WebSocketServer } from "ws";

/**
 * @param onSocket - gets every socket that a client opens.
 * @returns { url, sockets, close() }
 */
export async function webSocketServer(onSocket, options = {}) {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
  await once(server, "listening");
  server.on("connection", (socket, request) => {
    socket.on("error", () => undefined);
    onSocket(socket, request);
  });
  return {
    url: `ws://127.0.0.1:${server.address().port}/`,
    async close() {
      for (const socket of server.clients) socket.terminate();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A server that takes connections and never says a word. */
export async function silentServer() {
  const connections = new Set();
  const server = createServer((connection) => {
    connections.add(connection);
    connection.on("error", () => undefined).resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `ws://127.0.0.1:${server.address().port}/`,
    connections,
    async close() {
      for (const connection of connections) connection.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
