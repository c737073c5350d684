#!/bin/sh
# Versions: deno 2.9.6, bun 1.4.5.
# Behaviour: the WebSocket standard gives a connection that was lost without a close frame, or never
# opened, the close code 1006. Deno's close event says 0, which no list of close codes has; Bun says 1006.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages deno@2.9.6 bun@1.4.5
node node_modules/bun/install.js >&2

cat > lose.mjs <<'JS'
import { createHash } from "node:crypto";
import { createServer } from "node:net";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
// Answers the handshake, and closes the TCP connection without a close frame.
const server = createServer((socket) => {
  socket.on("error", () => undefined);
  socket.once("data", (request) => {
    const [, key] = /sec-websocket-key: (.*)\r/i.exec(request.toString());
    const accept = createHash("sha1").update(key + GUID).digest("base64");
    const head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";
    socket.write(`${head}Sec-WebSocket-Accept: ${accept}\r\n\r\n`);
    setTimeout(() => socket.destroy(), 200);
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const host = globalThis.Deno ? "deno" : "bun";
const { port } = server.address();
const closed = (url) =>
  new Promise((resolve) => {
    const socket = new WebSocket(url);
    socket.onerror = () => undefined;
    socket.onclose = resolve;
  });
console.log(`${host}: lost ${(await closed(`ws://127.0.0.1:${port}/`)).code}`);
server.close();
console.log(`${host}: refused ${(await closed(`ws://127.0.0.1:${port}/`)).code}`);
process.exit();
JS
{ node_modules/.bin/deno run --quiet --allow-all lose.mjs; node_modules/.bin/bun lose.mjs; } > output
seen output <<'END'
deno: lost 0
deno: refused 0
bun: lost 1006
bun: refused 1006
END
