/**
 * A .zip beyond 4 GiB, whose numbers the old format has no room for: written by the page, and read
 * by it. Takes 14 GiB of disk.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { AgeDecryptStream } from "age-rt-wasm";
import { python } from "../../lib/repository.js";
import { makeLargeFile } from "../lib/large-file.js";
import { startSite } from "../lib/site.js";
import { Visitor, withoutSavePicker } from "../lib/visitor.js";

/**
 * Beyond what 32 bits hold, so that both the size of a member and the place of the next need more.
 */
const SIZE = 2 ** 32 + 5000;
const PASSPHRASE = "a passphrase";
/** Python's own module, which checks every sum; and what the last file holds. */
const LOOK = `
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print([(i.filename, i.file_size, i.header_offset > 2**32) for i in z.infolist()])
print(z.read("note.txt").decode())
`;
Visitor.patience = 3_600_000;

describe("a .zip beyond 4 GiB in the demo page", { timeout: 3_600_000 }, () => {
  let site;
  let folder;
  let visitor;
  let encrypted;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-zip64-"));
    await makeLargeFile(join(folder, "large.bin"), SIZE);
    await writeFile(join(folder, "note.txt"), "a note");
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  test("Python unpacks what was encrypted, with every sum right", async () => {
    await visitor.choose(join(folder, "large.bin"), join(folder, "note.txt"));
    await visitor.type(PASSPHRASE);
    encrypted = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    assert.ok((await stat(encrypted)).size > SIZE);
    await rm(join(folder, "large.bin"));
    const archive = join(folder, "archive.zip");
    await pipeline(
      Readable.fromWeb(
        Readable.toWeb(createReadStream(encrypted)).pipeThrough(new AgeDecryptStream(PASSPHRASE)),
      ),
      createWriteStream(archive),
    );
    const { stdout } = await promisify(execFile)(python(), ["-c", LOOK, archive]);
    assert.equal(stdout, `[('large.bin', ${SIZE}, False), ('note.txt', 6, True)]\na note\n`);
    await rm(archive);
  });

  test("looked into, it lists both, and saves the one that lies beyond", async () => {
    await visitor.click("#again");
    await visitor.choose(encrypted);
    await visitor.type(PASSPHRASE);
    await visitor.click("#look");
    await visitor.page.waitForSelector(".members li");
    const names = await visitor.page.$$eval(".members bdi", (all) =>
      all.map((name) => name.textContent),
    );
    assert.deepEqual(names, ["large.bin", "note.txt"]);
    const saved = await visitor.download(() => visitor.click(".members li:last-child button"));
    assert.equal(await readFile(saved, "utf8"), "a note");
    assert.deepEqual(visitor.complaints, []);
  });
});
