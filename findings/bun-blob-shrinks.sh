#!/bin/sh
# Version: bun 1.4.5, beside Node's fs.openAsBlob().
# Behaviour: a Blob says its size when it is made. If its file is shorter by the time it is read, Node
# fails with NotReadableError, as browsers do. Bun gives the bytes that are left and ends without an
# error, while `size` still says the old number.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages bun@1.4.5
node node_modules/bun/install.js >&2

cat > read.mjs <<'JS'
import { openAsBlob, truncateSync, writeFileSync } from "node:fs";

writeFileSync("file", new Uint8Array(100_000));
const blob = globalThis.Bun ? Bun.file("file") : await openAsBlob("file");
const { size } = blob;
truncateSync("file", 1_000);
let read = 0;
let end = "ended";
try {
  const reader = blob.stream().getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) read += next.value.length;
} catch (error) {
  end = error.name;
}
console.log(`${globalThis.Bun ? "bun" : "node"}: size ${size}, read ${read}, ${end}, size ${blob.size}`);
JS
{ node_modules/.bin/bun read.mjs; node --no-warnings read.mjs; } > output
seen output <<'END'
bun: size 100000, read 1000, ended, size 100000
node: size 100000, read 0, NotReadableError, size 100000
END
