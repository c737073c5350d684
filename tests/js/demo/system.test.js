/**
 * The demo page and the system around it: results that are shared and opened on a phone, and files
 * that the page is opened with.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { encrypt } from "age-rt-wasm";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";
const QUICK = { workFactor: 1 };

/** A phone's ways to pass a file on, which nobody can answer here. */
function withSharing() {
  window.shared = [];
  window.opened = [];
  navigator.canShare = ({ files }) => files.every((file) => file instanceof File);
  navigator.share = async ({ files }) => {
    for (const file of files) window.shared.push([file.name, file.type, await file.text()]);
    // As when the sheet is closed again.
    throw new DOMException("closed", "AbortError");
  };
  const { createObjectURL } = URL;
  const made = new Map();
  URL.createObjectURL = (blob) => {
    const url = createObjectURL.call(URL, blob);
    made.set(url, blob);
    return url;
  };
  window.open = (url, target, features) =>
    void made
      .get(url)
      .text()
      .then((text) => window.opened.push([made.get(url).type, text, target, features]));
}

/** The queue in which an installed page finds the files that it was opened with. */
function withLaunchQueue() {
  Object.defineProperty(window, "launchQueue", {
    value: { setConsumer: (consumer) => (window.consumer = consumer) },
  });
  window.launch = (...names) =>
    window.consumer({
      files: names.map((name) => ({
        getFile: async () => {
          if (name === "gone") throw new DOMException("gone", "NotFoundError");
          return new File([`in ${name}`], name);
        },
      })),
    });
}

describe("the demo page and the system around it", { timeout: 600_000 }, () => {
  let site;
  let folder;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-system-"));
  });
  after(async () => {
    await site?.close();
    await rm(folder, { recursive: true });
  });

  async function visited(before, visit) {
    const visitor = await Visitor.arrive(site.url, withoutSavePicker, ...before);
    try {
      await visit(visitor);
      assert.deepEqual(visitor.complaints, []);
    } finally {
      await visitor.leave();
    }
  }
  const shown = (visitor) =>
    visitor.page.$$eval("#share, #open", (all) =>
      all.filter((button) => button.checkVisibility()).map(({ id }) => id),
    );
  async function decrypted(visitor, name) {
    const path = join(folder, `${name}.age`);
    await writeFile(path, await encrypt(`in ${name}`, PASSPHRASE, QUICK));
    await visitor.choose(path);
    await visitor.type(PASSPHRASE);
    const saved = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    assert.equal(await readFile(saved, "utf8"), `in ${name}`);
  }

  test("on a phone a result is shared, and opened unless something in it could run", () =>
    visited([withSharing], async (visitor) => {
      const { page } = visitor;
      await page.setViewport({ width: 390, height: 844, isMobile: true, hasTouch: true });
      await page.reload({ waitUntil: "networkidle0" });
      for (const [name, type, buttons] of [
        ["note.txt", "text/plain", ["share", "open"]],
        ["page.html", "application/octet-stream", ["share"]],
        ["drawing.svg", "application/octet-stream", ["share"]],
      ]) {
        await decrypted(visitor, name);
        await page.waitForSelector("#share:not([hidden])");
        assert.deepEqual((await shown(visitor)).sort(), buttons.toSorted());
        await visitor.click("#share");
        await page.waitForFunction(() => window.shared.length > 0);
        assert.deepEqual(await page.evaluate(() => window.shared.splice(0)), [
          [name, type, `in ${name}`],
        ]);
        await visitor.click("#again");
        assert.deepEqual(await shown(visitor), []);
      }
      await decrypted(visitor, "again.txt");
      await page.waitForSelector("#open:not([hidden])");
      await visitor.click("#open");
      await page.waitForFunction(() => window.opened.length > 0);
      assert.deepEqual(await page.evaluate(() => window.opened), [
        ["text/plain", "in again.txt", "_blank", "noopener"],
      ]);
    }));

  test("where a mouse is, neither is offered", () =>
    visited([withSharing], async (visitor) => {
      await decrypted(visitor, "note.txt");
      assert.match(await visitor.text("#finished-where"), /newest file in your downloads/);
      assert.deepEqual(await shown(visitor), []);
    }));

  test("files that the system opens it with are chosen, whatever the page is showing", () =>
    visited([withLaunchQueue], async (visitor) => {
      const { page } = visitor;
      const names = () => page.$$eval("#chosen bdi", (all) => all.map((one) => one.textContent));
      const launched = async (files, count) => {
        await page.evaluate((names) => window.launch(...names), files);
        await page.waitForFunction(
          (count) => document.querySelectorAll("#chosen li").length === count,
          {},
          count,
        );
      };
      await visitor.click("#tab-text");
      await launched(["one.txt", "two.txt"], 2);
      assert.equal(await page.$eval("#files", (panel) => panel.hidden), false);
      await launched(["three.txt"], 3);
      assert.deepEqual(await names(), ["one.txt", "two.txt", "three.txt"]);
      // Opened without a file.
      await launched([], 3);
      await page.evaluate(() => window.launch("gone"));
      await page.waitForFunction(() =>
        /cannot be read/.test(document.querySelector("#file-notice").textContent),
      );
      assert.deepEqual(await names(), ["one.txt", "two.txt", "three.txt"]);

      await visitor.type(PASSPHRASE);
      await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      });
      // What comes while a result is shown waits for its turn.
      await page.evaluate(() => window.launch("later.txt"));
      await visitor.click("#again");
      await page.waitForSelector("#chosen li");
      assert.deepEqual(await names(), ["later.txt"]);
    }));
});
