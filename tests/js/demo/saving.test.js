/**
 * Every way of saving that the page has, each where the better ones are missing; sizes around its
 * chunks; offline.
 */
import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startSite } from "./lib/site.js";
import { leftIs, writesAndLeaves } from "./lib/storage.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";

// What a browser lacks, run in the page before its own scripts.

function withoutServiceWorker() {
  delete Navigator.prototype.serviceWorker;
}

/** What the page waits a minute for takes two seconds. */
function withShortMinutes() {
  const native = window.setTimeout;
  window.setTimeout = (task, delay = 0, ...rest) =>
    native(task, delay > 30_000 ? 2000 : delay, ...rest);
}

function withoutPrivateStorage() {
  delete StorageManager.prototype.getDirectory;
}

/**
 * The native dialog as a person would answer it, except that the file is one of the page's own
 * storage.
 */
function withAnsweredPicker() {
  // However long the key takes on a busy machine, the click still counts.
  Object.defineProperty(UserActivation.prototype, "isActive", {
    get: () => true,
    configurable: true,
  });
  window.showSaveFilePicker = async ({ suggestedName }) => {
    const folder = await navigator.storage.getDirectory();
    return folder.getFileHandle(suggestedName, { create: true });
  };
}

function withDismissedPicker() {
  Object.defineProperty(UserActivation.prototype, "isActive", { get: () => true });
  window.showSaveFilePicker = () => Promise.reject(new DOMException("dismissed", "AbortError"));
}

describe("saving", { timeout: 600_000 }, () => {
  let site;
  let folder;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-saving-"));
  });
  after(async () => {
    await site?.close();
    await rm(folder, { recursive: true });
  });

  async function file(name, size) {
    const path = join(folder, name);
    await writeFile(path, randomFillSync(Buffer.alloc(size)));
    return path;
  }

  async function visited(scripts, visit) {
    const visitor = await Visitor.arrive(site.url, ...scripts);
    try {
      await visit(visitor);
      assert.deepEqual(visitor.complaints, []);
    } finally {
      await visitor.leave();
    }
  }

  /** There and back, as downloads. */
  async function roundTrip(visitor, name, size) {
    const original = await file(name, size);
    const encrypted = await visitor.download(() => run(visitor, original));
    assert.equal(basename(encrypted), `${name}.age`);
    const decrypted = await visitor.download(() => run(visitor, encrypted));
    assert.equal(basename(decrypted), name);
    assert.deepEqual(await readFile(decrypted), await readFile(original));
  }

  async function run(visitor, path) {
    await visitor.choose(path);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    await visitor.done();
    await visitor.click("#again");
  }

  test("through the service worker, files of every awkward size", () =>
    visited([withoutSavePicker], async (visitor) => {
      for (const size of [0, 1, 65_536, 300_000])
        await roundTrip(visitor, `size ${size}.bin`, size);
      await roundTrip(visitor, "Übergrößen (1) & 100% 'fun' 漢字.tar.gz", 1000);
    }));

  test("the result of a file that was renamed has a name of use", () =>
    visited([withoutSavePicker], async (visitor) => {
      const encrypted = await visitor.download(async () =>
        run(visitor, await file("report.pdf", 1000)),
      );
      for (const [renamed, expected] of [
        ["report.pdf (1).age", "report (1).pdf"],
        ["report.pdf - Copy.age", "report - Copy.pdf"],
        ["REPORT.PDF.AGE", "REPORT.PDF"],
        ["report", "report.decrypted"],
        ["notes.txt", "notes.txt.decrypted"],
      ]) {
        const path = join(folder, renamed);
        await copyFile(encrypted, path);
        assert.equal(basename(await visitor.download(() => run(visitor, path))), expected);
      }
    }));

  test("through private storage, where there is no service worker; the next visit clears it", () =>
    visited([withoutSavePicker, withoutServiceWorker], async (visitor) => {
      const stored = () => visitor.page.evaluate(storedNames);
      await roundTrip(visitor, "private.bin", 3_000_000);
      assert.equal((await stored()).length, 2);
      await visitor.page.reload({ waitUntil: "networkidle0" });
      await visitor.page.waitForFunction(nothingIsStored);
    }));

  test("a file that another tab is writing keeps no other from being cleared", () =>
    visited([withoutSavePicker, withoutServiceWorker], async (visitor) => {
      await visitor.page.evaluate(writesAndLeaves, "m", ["a", "b.crswap", "c.done", "z"]);
      const { page } = visitor;
      // Another tab of the same browser comes by.
      const other = await page.browser().newPage();
      await other.goto(site.url, { waitUntil: "networkidle0" });
      await page.waitForFunction(leftIs, {}, ["m", "m.crswap"]);
      await other.close();
    }));

  test("private storage says that it keeps a copy, and removes it a while after the person goes on", () =>
    visited([withoutSavePicker, withoutServiceWorker, withShortMinutes], async (visitor) => {
      const original = await file("kept.bin", 1000);
      await visitor.download(async () => {
        await visitor.choose(original);
        await visitor.type(PASSPHRASE);
        await visitor.submit();
        await visitor.done();
      });
      assert.match(await visitor.text("#finished-stored"), /keeps a copy on its disk/);
      assert.equal((await visitor.page.evaluate(storedNames)).length, 1);
      await visitor.click("#again");
      await visitor.page.waitForFunction(nothingIsStored);
    }));

  test("private storage is cleared when the page is left, unless a download may be under way", () =>
    visited([withoutSavePicker, withoutServiceWorker], async (visitor) => {
      const original = await file("left.bin", 1000);
      await visitor.download(async () => {
        await visitor.choose(original);
        await visitor.type(PASSPHRASE);
        await visitor.submit();
        await visitor.done();
      });
      const leave = () =>
        visitor.page.evaluate(
          () => dispatchEvent(new PageTransitionEvent("pagehide")) && undefined,
        );
      await leave();
      assert.equal((await visitor.page.evaluate(storedNames)).length, 1);
      await visitor.page.evaluate(() => {
        const now = performance.now.bind(performance);
        performance.now = () => now() + 60_000;
      });
      await leave();
      await visitor.page.waitForFunction(nothingIsStored);
    }));

  test("through memory, where there is nothing else", () =>
    visited([withoutSavePicker, withoutServiceWorker, withoutPrivateStorage], (visitor) =>
      roundTrip(visitor, "memory.bin", 3_000_000),
    ));

  test("through the save dialog: the whole file, and nothing is left where the input proves bad", () =>
    visited([withAnsweredPicker], async (visitor) => {
      const original = await file("picked.bin", 3_000_000);
      await run(visitor, original);
      const saved = await visitor.page.evaluate(readStored, "picked.bin.age");
      const encrypted = join(folder, "picked.bin.age");
      await writeFile(encrypted, Buffer.from(saved, "base64"));
      await run(visitor, encrypted);
      assert.equal(
        await visitor.page.evaluate(readStored, "picked.bin"),
        (await readFile(original)).toString("base64"),
      );

      const cut = join(folder, "cut.bin.age");
      await writeFile(cut, (await readFile(encrypted)).subarray(0, 1_000_000));
      await visitor.choose(cut);
      await visitor.type(PASSPHRASE);
      await visitor.submit();
      assert.match(await visitor.failure(), /^The file is (damaged|incomplete)/);
      assert.deepEqual(await visitor.page.evaluate(storedNames, ""), [
        "picked.bin",
        "picked.bin.age",
      ]);
    }));

  test("dismissing the save dialog is a cancellation, no failure", () =>
    visited([withDismissedPicker], async (visitor) => {
      await visitor.choose(await file("unwanted.bin", 1000));
      await visitor.type(PASSPHRASE);
      await visitor.submit();
      await visitor.page.waitForFunction(() =>
        document.querySelector("#submit-notice").textContent.startsWith("Cancelled"),
      );
      assert.equal(await visitor.text("#failure"), "");
    }));

  test("where the click is too long ago for a dialog, the page asks for another", () =>
    visited([withAnsweredPicker, withoutActivation], async (visitor) => {
      await visitor.choose(await file("slow.bin", 1000));
      await visitor.type(PASSPHRASE);
      await visitor.submit();
      await visitor.page.waitForSelector("#where:not([hidden])");
      await visitor.click("#where");
      await visitor.done();
      assert.deepEqual(await visitor.page.evaluate(storedNames, ""), ["slow.bin.age"]);
    }));

  test("works offline once it was there", () =>
    visited([withoutSavePicker], async (visitor) => {
      await visitor.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      // Only from here on does the worker see what the page loads, and can it keep what came later.
      await visitor.page.reload({ waitUntil: "networkidle0" });
      await visitor.type("password");
      assert.match(await visitor.strength(), /^Weak/);
      await site.close();
      await visitor.page.reload({ waitUntil: "networkidle0" });
      await visitor.type("password");
      assert.match(await visitor.strength(), /^Weak/);
      await roundTrip(visitor, "offline.bin", 100_000);
      // The browser itself notes that the network is gone when the page asks for its newest
      // version.
      visitor.complaints = visitor.complaints.filter(
        (text) => !text.includes("ERR_CONNECTION_REFUSED"),
      );
      site = await startSite();
    }));
});

function withoutActivation() {
  Object.defineProperty(UserActivation.prototype, "isActive", { get: () => false });
}

// Run in the page.

async function storedNames(path = "results") {
  const root = await navigator.storage.getDirectory();
  const folder = path === "" ? root : await root.getDirectoryHandle(path);
  const names = [];
  // What says that another is complete has nothing in it.
  for await (const [name, { kind }] of folder)
    if (kind === "file" && !name.endsWith(".done")) names.push(name);
  return names.sort();
}

async function nothingIsStored() {
  const results = await (await navigator.storage.getDirectory()).getDirectoryHandle("results");
  return (await results.keys().next()).done;
}

async function readStored(name) {
  const folder = await navigator.storage.getDirectory();
  const file = await (await folder.getFileHandle(name)).getFile();
  const reader = new FileReader();
  await new Promise((resolve) => {
    reader.onload = resolve;
    reader.readAsDataURL(file);
  });
  return reader.result.slice(reader.result.indexOf(",") + 1);
}
