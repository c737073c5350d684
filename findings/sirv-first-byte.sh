#!/bin/sh
# Version: sirv 3.0.2. Vite 7.3.8 contains it, and its two servers do the same; so does s3rver 3.7.1.
# Behaviour: `Range: bytes=0-0`, with which many readers of ranges ask for the size, is answered with the
# whole file, because an end of 0 counts as no end. `bytes=-4` is answered with the first five bytes and
# not with the last four. Both are a 206 with a Content-Range that is right for what was sent.
# Source of the second: https://github.com/lukeed/sirv/issues/155
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages sirv@3.0.2

mkdir files
printf 0123456789 > files/ten
cat > ask.mjs <<'JS'
import { createServer, get } from "node:http";
import sirv from "sirv";

const server = createServer(sirv("files")).listen(0, "127.0.0.1");
await new Promise((resolve) => server.once("listening", resolve));
const { port } = server.address();
for (const range of ["bytes=0-1", "bytes=0-0", "bytes=4-", "bytes=-4"]) {
  const options = { port, host: "127.0.0.1", path: "/ten", agent: false, headers: { range } };
  const response = await new Promise((resolve) => get(options, resolve));
  let body = "";
  for await (const part of response) body += part;
  console.log(`${range}: ${response.statusCode}, ${response.headers["content-range"]}, ${body}`);
}
server.close();
JS
node ask.mjs > output
seen output <<'END'
bytes=0-1: 206, bytes 0-1/10, 01
bytes=0-0: 206, bytes 0-9/10, 0123456789
bytes=4-: 206, bytes 4-9/10, 456789
bytes=-4: 206, bytes 0-4/10, 01234
END
