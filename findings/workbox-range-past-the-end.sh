#!/bin/sh
# Versions: workbox-range-requests 7.4.1, beside send 1.2.1 (what express serves files with).
# Behaviour: HTTP lets a range end beyond the file and means what is left: so one asks for "the first
# 64 KiB" of a file whose size is not known. workbox, which answers ranges from a service worker's cache,
# calls that unsatisfiable for every file that is shorter, and does not name the size, by which one could
# ask again. One byte too many is answered, with a last byte that the file does not have.
# Source, of the same in a server: https://github.com/sigoden/dufs/issues/735
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages workbox-range-requests@7.4.1 send@1.2.1

mkdir files
printf 0123456789 > files/ten
cat > ask.mjs <<'JS'
import { createServer } from "node:http";
import send from "send";

const server = createServer((request, response) =>
  send(request, request.url, { root: "files" }).pipe(response),
).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const url = `http://127.0.0.1:${server.address().port}/ten`;

// What a service worker has around it.
globalThis.self = globalThis;
globalThis.registration = { scope: "" };
const { createPartialResponse } = await import("workbox-range-requests");

const ANSWERS = {
  send: (request) => fetch(request),
  workbox: (request) => createPartialResponse(request, new Response("0123456789")),
};
for (const range of ["bytes=0-9", "bytes=0-10", "bytes=0-65535", "bytes=4-"])
  for (const [name, answer] of Object.entries(ANSWERS)) {
    const response = await answer(new Request(url, { headers: { range } }));
    const body = response.status === 206 ? await response.text() : "nothing";
    const at = response.headers.get("content-range") ?? "no Content-Range";
    console.log(`${range}, ${name}: ${response.status}, ${at}, ${body}`);
  }
server.close();
server.closeAllConnections();
JS
NODE_ENV=production node ask.mjs > output
seen output <<'END'
bytes=0-9, send: 206, bytes 0-9/10, 0123456789
bytes=0-9, workbox: 206, bytes 0-9/10, 0123456789
bytes=0-10, send: 206, bytes 0-9/10, 0123456789
bytes=0-10, workbox: 206, bytes 0-10/10, 0123456789
bytes=0-65535, send: 206, bytes 0-9/10, 0123456789
bytes=0-65535, workbox: 416, no Content-Range, nothing
bytes=4-, send: 206, bytes 4-9/10, 456789
bytes=4-, workbox: 206, bytes 4-9/10, 456789
END
