#!/bin/sh
# Versions: elysia 1.4.30, bun 1.4.5.
# Behaviour: the socket that elysia hands to a message handler has a send() that takes a Uint8Array and
# sends it as JSON text, an object of its indexes. Bun's own socket, at `raw`, and sendBinary() send bytes.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages elysia@1.4.30 bun@1.4.5
node node_modules/bun/install.js >&2

cat > serve.mjs <<'JS'
import { Elysia } from "elysia";

const bytes = Uint8Array.of(1, 2, 3);
const app = new Elysia()
  .ws("/", {
    message(socket) {
      socket.send(bytes);
      socket.sendBinary(bytes);
      socket.raw.send(bytes);
    },
  })
  .listen({ port: 0, hostname: "127.0.0.1" });
const client = new WebSocket(`ws://127.0.0.1:${app.server.port}/`);
client.binaryType = "arraybuffer";
const names = ["send", "sendBinary", "raw.send"];
client.onopen = () => client.send("go");
client.onmessage = ({ data }) => {
  const name = names.shift();
  console.log(`${name}: ${typeof data === "string" ? `text ${data}` : `bytes ${new Uint8Array(data)}`}`);
  if (names.length === 0) process.exit();
};
JS
node_modules/.bin/bun serve.mjs > output
seen output <<'END'
send: text {"0":1,"1":2,"2":3}
sendBinary: bytes 1,2,3
raw.send: bytes 1,2,3
END
