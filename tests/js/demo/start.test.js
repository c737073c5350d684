/** What a person meets before any file: browsers that cannot, the keyboard, dropping. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

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
      const nested = join(folder, "nested");
      await mkdir(join(nested, "deeper"), { recursive: true });
      for (const name of ["a.txt", "b.txt", "deeper/c.txt"])
        await writeFile(join(nested, name), name);

      for (const [path, shown, button] of [
        [plain, "plain.txt", "Encrypt and save"],
        [encrypted, "encrypted.age", "Decrypt and save"],
        [nested, "3 files", "Encrypt and save"],
      ]) {
        await visitor.drop(path);
        await visitor.page.waitForFunction(
          (name) => document.querySelector("#chosen-name").textContent === name,
          {},
          shown,
        );
        assert.equal(await visitor.text("#file-submit"), button);
      }
    }));
});
