#!/bin/sh
# Versions: bun 1.4.5, beside Node's fs.openAsBlob().
# Behaviour: Bun.file().slice(-4), by which readers of zip, Parquet or age files get the end of a file, is
# the first four bytes. slice(0, -4) is the whole file, and slices say sizes beyond the file's. All of it is
# right as soon as somebody has looked at the `size` of that very object: until then Bun does not know it.
# Source: https://github.com/oven-sh/bun/pull/41257
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages bun@1.4.5
node node_modules/bun/install.js >&2

printf 0123456789 > ten
cat > slice.mjs <<'JS'
import { openAsBlob } from "node:fs";

const host = globalThis.Bun ? "bun" : "node";
for (const looked of globalThis.Bun ? [false, true] : [false])
  for (const [start, end] of [[-4], [0, -4], [6, 20]]) {
    const file = globalThis.Bun ? Bun.file("ten") : await openAsBlob("ten");
    const how = looked && file.size ? " after .size" : "";
    const slice = file.slice(start, end);
    console.log(`${host}${how}: slice(${[start, end]}): ${slice.size} bytes, "${await slice.text()}"`);
  }
JS
{ node_modules/.bin/bun slice.mjs; node --no-warnings slice.mjs; } > output
seen output <<'END'
bun: slice(-4,): 4 bytes, "0123"
bun: slice(0,-4): 4503599627370491 bytes, "0123456789"
bun: slice(6,20): 14 bytes, "6789"
bun after .size: slice(-4,): 4 bytes, "6789"
bun after .size: slice(0,-4): 6 bytes, "012345"
bun after .size: slice(6,20): 4 bytes, "6789"
node: slice(-4,): 4 bytes, "6789"
node: slice(0,-4): 6 bytes, "012345"
node: slice(6,20): 4 bytes, "6789"
END
