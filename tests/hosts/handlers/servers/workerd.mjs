/**
 * A Durable Object whose sockets may hibernate. What a stream knows does not outlive that: a
 * message for a socket which this object knows nothing of is answered with 1012, and its client
 * connects again.
 */
import { converse, stats } from "./conversation.mjs";

const RESTARTED = 1012;

export class Room {
  #ctx;
  #handled = new Map();

  constructor(ctx) {
    this.#ctx = ctx;
  }

  async fetch(request) {
    const path = new URL(request.url).pathname;
    if (path === "/stats") return Response.json(await stats());
    const [client, ws] = Object.values(new WebSocketPair());
    this.#ctx.acceptWebSocket(ws);
    this.#handled.set(
      ws,
      converse(
        {
          send: (data) => ws.send(data),
          close: (code, reason) => ws.close(code, reason),
        },
        path,
      ),
    );
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(ws, data) {
    const handled = this.#handled.get(ws);
    if (handled) handled.message(data);
    else ws.close(RESTARTED, "The server has forgotten this connection");
  }

  webSocketClose(ws, code, reason, wasClean) {
    this.#handled.get(ws)?.closed(wasClean ? code : 1006, reason);
    this.#handled.delete(ws);
  }

  webSocketError(ws, error) {
    this.#handled.get(ws)?.error(error);
    this.#handled.delete(ws);
  }
}

export default {
  /** Each room is an object of its own, which hibernates by itself. */
  fetch(request, { ROOM }) {
    const room = new URL(request.url).searchParams.get("room") ?? "room";
    return ROOM.get(ROOM.idFromName(room)).fetch(request);
  },
};
