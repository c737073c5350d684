#!/bin/sh
# Versions: bun 1.4.5, beside Node's fs.openAsBlob().
# Behaviour: a new Blob of one Bun.file() contains it. A new Blob of several parts leaves out those that
# lie in a file, slices of files too, and says the size of the rest. A header before a payload, or a part
# of a file after another, is lost without an error. openAsBlob() in Bun gives such a file as well.
# Source: https://github.com/oven-sh/bun/issues/25851
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages bun@1.4.5
node node_modules/bun/install.js >&2

printf 0123456789 > ten
cat > make.mjs <<'JS'
import { openAsBlob } from "node:fs";

const host = globalThis.Bun ? "bun" : "node";
const file = globalThis.Bun ? Bun.file("ten") : await openAsBlob("ten");
const show = async (what, parts) => {
  const blob = new Blob(parts);
  console.log(`${host}: ${what}: ${blob.size} bytes, "${await blob.text()}"`);
};
await show("file", [file]);
await show("text, file", ["head ", file]);
await show("text, slice", ["head ", file.slice(2, 5)]);
await show("file, file", [file, file]);
JS
{ node_modules/.bin/bun make.mjs; node --no-warnings make.mjs; } > output
seen output <<'END'
bun: file: 10 bytes, "0123456789"
bun: text, file: 5 bytes, "head "
bun: text, slice: 5 bytes, "head "
bun: file, file: 0 bytes, ""
node: file: 10 bytes, "0123456789"
node: text, file: 15 bytes, "head 0123456789"
node: text, slice: 8 bytes, "head 234"
node: file, file: 20 bytes, "01234567890123456789"
END
