/**
 * Several files in the demo page: they are listed, added to and removed; each encrypted one is
 * decrypted; what comes next is said.
 */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { encrypt } from "age-rt-wasm";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";
const QUICK = { workFactor: 1 };

/** A folder in the private storage, where nobody can answer the dialog. */
function withFolderPicker() {
  delete Window.prototype.showSaveFilePicker;
  delete window.showSaveFilePicker;
  Object.defineProperty(UserActivation.prototype, "isActive", { get: () => true });
  window.showDirectoryPicker = async () => {
    window.asked = (window.asked ?? 0) + 1;
    const root = await navigator.storage.getDirectory();
    return root.getDirectoryHandle("picked", { create: true });
  };
}

describe("several files in the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;
  const paths = {};

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-several-"));
    for (const [name, contents] of Object.entries({
      "one.txt": "1",
      "two.txt": "2",
      "a.txt.age": await encrypt("A", PASSPHRASE, QUICK),
      "b.txt.age": await encrypt("B", "another one", QUICK),
      "c.txt.age": await encrypt("C", PASSPHRASE, QUICK),
    })) {
      paths[name] = join(folder, name);
      await writeFile(paths[name], contents);
    }
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  const names = (of = visitor) =>
    of.page.$$eval("#chosen bdi", (all) => all.map((name) => name.textContent));
  const willBe = () => visitor.page.$eval("#will-be-name", (name) => name.textContent);

  test("choosing again adds, each can be removed, and the result's name is shown before", async () => {
    await visitor.choose(paths["one.txt"]);
    assert.equal(await willBe(), "one.txt.age");
    await visitor.add(paths["two.txt"]);
    assert.deepEqual(await names(), ["one.txt", "two.txt"]);
    assert.equal(await willBe(), "files.zip.age");
    await visitor.click("#chosen li:first-child button");
    assert.deepEqual(await names(), ["two.txt"]);
    assert.equal(await willBe(), "two.txt.age");
    assert.equal(
      await visitor.page.evaluate(() => document.activeElement.getAttribute("aria-label")),
      "Remove two.txt",
    );
    await visitor.page.keyboard.press("Enter");
    assert.deepEqual(await names(), []);
    assert.equal(await visitor.page.evaluate(() => document.activeElement.id), "file");
  });

  test("a name that is too long loses its middle, and one from right to left stays whole", async () => {
    const long = `${"a very long name ".repeat(8)}(final).tar.gz`;
    const arabic = `${"تقرير ".repeat(12)}نهائي.pdf`;
    for (const name of [long, arabic]) await writeFile(join(folder, name), "x");
    await visitor.choose(join(folder, long), join(folder, arabic));
    const shown = await visitor.page.$$eval("#chosen bdi", (all) =>
      all.map((name) => [
        name.textContent,
        name.title,
        ...[...name.children].map((part) => part.textContent),
        getComputedStyle(name.children[0]).textOverflow,
        name.getBoundingClientRect().right <= name.closest("li").getBoundingClientRect().right,
      ]),
    );
    assert.deepEqual(shown, [
      [long, long, long.slice(0, -12), long.slice(-12), "ellipsis", true],
      [arabic, arabic, arabic.slice(0, -4), ".pdf", "ellipsis", true],
    ]);
    await visitor.page.evaluate(() => document.querySelector("#remove-all").click());
  });

  test("each encrypted file is decrypted; one that is not opened is named and stays chosen", async () => {
    await visitor.choose(paths["a.txt.age"], paths["b.txt.age"], paths["c.txt.age"]);
    assert.equal(await visitor.page.$eval("#action-decrypt", ({ checked }) => checked), true);
    assert.match(await visitor.text("#will-be"), /and 2 more/);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    assert.match(
      await visitor.failure(),
      /^Wrong passphrase: b\.txt\.age[^]*Decrypted and saved: a\.txt and c\.txt/,
    );
    assert.deepEqual(await names(), ["b.txt.age"]);
    await visitor.type("another one");
    const last = await visitor.download(async () => {
      await visitor.submit();
      assert.match(await visitor.done(), /b\.txt is among your downloads/);
    });
    assert.equal(await readFile(last, "utf8"), "B");
    assert.deepEqual((await readdir(visitor.downloads)).sort(), ["a.txt", "b.txt", "c.txt"]);
    assert.match(await visitor.text("#finished-where"), /newest file in your downloads/);
    await visitor.click("#again");
  });

  test("after decrypting it says what an archive is, and that a name shows no type", async () => {
    for (const [name, said] of [
      ["a.zip.age", /newest file[^]*an archive: open it/],
      ["b.tar.age", /newest file[^]*an archive: open it/],
      ["plain.txt.age", /newest file[^.]*\.[^.]*\.$/],
      ["version 1.2.age", /newest file[^]*does not show what kind[^]*ask the sender/],
      ["message", /newest file[^]*does not show what kind[^]*ask the sender/],
    ]) {
      await writeFile(join(folder, name), await readFile(paths["a.txt.age"]));
      await visitor.choose(join(folder, name));
      await visitor.type(PASSPHRASE);
      await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      });
      assert.match(await visitor.text("#finished-where"), said, name);
      await visitor.click("#again");
    }
  });

  test("after encrypting it says what to send, what to tell and where it is opened, and copies that", async () => {
    await visitor.choose(paths["one.txt"]);
    await visitor.type(PASSPHRASE);
    await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    const steps = await visitor.text("#next-list");
    assert.match(steps, /Send one\.txt\.age[^]*another way[^]*http:\/\/localhost:\d+\/a\/b\//);
    await visitor.page.evaluate(() => {
      navigator.clipboard.writeText = async (text) => void (window.copied = text);
    });
    // It is not the list that stands there: it is for whoever gets the file.
    assert.equal(await visitor.text("#next-copy"), "Copy a message to the receiver");
    await visitor.click("#next-copy");
    await visitor.page.waitForFunction(() => window.copied);
    const copied = await visitor.page.evaluate(() => window.copied);
    assert.match(copied, /one\.txt\.age[^]*http:\/\/localhost[^]*age --decrypt/);
    assert.ok(!copied.includes(PASSPHRASE));
    // Where the browser forbids it, the very message is there to be selected.
    await visitor.page.evaluate(() => {
      navigator.clipboard.writeText = () => Promise.reject(new DOMException("", "NotAllowedError"));
    });
    await visitor.click("#next-copy");
    await visitor.page.waitForSelector("#next-message:not([hidden])");
    assert.equal(
      await visitor.page.evaluate(() => getSelection().toString().trim()),
      copied.trim(),
    );
    // One file is no archive.
    assert.doesNotMatch(steps + copied, /unpack/);
    await visitor.click("#again");
  });

  for (const type of ["zip", "tar"])
    test(`that a .${type} holds the files is said before and after, and to the receiver`, async () => {
      const hold = () => visitor.text("#will-hold");
      await visitor.choose(paths["one.txt"]);
      assert.equal(await hold(), "");
      await visitor.add(paths["two.txt"]);
      await visitor.page.$eval("#options", (options) => (options.open = true));
      await visitor.click(`#archive-${type}`);
      assert.match(await hold(), new RegExp(`one \\.${type} with all 2 files[^]*unpacks`));
      await visitor.type(PASSPHRASE);
      await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      });
      const opened = new RegExp(`files\\.${type}[: ][^]*unpack the files`);
      assert.match(await visitor.text("#next-list"), new RegExp(`gives ${opened.source}`));
      const message = await visitor.page.$eval("#next-message", (pre) => pre.textContent);
      assert.match(message, new RegExp(`4\\. Open ${opened.source}`));
      await visitor.click("#again");
      // Nothing is packed to be decrypted.
      await visitor.choose(paths["a.txt.age"], paths["c.txt.age"]);
      assert.equal(await hold(), "");
      await visitor.page.evaluate(() => document.querySelector("#remove-all").click());
    });

  test("nothing was complained of", () => assert.deepEqual(visitor.complaints, []));

  test("where the browser has a dialog for folders it is asked once, and nothing is written over", async () => {
    const other = await Visitor.arrive(site.url, withFolderPicker);
    try {
      const stored = () =>
        other.page.evaluate(async () => {
          const root = await navigator.storage.getDirectory();
          const picked = await root.getDirectoryHandle("picked");
          const found = {};
          for await (const [name, handle] of picked)
            found[name] = await (await handle.getFile()).text();
          return found;
        });
      for (let round = 0; round < 2; round += 1) {
        await other.choose(paths["a.txt.age"], paths["c.txt.age"]);
        await other.type(PASSPHRASE);
        await other.submit();
        assert.match(await other.done(), /^2 files decrypted/);
        await other.click("#again");
      }
      assert.deepEqual(await stored(), {
        "a.txt": "A",
        "a (2).txt": "A",
        "c.txt": "C",
        "c (2).txt": "C",
      });
      assert.equal(await other.page.evaluate(() => window.asked), 2);
      assert.deepEqual(other.complaints, []);
    } finally {
      await other.leave();
    }
  });
});
