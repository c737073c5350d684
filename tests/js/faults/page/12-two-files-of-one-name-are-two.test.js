/** An archive has no two files of one path: unpacking it would lose the first. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { Uint8ArrayReader, ZipReader } from "@zip.js/zip.js";
import { decrypt } from "age-rt-wasm";
import { withoutSavePicker } from "../../demo/lib/visitor.js";
import { PASSPHRASE, visiting } from "./lib/faulty.js";

const at = visiting(withoutSavePicker);

/** The paths in an archive of either kind. */
async function pathsOf(archive) {
  if (archive[0] !== 0x50)
    return execFileSync("tar", ["--list"], { input: archive, encoding: "utf8" }).trim().split("\n");
  const entries = await new ZipReader(new Uint8ArrayReader(archive)).getEntries();
  return entries.map(({ filename }) => filename);
}

test("two notes.txt of two folders", async () => {
  const chosen = [];
  for (const name of ["one", "two"]) {
    await mkdir(join(at.folder, name));
    chosen.push(join(at.folder, name, "notes.txt"));
    await writeFile(chosen.at(-1), name);
  }
  const { visitor } = at;
  const saved = await visitor.download(async () => {
    await visitor.choose(...chosen);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    await visitor.done();
  });
  const paths = await pathsOf(await decrypt(await readFile(saved), PASSPHRASE));
  assert.equal(new Set(paths).size, 2, paths.join());
});

test("a dropped folder without a file is told so", async () => {
  const empty = join(at.folder, "empty");
  await mkdir(empty);
  await at.visitor.click("#again");
  await at.visitor.choose(await at.file("chosen.txt", "chosen"));
  const before = await at.visitor.text("body");
  await at.visitor.drop(empty);
  await at.visitor.page.waitForFunction(
    (before) => document.body.innerText !== before,
    { timeout: 20_000 },
    before,
  );
});
