#!/bin/sh
# Versions: nanotar 0.3.0 writes; Python's tarfile reads, and tar-stream 3.2.2 writes beside it.
# Behaviour: a name of a .tar has 100 bytes; longer ones need one of three extensions. nanotar reads them and
# writes none: createTar() cuts the name without an error. Two files in a deep folder become two entries
# of one name, here that of the folder. tar-stream writes a pax header.
# Source: https://github.com/unjs/nanotar/pull/74
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages nanotar@0.3.0 tar-stream@3.2.2

cat > write.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { createTar } from "nanotar";
import tar from "tar-stream";

const names = ["one.age", "two.age"].map((name) => "f/".repeat(50) + name);
writeFileSync("nanotar", createTar(names.map((name) => ({ name, data: name }))));
const pack = tar.pack();
for (const name of names) pack.entry({ name }, name);
pack.finalize();
writeFileSync("tar-stream", await buffer(pack));
JS
cat > read.py <<'PY'
import tarfile

for writer in ("tar-stream", "nanotar"):
    for entry in tarfile.open(writer):
        print(f"{writer}: {len(entry.name)} characters, ending in {entry.name[-9:]}, {entry.size} bytes")
PY
node write.mjs
python3 read.py > output
seen output <<'END'
tar-stream: 107 characters, ending in f/one.age, 107 bytes
tar-stream: 107 characters, ending in f/two.age, 107 bytes
nanotar: 100 characters, ending in /f/f/f/f/, 107 bytes
nanotar: 100 characters, ending in /f/f/f/f/, 107 bytes
END
