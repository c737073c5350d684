#!/bin/sh
# Versions: crossws 0.4.17, which is Nitro's and h3's WebSocket, on Node; ws 8.23.0 as the client.
# Behaviour: of a binary message, uint8Array() is the message, and arrayBuffer() is the memory that it was
# received in: the frame's header and its mask stand before the message. Under Node the names differ in
# more than the type. An age-rt stream that is fed from arrayBuffer() is damaged from its first byte on.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages crossws@0.4.17 ws@8.23.0

cat > serve.mjs <<'JS'
import { createServer } from "node:http";
import crossws from "crossws/adapters/node";
import { WebSocket } from "ws";

const message = await new Promise((resolve) => {
  const sockets = crossws({ hooks: { message: (peer, message) => resolve(message) } });
  const server = createServer().listen(0, "127.0.0.1", () => {
    const client = new WebSocket(`ws://127.0.0.1:${server.address().port}/`);
    client.on("open", () => client.send(Uint8Array.of(1, 2, 3)));
  });
  server.on("upgrade", sockets.handleUpgrade);
});
const bytes = new Uint8Array(message.arrayBuffer());
console.log(`uint8Array(): ${message.uint8Array().join()}`);
// A frame: 2 for binary and final, the length, four bytes of a random mask, and then the message.
console.log(`arrayBuffer(): ${bytes.slice(0, 2).join()}, four bytes, ${bytes.slice(6, 9).join()}`);
process.exit();
JS
timeout 20 node serve.mjs > output
seen output <<'END'
uint8Array(): 1,2,3
arrayBuffer(): 130,131, four bytes, 1,2,3
END
