#!/bin/sh
# Versions: bun 1.4.5 and deno 2.9.6, beside Node; express 5.3.0 and compression as a server.
# Behaviour: the Fetch standard lets fetch() ask for "identity" where a request has a Range, so that a part
# of a file is not a part of its compressed form. Bun asks for gzip, br and zstd there too, and servers
# that compress on the fly, as express does with compression, answer with a compressed part.
# Source: https://github.com/whatwg/fetch/pull/751
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages bun@1.4.5 deno@2.9.6 express@5.3.0 compression@1.8.1
node node_modules/bun/install.js >&2

mkdir files
head -c 10000 /dev/zero | tr '\0' a > files/armored.txt
cat > serve.mjs <<'JS'
import { spawn } from "node:child_process";
import compression from "compression";
import express from "express";

const app = express();
app.use((request, _, next) => {
  console.log(`asked for ${request.headers["accept-encoding"]}`);
  next();
});
app.use(compression(), express.static("files"));
const server = app.listen(0, "127.0.0.1", async () => {
  const { port } = server.address();
  for (const command of [[process.execPath], ["node_modules/.bin/deno", "run", "-A"], ["node_modules/.bin/bun"]]) {
    const [program, ...rest] = command;
    const child = spawn(program, [...rest, "ask.mjs", String(port)], { stdio: "inherit" });
    await new Promise((resolve) => child.once("close", resolve));
  }
  server.close();
});
JS
cat > ask.mjs <<'JS'
const host = globalThis.Bun ? "bun" : globalThis.Deno ? "deno" : "node";
const url = `http://127.0.0.1:${process.argv[2]}/armored.txt`;
const { status, headers } = await fetch(url, { headers: { Range: "bytes=0-4999" } });
console.log(`${host}: ${status}, ${headers.get("content-range")}, ${headers.get("content-encoding")}`);
JS
node serve.mjs > output
seen output <<'END'
asked for identity
node: 206, bytes 0-4999/10000, null
asked for identity
deno: 206, bytes 0-4999/10000, null
asked for gzip, deflate, br, zstd
bun: 206, bytes 0-4999/10000, br
END
