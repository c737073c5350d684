/** What a person meets before any file: browsers that cannot, the keyboard, dropping. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { armor } from "age-rt-wasm";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

/** A disk that takes its time to list a folder. */
function withSlowFolders() {
  const { webkitGetAsEntry } = DataTransferItem.prototype;
  DataTransferItem.prototype.webkitGetAsEntry = function () {
    const entry = webkitGetAsEntry.call(this);
    const { createReader } = entry;
    entry.createReader = () => {
      const reader = createReader.call(entry);
      return {
        readEntries: (...answers) => setTimeout(() => reader.readEntries(...answers), 500),
      };
    };
    return entry;
  };
}

function withoutWebAssembly() {
  delete window.WebAssembly;
}

describe("at the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-start-"));
  });
  after(async () => {
    await site?.close();
    await rm(folder, { recursive: true });
  });

  async function visited(scripts, visit) {
    const visitor = await Visitor.arrive(site.url, ...scripts);
    try {
      await visit(visitor);
      assert.deepEqual(visitor.complaints, []);
    } finally {
      await visitor.leave();
    }
  }

  test("a browser without WebAssembly is told so, and what to do", () =>
    visited([withoutWebAssembly], async (visitor) => {
      assert.match(await visitor.text("#unsupported"), /WebAssembly switched off/);
      assert.equal(await visitor.text("#tool"), "");
    }));

  test("the tabs are one stop of the Tab key, with arrows between them, and have addresses", () =>
    visited([], async ({ page }) => {
      const focused = () => page.evaluate(() => document.activeElement.id);
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "tab-files");
      await page.keyboard.press("ArrowRight");
      assert.equal(await focused(), "tab-text");
      assert.equal(new URL(page.url()).hash, "#text");
      await page.keyboard.press("Tab");
      assert.equal(await focused(), "text-input");
      await page.reload({ waitUntil: "networkidle0" });
      assert.equal(await page.$eval("#files", (panel) => panel.hidden), true);
    }));

  test("the passphrase can be shown and hidden", () =>
    visited([], async (visitor) => {
      const types = () =>
        visitor.page.$$eval("#files .passphrase input", (inputs) => inputs.map(({ type }) => type));
      await visitor.page.focus("#files .passphrase button");
      await visitor.page.keyboard.press("Space");
      assert.deepEqual(await types(), ["text", "text"]);
      await visitor.page.keyboard.press("Space");
      assert.deepEqual(await types(), ["password", "password"]);
    }));

  test("what is dropped anywhere is taken: a file, an encrypted one, a folder", () =>
    visited([], async (visitor) => {
      const plain = join(folder, "plain.txt");
      await writeFile(plain, "plain");
      const encrypted = join(folder, "encrypted.age");
      await writeFile(encrypted, "age-encryption.org/v1\n");
      const download = join(folder, "download.age");
      await writeFile(download, "<!doctype html>Not found");
      const wide = join(folder, "wide.txt");
      const armored = armor(new TextEncoder().encode("age-encryption.org/v1"));
      await writeFile(wide, Buffer.from(`\ufeffDear Ben,\r\n${armored}`, "utf16le"));
      const named = join(folder, "named.txt");
      await writeFile(named, "-----BEGIN AGE ENCRYPTED");
      const nested = join(folder, "nested");
      await mkdir(join(nested, "deeper"), { recursive: true });
      for (const name of ["a.txt", "b.txt", "deeper/c.txt"])
        await writeFile(join(nested, name), name);

      for (const [path, shown, button] of [
        [plain, "plain.txt.age", "Encrypt and save"],
        [encrypted, "encrypted", "Decrypt and save"],
        [download, "download", "Decrypt and save"],
        [wide, "wide.txt.decrypted", "Decrypt and save"],
        [named, "named.txt.decrypted", "Decrypt and save"],
        [nested, "nested.zip.age", "Encrypt and save"],
      ]) {
        await visitor.page.$eval("#remove-all", (button) => button.click());
        await visitor.drop(path);
        await visitor.page.waitForFunction(
          (name) => document.querySelector("#will-be-name").textContent === name,
          {},
          shown,
        );
        assert.equal(await visitor.text("#file-submit"), button);
      }
    }));

  test("of two drops both stay in their order, however long the earlier takes", () =>
    visited([withSlowFolders], async (visitor) => {
      const slow = join(folder, "slow");
      await mkdir(slow);
      await writeFile(join(slow, "a.txt"), "a");
      const quick = join(folder, "quick.txt");
      await writeFile(quick, "quick");
      await visitor.drop(slow);
      await visitor.drop(quick);
      await visitor.page.waitForSelector("#chosen li:nth-child(2)");
      assert.deepEqual(
        await visitor.page.$$eval("#chosen bdi", (names) => names.map((name) => name.textContent)),
        ["slow/a.txt", "quick.txt"],
      );
    }));

  test("a dropped folder without a file is told so, and what was chosen stays", () =>
    visited([], async (visitor) => {
      const file = join(folder, "first.txt");
      await writeFile(file, "first");
      await visitor.choose(file);
      const empty = join(folder, "empty");
      await mkdir(join(empty, "emptier"), { recursive: true });
      await visitor.drop(empty);
      await visitor.page.waitForSelector("#file-notice:not(:empty)");
      assert.match(await visitor.text("#file-notice"), /no file in that folder/);
      assert.equal(
        await visitor.page.$eval("#will-be-name", (name) => name.textContent),
        "first.txt.age",
      );
    }));
});
