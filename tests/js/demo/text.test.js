/** The text tab: messages there and back, and with the age command. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { armor } from "age-rt-wasm";
import { atTerminal } from "../interop/lib/terminal.js";
import { ageProgram } from "../lib/repository.js";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";
const TEXT = "Meet me at noon.\nBring 🐎 and naïve café.\n";

describe("text in the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;
  let armored;
  const age = () => ageProgram();

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-text-"));
    visitor = await Visitor.arrive(site.url);
    await visitor.click("#tab-text");
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  async function submit(text, passphrase) {
    await visitor.paste("#text-input", text);
    await visitor.type(passphrase);
    await visitor.click("#text-submit");
  }

  async function result() {
    await visitor.page.waitForSelector("#text-result:not([hidden])");
    return visitor.page.$eval("#text-output", (output) => output.value);
  }

  async function failure() {
    await visitor.page.waitForSelector("#text-failure:not([hidden])");
    return visitor.text("#text-failure");
  }

  test("a text becomes a message that the age command opens", async () => {
    await submit(TEXT, PASSPHRASE);
    armored = await result();
    assert.match(armored, /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    const [encrypted, decrypted] = [join(folder, "message.asc"), join(folder, "message.txt")];
    await writeFile(encrypted, armored);
    await atTerminal([age(), "--decrypt", "--output", decrypted, encrypted], [PASSPHRASE]);
    assert.equal(await readFile(decrypted, "utf8"), TEXT);
  });

  test("the page opens it again", async () => {
    await submit(armored, PASSPHRASE);
    assert.equal(await result(), TEXT);
  });

  test("the page opens what the age command wrote", async () => {
    const [original, encrypted] = [join(folder, "original.txt"), join(folder, "theirs.asc")];
    await writeFile(original, TEXT);
    await atTerminal(
      [age(), "--passphrase", "--armor", "--output", encrypted, original],
      [PASSPHRASE, PASSPHRASE],
    );
    await submit(await readFile(encrypted, "utf8"), PASSPHRASE);
    assert.equal(await result(), TEXT);
  });

  test("text around the message is left out, and the page says so", async () => {
    await submit(`Dear Ben,\n\n${armored.replaceAll(/^/gm, "> ")}\nYours, Ada`, PASSPHRASE);
    assert.equal(await result(), TEXT);
    assert.match(await visitor.text("#text-notice"), /left out/);
  });

  test("a result goes with the text that it was made of", async () => {
    await submit(armored, PASSPHRASE);
    await result();
    await visitor.page.type("#text-input", " ");
    assert.equal(await visitor.text("#text-output"), "");
    assert.equal(await visitor.page.$eval("#text-output", (output) => output.value), "");
    // And so does what was said of it.
    assert.equal(await visitor.text("#text-notice"), "");
    await submit(armored.slice(0, 200), PASSPHRASE);
    await visitor.page.waitForSelector("#text-failure:not([hidden])");
    await visitor.page.type("#text-input", " ");
    assert.equal(await visitor.text("#text-failure"), "");
  });

  test("what was made of a text that has changed meanwhile is not shown, and that is said", async () => {
    await visitor.paste("#text-input", TEXT);
    await visitor.type(PASSPHRASE);
    await visitor.page.evaluate(() => {
      document.querySelector("#text-submit").click();
      // Long before the key is there.
      document.querySelector("#text-input").value += "more";
    });
    await visitor.page.waitForFunction(() =>
      /changed meanwhile/.test(document.querySelector("#text-notice").textContent),
    );
    assert.equal(await visitor.text("#text-output"), "");
  });

  test("a text that names a message is not proposed for encryption", async () => {
    for (const text of [armored.slice(0, 200), armored.slice(1, 40), `${armored}${armored}`]) {
      await visitor.paste("#text-input", text);
      assert.equal(await visitor.text("#text-submit"), "Decrypt");
    }
  });

  test("an armored file that an editor has saved as UTF-16, with a greeting, opens in the files tab", async () => {
    const saved = join(folder, "greeting.txt");
    await writeFile(saved, Buffer.from(`\ufeffDear Ben,\r\n\r\n${armored}`, "utf16le"));
    await visitor.click("#tab-files");
    await visitor.choose(saved);
    await visitor.type(`${PASSPHRASE}?`);
    await visitor.submit();
    // It got as far as the passphrase.
    assert.match(await visitor.failure(), /^Wrong passphrase/);
    await visitor.click("#tab-text");
  });

  test("the files tab opens an armored file, too", async () => {
    await visitor.click("#tab-files");
    await visitor.choose(join(folder, "message.asc"));
    assert.equal(await visitor.text("#file-submit"), "Decrypt and save");
    await visitor.click("#tab-text");
  });

  test("a message among other text is refused before it is read where it is too large for memory", async () => {
    const large = join(folder, "large.asc");
    await writeFile(large, "Dear Ben,\n\n-----BEGIN AGE ENCRYPTED FILE-----\n");
    await truncate(large, 2 ** 26 + 1);
    await visitor.click("#tab-files");
    await visitor.choose(large);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    assert.match(await visitor.failure(), /^Too much text around the message/);
    await visitor.click("#tab-text");
  });

  const secrets = () =>
    visitor.page.$$eval("#text textarea, #text input:not([type=radio])", (fields) =>
      fields.map(({ value }) => value).join(""),
    );

  test("the passphrase is gone once it has served, the rest when the person clears it or leaves", async () => {
    for (const end of [
      () => visitor.click("#text-clear"),
      () => visitor.page.evaluate(() => dispatchEvent(new PageTransitionEvent("pagehide"))),
    ]) {
      await submit(TEXT, PASSPHRASE);
      await result();
      assert.ok((await secrets()).includes(TEXT));
      assert.ok(!(await secrets()).includes(PASSPHRASE));
      await end();
      assert.equal(await secrets(), "");
    }
  });

  test("no browser is to remember a text", async () => {
    assert.deepEqual(
      await visitor.page.$$eval("textarea:not([autocomplete=off])", (fields) =>
        fields.map(({ id }) => id),
      ),
      [],
    );
  });

  test("a wrong passphrase, a message that was cut and one that is no text are told apart", async () => {
    await submit(armored, `${PASSPHRASE}!`);
    assert.match(await failure(), /^Wrong passphrase/);
    await submit(armored.slice(0, 200), PASSPHRASE);
    assert.match(await failure(), /^The message is not whole/);
    await submit(`${armored}\n${armored}`, PASSPHRASE);
    assert.match(await failure(), /^More than one message/);
    const [original, encrypted] = [join(folder, "binary"), join(folder, "binary.asc")];
    await writeFile(original, Uint8Array.of(0xff, 0xfe, 0xc0));
    await atTerminal(
      [age(), "--passphrase", "--armor", "--output", encrypted, original],
      [PASSPHRASE, PASSPHRASE],
    );
    await submit(await readFile(encrypted, "utf8"), PASSPHRASE);
    assert.match(await failure(), /^Not a text/);
  });

  test("a message that asks for much work is sent to where that can be agreed to", async () => {
    const letters = (count) => "A".repeat(count);
    const header = `age-encryption.org/v1\n-> scrypt ${letters(22)} 21\n${letters(43)}\n--- ${letters(43)}\n`;
    await submit(armor(Buffer.from(header + letters(100))), PASSPHRASE);
    assert.match(
      await failure(),
      /^This file was made slow to open[^]*factor of 21[^]*under Files/,
    );
  });

  test("nothing was complained of", () => {
    assert.deepEqual(visitor.complaints, []);
  });
});
