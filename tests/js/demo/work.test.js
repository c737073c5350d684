/** The work that a guess of the passphrase takes is chosen in the demo page, and kept to. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ciphertextSize, dearmor, decrypt, encrypt } from "age-rt-wasm";
import { inspect } from "age-rt-wasm/header";
import { generateIdentity, recipientOf } from "age-rt-wasm/recipients";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";
const CONTENTS = "as hard to guess as somebody wants";
const workFactor = 16;

describe("the work factor in the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let note;
  let visitor;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-work-"));
    note = join(folder, "note.txt");
    await writeFile(note, CONTENTS);
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  const finished = () =>
    visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
  async function ask(workFactor) {
    await visitor.page.$eval("#options", (options) => (options.open = true));
    await visitor.click(`[name=work][value="${workFactor}"]`);
  }
  const chosen = () => visitor.page.$eval("[name=work]:checked", ({ value }) => value);

  for (const format of ["age", "age-rt"])
    test(`an ${format} file asks for what was chosen, and the next one for the usual`, async () => {
      await visitor.choose(note);
      await visitor.type(PASSPHRASE);
      await ask(workFactor);
      await visitor.chooseFormat(format);
      const saved = await finished();
      const bytes = await readFile(saved);
      assert.equal((await inspect(bytes)).workFactor, workFactor);
      assert.equal(new TextDecoder().decode(await decrypt(bytes, PASSPHRASE)), CONTENTS);
      if (format === "age")
        assert.equal((await stat(saved)).size, ciphertextSize(CONTENTS.length, { workFactor }));
      await visitor.click("#again");
      assert.equal(await chosen(), "18");
      await rm(saved);
    });

  test("keys have none, whatever was chosen", async () => {
    await visitor.choose(note);
    await ask(workFactor);
    await visitor.click("#by-key");
    assert.equal(await visitor.text("#work"), "");
    await visitor.page.type("#public-keys", await recipientOf(await generateIdentity()));
    const saved = await finished();
    assert.deepEqual((await inspect(await readFile(saved))).stanza_types, ["X25519"]);
    await visitor.click("#again");
    await rm(saved);
  });

  for (const how of ["quick", "anew"])
    test(`a changed file, ${how}, asks for what was chosen`, async () => {
      const path = join(folder, `${how}.txt.age`);
      await writeFile(path, await encrypt(CONTENTS, PASSPHRASE, { workFactor: 1 }));
      await visitor.choose(path);
      await visitor.click("#change");
      await visitor.page.waitForSelector("#changing:not([hidden])");
      await visitor.click(`#how-${how}`);
      await visitor.click("#new-by-key");
      assert.equal(await visitor.text("#work"), "");
      await visitor.click("#new-by-passphrase");
      await ask(workFactor);
      for (const field of await visitor.page.$$("#files .passphrase input"))
        if (await field.isVisible()) await field.type(PASSPHRASE);
      const saved = await finished();
      const bytes = await readFile(saved);
      assert.equal((await inspect(bytes)).workFactor, workFactor);
      assert.equal(new TextDecoder().decode(await decrypt(bytes, PASSPHRASE)), CONTENTS);
      await visitor.click("#again");
      await rm(saved);
    });

  test("what is said of a passphrase counts it", async () => {
    await visitor.choose(note);
    await visitor.type("grumpy violet otters");
    const said = {};
    const usual = await visitor.strength();
    for (const workFactor of [16, 20, 18]) {
      await ask(workFactor);
      said[workFactor] = await visitor.text("#files .strength");
    }
    assert.equal(said[18], usual);
    assert.equal(new Set(Object.values(said)).size, 3, JSON.stringify(said));
  });

  test("the text tab asks for what was chosen, judges by it, and forgets it with the text", async () => {
    await visitor.click("#tab-text");
    const work = () => visitor.page.$eval("[name=text-work]:checked", ({ value }) => value);
    const options = (open) =>
      visitor.page.$eval("#text-options", (options, open) => (options.open = open), open);
    await options(true);
    await visitor.page.type("#text-input", CONTENTS);
    await visitor.type("grumpy violet otters");
    const usual = await visitor.strength();
    await visitor.click(`[name=text-work][value="${workFactor}"]`);
    assert.notEqual(await visitor.text("#text .strength"), usual);
    await visitor.click("#text-submit");
    await visitor.page.waitForSelector("#text-result:not([hidden])");
    const message = await visitor.page.$eval("#text-output", ({ value }) => value);
    const bytes = dearmor(message);
    assert.equal((await inspect(bytes)).workFactor, workFactor);
    assert.equal(new TextDecoder().decode(await decrypt(bytes, "grumpy violet otters")), CONTENTS);
    // The files have their own.
    assert.equal(await chosen(), "18");
    await visitor.click("#text-clear");
    assert.equal(await work(), "18");
    // A message says itself how much it asks for.
    await visitor.paste("#text-input", message);
    assert.equal(await visitor.text("#text-options"), "");
    await visitor.paste("#text-input", CONTENTS);
    assert.notEqual(await visitor.text("#text-options"), "");
    await visitor.click("#tab-files");
  });

  test("nothing was complained of", () => assert.deepEqual(visitor.complaints, []));
});
