/** A new passphrase for an encrypted file in the demo page: what is said before, what is asked for, and what comes of it. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { armor, decrypt, encrypt, WrongPassphraseError } from "age-rt-wasm";
import { splitHeader } from "age-rt-wasm/header";
import { generateIdentity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

const OLD = "the old passphrase";
const NEW = "the new passphrase";
const QUICK = { workFactor: 1 };
const CONTENTS = Buffer.alloc(200_000, 7);

/** The browser's dialog would empty the file that is picked in it: nothing may ask for it here. */
function withDialogThatTells() {
  window.dialogs = 0;
  window.showSaveFilePicker = async () => {
    window.dialogs += 1;
    throw new DOMException("a policy forbids it", "SecurityError");
  };
}

describe("a new passphrase in the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-changing-"));
    visitor = await Visitor.arrive(site.url, withDialogThatTells);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  const values = () =>
    visitor.page.$$eval("#files .passphrase input", (all) => all.map(({ value }) => value));
  const payload = async (bytes) =>
    Buffer.from(await (await splitHeader(new Blob([bytes]))).payload.arrayBuffer());

  async function enter(name, encrypted) {
    const path = join(folder, name);
    await writeFile(path, encrypted);
    if (await visitor.text("#again")) await visitor.click("#again");
    await visitor.choose(path);
    await visitor.click("#change");
    await visitor.page.waitForSelector("#changing:not([hidden])");
  }
  /** Present, new, and the new one again. */
  async function fill(...passphrases) {
    const fields = [];
    for (const field of await visitor.page.$$("#files .passphrase input"))
      if (await field.isVisible()) fields.push(field);
    assert.equal(fields.length, passphrases.length);
    for (const [i, field] of fields.entries()) {
      await field.evaluate((input) => (input.value = ""));
      await field.type(passphrases[i]);
    }
  }
  const save = () => visitor.download(() => visitor.submit());

  test("what it does not do, and what does, is said before anything is asked for", async () => {
    await enter("report.txt.age", await encrypt(CONTENTS, OLD, QUICK));
    assert.match(
      await visitor.text("#changing"),
      /shuts nobody out[^]*had the old passphrase[^]*kept the old file[^]*encrypt anew/,
    );
    assert.ok(
      await visitor.page.evaluate(() => {
        const warning = document.querySelector("#changing");
        const [first] = document.querySelectorAll("#files .passphrase input");
        return (
          document.activeElement === warning &&
          warning.compareDocumentPosition(first) === Node.DOCUMENT_POSITION_FOLLOWING
        );
      }),
    );
    const labels = await visitor.page.$$eval("#files .passphrase label", (all) =>
      all.filter((label) => label.checkVisibility()).map(({ textContent }) => textContent),
    );
    assert.deepEqual(labels, ["Present passphrase", "New passphrase", "The new passphrase again"]);
  });

  test("a slip in the new one is named, and nothing is made", async () => {
    await fill(OLD, NEW, `${NEW}!`);
    await visitor.submit();
    assert.match(await visitor.text("#file-form"), /The two passphrases differ/);
    assert.deepEqual(await values(), [OLD, "", NEW, `${NEW}!`]);
  });

  test("a wrong present passphrase is refused with words, and what was typed stays", async () => {
    await fill("not this one", NEW, NEW);
    await visitor.submit();
    assert.match(await visitor.failure(), /^Wrong passphrase/);
    assert.ok(await visitor.text("#changing"));
    assert.deepEqual(await values(), ["not this one", "", NEW, NEW]);
  });

  test("what is saved has the same name and the same contents, and opens with the new one alone", async () => {
    await fill(OLD, NEW, NEW);
    const saved = await save();
    assert.match(await visitor.done(), /New passphrase: report\.txt\.age/);
    assert.match(await visitor.text("#finished"), /the old file still opens as before/);
    assert.equal(basename(saved), "report.txt.age");
    const bytes = await readFile(saved);
    assert.ok(Buffer.from(await decrypt(bytes, NEW)).equals(CONTENTS));
    await assert.rejects(decrypt(bytes, OLD), WrongPassphraseError);
    const before = await readFile(join(folder, "report.txt.age"));
    assert.ok((await payload(bytes)).equals(await payload(before)));
    assert.equal(await visitor.page.evaluate(() => window.dialogs), 0);
    assert.deepEqual(await values(), ["", "", "", ""]);
  });

  test("a file in letters, for a key, gets a passphrase with the key", async () => {
    const identity = await generateIdentity();
    const encrypted = await encrypt(CONTENTS, recipient(await recipientOf(identity)));
    await enter("letters.age", armor(encrypted));
    await visitor.click("#by-key");
    await visitor.page.type("#private-key", identity);
    await fill(NEW, NEW);
    const bytes = await readFile(await save());
    await visitor.done();
    assert.ok(Buffer.from(await decrypt(bytes, NEW)).equals(CONTENTS));
    assert.ok((await payload(bytes)).equals(await payload(encrypted)));
  });

  test("stopped while keys are derived, nothing is kept but what was typed", async () => {
    await enter("slow.txt.age", await encrypt(CONTENTS, OLD, QUICK));
    await fill(OLD, NEW, NEW);
    await visitor.submit();
    await visitor.page.waitForSelector("#running:not([hidden])");
    await visitor.page.$eval("#cancel", (button) => button.click());
    await visitor.page.waitForSelector("#file-form:not([hidden])");
    assert.match(await visitor.text("#submit-notice"), /Cancelled/);
    assert.deepEqual(await values(), [OLD, "", NEW, NEW]);
  });

  test("cancelled, the form is as before, and what was typed for it is gone", async () => {
    await enter("cancelled.txt.age", await encrypt(CONTENTS, OLD, QUICK));
    await fill(OLD, NEW, NEW);
    await visitor.click("#change-cancel");
    assert.equal(await visitor.text("#changing"), "");
    assert.match(await visitor.text("#submit-notice"), /Nothing was changed/);
    assert.deepEqual(await values(), [OLD, ""]);
    assert.equal(basename(await save()), "cancelled.txt");
    assert.equal(await visitor.page.evaluate(() => window.dialogs), 1);
  });

  test("nothing was complained of", () => assert.deepEqual(visitor.complaints, []));
});
