/**
 * The browser's Back in the demo page: out of a look, a result, work and a change, to where the
 * person was; and what takes long can be stopped.
 */
import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ciphertextSize, encrypt } from "age-rt-wasm";
import { Guest } from "./lib/guest.js";
import * as lacking from "./lib/lacking.js";
import { startSite } from "./lib/site.js";

const PASSPHRASE = "a passphrase";
const QUICK = { workFactor: 1 };
const SIZE = 3_000_000;

for (const engine of ["chromium", "firefox"])
  describe(`the way back in the demo page, in ${engine}`, { timeout: 600_000 }, () => {
    let site;
    let folder;
    let guest;

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-way-back-"));
      const large = await encrypt(new Uint8Array(SIZE), PASSPHRASE, QUICK);
      for (const [name, contents] of Object.entries({
        "note.txt": "a note",
        "note.txt.age": await encrypt("in the note", PASSPHRASE, QUICK),
        "large.bin.age": large,
        "cut.bin.age": large.subarray(0, large.length - 1000),
      }))
        await writeFile(join(folder, name), contents);
      site = await startSite({ lacking: lacking.savePickerAndHold });
      guest = await Guest.arrive(engine, site.url);
      // Where a person came from.
      await guest.page.goto("about:blank");
      await guest.page.goto(site.url);
      await guest.wait(() => document.readyState === "complete");
    });
    after(async () => {
      await guest?.leave();
      await site?.close();
      await rm(folder, { recursive: true });
    });

    const evaluate = (...call) => guest.page.evaluate(...call);
    const shown = (selector) =>
      guest.wait((selector) => document.querySelector(selector)?.checkVisibility(), selector);
    const text = (selector) =>
      evaluate((selector) => document.querySelector(selector).innerText.trim(), selector);
    /** The focus comes a moment after the view. */
    const focused = (id) => guest.wait((id) => document.activeElement.id === id, id);
    const back = () => evaluate(() => history.back());
    const hold = (held) => evaluate((held) => void (window.held = held), held);
    const place = () => evaluate(() => history.state?.place ?? 0);
    async function choose(name, passphrase = PASSPHRASE) {
      await evaluate(() => document.querySelector("#remove-all").click());
      await guest.choose(join(folder, name));
      await guest.wait((name) => document.querySelector("#chosen bdi")?.textContent === name, name);
      const fields = await evaluate(() =>
        Array.from(document.querySelectorAll("#files .passphrase input"), (input) => {
          if (!input.checkVisibility()) return "";
          input.value = "";
          return `#${input.id}`;
        }).filter(Boolean),
      );
      for (const field of fields) await guest.type(field, passphrase);
    }
    async function look() {
      await guest.click("#look");
      await shown("#inside");
    }

    test("out of a look: the form is as it was, with the file and the passphrase", async () => {
      await choose("note.txt.age");
      const before = await place();
      await look();
      assert.match(await text("#inside"), /in the note/);
      await back();
      await shown("#look");
      await focused("look");
      assert.equal(await place(), before);
      assert.equal(await text("#chosen bdi"), "note.txt.age");
      // Nothing of it is left in the page.
      assert.equal(await evaluate(() => document.querySelector("#inside-body").innerText), "");
      // The page's own button leads there as well, and leaves no entry behind.
      await look();
      await guest.click("#inside-back");
      await shown("#look");
      await guest.wait((before) => (history.state?.place ?? 0) === before, before);
    });

    test("out of a look behind another tab: first the tab, then the form", async () => {
      await choose("note.txt.age");
      // An address that names the tab, too.
      await guest.click("#tab-live");
      await guest.click("#tab-files");
      for (const leave of [back, () => guest.click("#inside-back")]) {
        await look();
        await leave();
        await shown("#look");
        await focused("look");
      }
      await look();
      await guest.click("#tab-text");
      await back();
      await shown("#inside");
      await back();
      await shown("#look");
      // Forward leads to nothing that is gone.
      await evaluate(() => history.forward());
      await guest.wait(() => !document.querySelector("#file-form").hidden);
      await back();
      await shown("#look");
    });

    test("out of a change of what opens the file", async () => {
      await choose("note.txt.age");
      await guest.click("#change");
      await shown("#changing");
      await back();
      await shown("#change");
      assert.match(await text("#submit-notice"), /Nothing was changed/);
      await focused("change");
    });

    test("out of work: it is asked first, and the second time it is cancelled, without a trace", async () => {
      await choose("large.bin.age");
      await hold(true);
      await guest.click("#file-submit");
      await guest.wait(() => document.querySelector("#progress").value > 0.25);
      await back();
      await guest.wait(() => document.querySelector("#running-notice").textContent !== "");
      assert.match(await text("#running-notice"), /Go back once more/);
      await focused("cancel");
      await back();
      await shown("#file-form");
      assert.match(await text("#submit-notice"), /^Cancelled\. Nothing was kept/);
      await hold(false);
      await nothingSaved();
    });

    test("out of a result: words that nobody has kept are asked about, and then there is a new form", async () => {
      await choose("note.txt", "");
      await guest.click("#files [data-part=suggest]");
      await guest.click("#file-submit");
      await shown("#finished");
      await back();
      await guest.wait(() => document.querySelector("#finished .notice").textContent !== "");
      assert.match(await text("#finished .notice"), /You have not copied the passphrase/);
      await guest.click("#finished [data-part=kept]");
      await back();
      await shown("#file-form");
      assert.equal(await evaluate(() => document.querySelector("#chosen li")), null);
      await guest.saved("note.txt.age", ciphertextSize(6));
      await rm(join(guest.downloads, "note.txt.age"));
    });

    test("a look that takes its time shows that, and is cancelled by its button and by Back", async () => {
      for (const stop of [() => guest.click("#cancel"), back]) {
        await choose("large.bin.age");
        await hold(true);
        await guest.click("#look");
        await shown("#running");
        assert.equal(
          await evaluate(() => document.querySelector("#running-name").textContent),
          "large.bin.age",
        );
        await focused("cancel");
        await stop();
        await shown("#look");
        assert.equal(await text("#submit-notice"), "Cancelled.");
        await focused("look");
        await hold(false);
      }
      // What comes late is shown nowhere.
      await look();
      assert.equal(await evaluate(() => document.querySelectorAll("#inside-body p").length), 1);
      await back();
      await shown("#look");
    });

    test("what is right of a damaged file is looked for with progress, and saving it can be stopped", async () => {
      await choose("cut.bin.age");
      await guest.click("#file-submit");
      await shown("#salvage");
      await hold(true);
      await guest.click("#salvage");
      await shown("#running");
      await hold(false);
      await shown("#inside");
      assert.match(
        await text("#inside-facts"),
        /^The first 2.9 MB are undamaged \(2,949,120 bytes\)/,
      );
      for (const stop of [() => guest.click("#inside-cancel"), back]) {
        await hold(true);
        await guest.click("#inside-body button");
        await shown("#inside-cancel");
        await guest.wait(() => document.querySelector("#inside-saving progress").value > 0.25);
        await stop();
        if (stop === back) {
          await guest.wait(() =>
            document.querySelector("#inside-said").textContent.startsWith("Still saving"),
          );
          await back();
          await shown("#salvage");
          await focused("salvage");
        } else
          await guest.wait(() =>
            document.querySelector("#inside-said").textContent.startsWith("Cancelled"),
          );
        await hold(false);
        await nothingSaved();
      }
    });

    test("what ends behind another tab is told by the title and by the tab, until it is seen", async () => {
      const title = await evaluate(() => document.title);
      await choose("large.bin.age");
      await hold(true);
      await guest.click("#file-submit");
      await guest.wait(() => document.querySelector("#progress").value > 0.25);
      await guest.click("#tab-text");
      await hold(false);
      await guest.wait(() => document.title.startsWith("Decrypted: large.bin"));
      assert.match(await text("#tab-files"), /•/);
      await guest.click("#tab-files");
      assert.equal(await evaluate(() => document.title), title);
      assert.doesNotMatch(await text("#tab-files"), /•/);
      await guest.saved("large.bin", SIZE);
      await guest.click("#again");
    });

    test("nothing was complained of", () => assert.deepEqual(guest.complaints, []));

    /** Browsers remove what was stopped a moment later. */
    async function nothingSaved() {
      const end = Date.now() + Guest.patience;
      let found;
      do {
        found = await readdir(guest.downloads);
        if (found.length === 0) return;
      } while (Date.now() < end);
      assert.deepEqual(found, []);
    }
  });
