/**
 * After a cancellation, damage, a reload and a closed tab in the middle: no byte of plaintext is
 * left, neither among the downloads nor in the profile.
 */
import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { encrypt } from "age-rt-wasm";
import { Guest } from "./lib/guest.js";
import * as lacking from "./lib/lacking.js";
import { startSite } from "./lib/site.js";

const PASSPHRASE = "a passphrase";
const SECRET = "nobody else may read this. ";
const SIZE = 20_000_000;
/** What the test would see. */
const OPEN = "everybody may read this. ";

/** A finger, so that a result comes into the private storage first: there it can be shared. */
const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true };

for (const { engine, viewport, through } of [
  { engine: "firefox", through: "private storage" },
  { engine: "chromium", through: "the service worker" },
  { engine: "chromium", viewport: PHONE, through: "private storage" },
]) {
  describe(`traces in ${engine}, through ${through}`, { timeout: 600_000 }, () => {
    let site;
    let folder;
    let encrypted;
    let guest;
    before(async () => {
      site = await startSite({ lacking: lacking.savePickerAndFlow });
      folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-traces-"));
      encrypted = join(folder, "letter.txt.age");
      const plain = SECRET.repeat(SIZE / SECRET.length);
      await writeFile(encrypted, await encrypt(plain, PASSPHRASE, { workFactor: 1 }));
      guest = await Guest.arrive(engine, site.url);
      if (viewport) await guest.page.setViewport(viewport);
      // Only then does the worker watch over what a closed tab leaves.
      await guest.page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    });
    after(async () => {
      await guest?.leave();
      await site?.close();
      await rm(folder, { recursive: true });
    });

    /** Decrypts, as far as 30 %. */
    async function begin(path) {
      // Choosing again adds: what an earlier test has left is taken out.
      while (await guest.page.$("#chosen li button")) await guest.click("#chosen li button");
      await guest.choose(path);
      await guest.wait(() => document.querySelector("#drop").classList.contains("filled"));
      await guest.page.evaluate(() => (window.flows = false));
      // What was typed before is still there after a failure.
      const field = await guest.page.evaluate(() => {
        const input = document.querySelector("#files .passphrase input");
        return input.value === "" ? `#${input.id}` : "";
      });
      if (field) await guest.type(field, PASSPHRASE);
      await guest.click("#file-submit");
      await guest.wait(() => document.querySelector("#progress").value > 0.25);
    }

    async function somethingReadable() {
      const end = Date.now() + 30_000;
      while ((await readable(guest.browser.userDataDir)).length === 0) {
        assert.ok(Date.now() < end, "nothing readable is in the profile");
        await sleep(200);
      }
    }

    /** Browsers remove what was stopped a moment later. */
    async function nothingReadable() {
      const end = Date.now() + 30_000;
      let found;
      do {
        found = (
          await Promise.all(
            [guest.downloads, guest.browser.userDataDir].map((each) => readable(each)),
          )
        ).flat();
        if (found.length === 0) return;
        await sleep(200);
      } while (Date.now() < end);
      assert.deepEqual(found, []);
    }

    test("a file that opens is there to be found: this test would see it", async () => {
      const open = join(folder, "open.txt.age");
      const plain = OPEN.repeat(SIZE / OPEN.length);
      await writeFile(open, await encrypt(plain, PASSPHRASE, { workFactor: 1 }));
      await begin(open);
      await guest.page.evaluate(() => (window.flows = true));
      await guest.wait(() => !document.querySelector("#finished").hidden);
      await guest.click("#again");
      const end = Date.now() + 30_000;
      let found;
      // Firefox copies it under a name of its own first: for a moment both are there.
      do {
        found = await readable(guest.downloads, OPEN);
        if (found.length === 1) return;
        await sleep(200);
      } while (Date.now() < end);
      assert.deepEqual(found.length, 1, found.join());
    });

    test("cancelled at 30 %", async () => {
      await begin(encrypted);
      // What is in the private storage meanwhile is in the profile, where this test sees it.
      if (through === "private storage") await somethingReadable();
      await guest.click("#cancel");
      await guest.wait(() => !document.querySelector("#file-form").hidden);
      await nothingReadable();
    });

    test("damaged in the middle", async () => {
      const damaged = join(folder, "damaged.txt.age");
      const bytes = await readFile(encrypted);
      bytes[SIZE / 2] ^= 1;
      await writeFile(damaged, bytes);
      await begin(damaged);
      await guest.page.evaluate(() => (window.flows = true));
      await guest.wait(() => !document.querySelector("#failure").hidden);
      await nothingReadable();
    });

    test("loaded again at 30 %", async () => {
      await begin(encrypted);
      await guest.page.reload();
      await guest.wait(() => document.readyState === "complete");
      await nothingReadable();
    });

    test("closed at 30 %, and nobody comes back", async () => {
      await begin(encrypted);
      await guest.page.close();
      await nothingReadable();
    });
  });
}

/** The files below a folder in which the secret stands. */
async function readable(folder, text = SECRET) {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath ?? entry.path, entry.name);
    // The browser may have removed it since it was listed.
    const contents = await readFile(path).catch(() => Buffer.alloc(0));
    if (contents.includes(text)) found.push(path);
  }
  return found;
}
