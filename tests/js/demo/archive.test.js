/** Several files and folders as one archive, unpacked by other programs. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { python } from "../lib/repository.js";
import { startSite } from "./lib/site.js";
import { load } from "./lib/source.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";
const decode = fileURLToPath(new URL("lib/decode.py", import.meta.url));
/** Python's own module, which checks every sum. */
const UNZIP =
  "import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; z.extractall(sys.argv[2])";
/**
 * Reads from the front alone, as a program does that unpacks while it receives: without the list at
 * the end, what is in a file has to show where it ends. Prints names and sizes.
 */
const UNZIP_AS_IT_COMES = `
import json, struct, sys, zlib
data, at, found = sys.stdin.buffer.read(), 0, []
while data[at:at + 4] == b"PK\\x03\\x04":
    flags, method, *_, name_length, extra_length = struct.unpack_from("<2x2H2H3I2H", data, at + 4)
    assert method == 8, f"an end that does not show: method {method}"
    name = data[at + 30:at + 30 + name_length].decode()
    inflate = zlib.decompressobj(-15)
    contents = inflate.decompress(data[at + 30 + name_length + extra_length:])
    assert inflate.eof
    at = len(data) - len(inflate.unused_data)
    if flags & 8:
        assert data[at:at + 4] == b"PK\\x07\\x08"
        crc, _, size = struct.unpack_from("<3I", data, at + 4)
        assert (crc, size) == (zlib.crc32(contents), len(contents))
        at += 16
    found.append([name, len(contents)])
assert data[at:at + 4] == b"PK\\x01\\x02"
print(json.dumps(found))
`;
const execute = promisify(execFile);

describe("several files in the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-archive-"));
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  /**
   * Encrypts what was chosen, decrypts it with the reference, unpacks it.
   *
   * @returns the name of the result and the folder.
   */
  async function unpacked(type) {
    await visitor.type(PASSPHRASE);
    await visitor.page.$eval("#options", (options) => (options.open = true));
    await visitor.click(`#archive-${type}`);
    await visitor.page.$eval("#options", (options) => (options.open = false));
    const encrypted = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    await visitor.click("#again");
    const archive = join(folder, `archive.${type}`);
    await execute(python(), [decode, "age", PASSPHRASE, encrypted, archive]);
    const target = await mkdtemp(join(folder, "unpacked-"));
    const [program, ...args] =
      type === "tar"
        ? ["tar", "--extract", "--file", archive, "--directory", target]
        : [python(), "-c", UNZIP, archive, target];
    await execute(program, args, { env: { ...process.env, LC_ALL: "C.UTF-8" } });
    return [basename(encrypted), target];
  }

  test("300 small files, as a .zip", async () => {
    const paths = [];
    for (let i = 0; i < 300; i += 1) {
      const path = join(folder, `note ${i}.txt`);
      // Around the blocks of the archive, none among them.
      await writeFile(path, "x".repeat(i * 7));
      paths.push(path);
    }
    await visitor.choose(...paths);
    assert.match(await visitor.text("#drop"), /300 files/);
    const [name, target] = await unpacked("zip");
    assert.equal(name, "files.zip.age");
    assert.equal((await readdir(target)).length, 300);
    for (const path of paths)
      assert.deepEqual(await readFile(join(target, basename(path))), await readFile(path));
  });

  for (const type of ["zip", "tar"])
    test(`a folder as a .${type}, with names that the old formats have no room for`, async () => {
      const long = join("album", "long ".repeat(30).trim(), "naïve 🐎.txt");
      const files = { "album/one.txt": "1", [long]: "2", "album/a/b/c.bin": "3" };
      for (const [path, contents] of Object.entries(files)) {
        await mkdir(join(folder, path, ".."), { recursive: true });
        await writeFile(join(folder, path), contents);
      }
      const input = await visitor.page.$("#folder");
      await input.uploadFile(join(folder, "album"));
      await visitor.page.waitForSelector("#drop.filled");
      const [name, target] = await unpacked(type);
      assert.equal(name, `album.${type}.age`);
      for (const [path, contents] of Object.entries(files))
        assert.equal(await readFile(join(target, path), "utf8"), contents);
    });

  test("a .zip can be unpacked while it arrives", async () => {
    const { zip } = await load("src/archives/zip.ts");
    // Around the blocks that what is stored comes in.
    const sizes = [0, 1, 65_534, 65_535, 65_536, 131_070, 300_000];
    const entries = sizes.map((size) => ({
      path: `folder/${size}.bin`,
      file: new File([randomFillSync(Buffer.alloc(size))], "x"),
    }));
    const running = execute(python(), ["-c", UNZIP_AS_IT_COMES]);
    await pipeline(Readable.fromWeb(zip(entries)), running.child.stdin);
    const { stdout } = await running;
    assert.deepEqual(
      JSON.parse(stdout),
      sizes.map((size) => [`folder/${size}.bin`, size]),
    );
  });

  test("two files of one name are two files when they are unpacked", async () => {
    const { tar } = await load("src/tar.ts");
    const archive = join(folder, "same.tar");
    const entries = ["one", "two", "three"].map((text) => ({
      path: "notes.txt",
      file: new File([text], "notes.txt", { lastModified: 0 }),
    }));
    await writeFile(archive, Buffer.from(await tar(entries).arrayBuffer()));
    const target = await mkdtemp(join(folder, "same-"));
    await execute("tar", ["--extract", "--file", archive, "--directory", target]);
    const names = ["notes.txt", "notes (2).txt", "notes (3).txt"];
    assert.deepEqual(await Promise.all(names.map((name) => readFile(join(target, name), "utf8"))), [
      "one",
      "two",
      "three",
    ]);
  });

  test("nothing was complained of", () => {
    assert.deepEqual(visitor.complaints, []);
  });
});
