/**
 * Armored files in the demo page: made under "More options", told by themselves, looked into, and
 * opened at any size.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { AgeEncryptStream, ArmorStream, decrypt, encrypt } from "age-rt-wasm";
import { inspect } from "age-rt-wasm/header";
import { generateIdentity, identityFile, recipientOf } from "age-rt-wasm/recipients";
import { ageProgram } from "../lib/repository.js";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const PASSPHRASE = "a passphrase";
const QUICK = { workFactor: 1 };
const CONTENTS = Buffer.alloc(200_000, "abc");
/** Beyond what the page reads into memory for a message within other text. */
const LARGE = 52_000_000;
const execute = promisify(execFile);

describe("armored files in the demo page", { timeout: 600_000 }, () => {
  const age = ageProgram();
  let site;
  let folder;
  let visitor;
  let plain;

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-armored-"));
    plain = join(folder, "plain.txt");
    await writeFile(plain, CONTENTS);
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  const saved = () =>
    visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
  async function choose(path) {
    if (await visitor.text("#again")) await visitor.click("#again");
    await visitor.choose(path);
  }

  test("as text, for a key: age opens what is saved", async () => {
    const secret = await generateIdentity();
    const keyFile = join(folder, "key.txt");
    await writeFile(keyFile, await identityFile(secret));
    await choose(plain);
    await visitor.click("#by-key");
    await visitor.paste("#public-keys", await recipientOf(secret));
    await visitor.page.$eval("#options", (options) => (options.open = true));
    await visitor.click("#armor");
    const path = await saved();
    assert.equal(basename(path), "plain.txt.age");
    const { stdout } = await execute(age, ["--decrypt", "-i", keyFile, path], {
      encoding: "buffer",
    });
    assert.ok(stdout.equals(CONTENTS));
    await rm(path);
  });

  for (const format of ["age", "age-rt"])
    test(`as text, ${format}, with a passphrase: it is told by itself, and comes back`, async () => {
      await choose(plain);
      await visitor.type(PASSPHRASE);
      await visitor.chooseFormat(format);
      await visitor.click("#armor");
      const path = await saved();
      const text = await readFile(path, "utf8");
      assert.match(text, /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
      const { armor, format: found } = await inspect(text);
      assert.deepEqual({ armor, found }, { armor: true, found: format });
      assert.ok(Buffer.from(await decrypt(text, PASSPHRASE)).equals(CONTENTS));

      await choose(path);
      // The box is not ticked for ever.
      assert.equal(await visitor.page.$eval("#armor", ({ checked }) => checked), false);
      assert.equal(await visitor.text("#file-submit"), "Decrypt and save");
      // Not with the mouse: what the page finds out about the file moves this.
      await visitor.page.evaluate(() => document.querySelector("#about summary").click());
      await visitor.page.waitForSelector("#about-facts dd");
      assert.match(
        await visitor.text("#about"),
        new RegExp(`Format\\s+${format}, as text \\(armored\\)`),
      );
      await visitor.type(PASSPHRASE);
      const back = await saved();
      assert.ok((await readFile(back)).equals(CONTENTS));
      for (const made of [path, back]) await rm(made);
    });

  test("it is looked into without being saved", async () => {
    const path = join(folder, "note.txt.age");
    await writeFile(path, await encrypt("attack at dawn", PASSPHRASE, { ...QUICK, armor: true }));
    await choose(path);
    await visitor.type(PASSPHRASE);
    await visitor.click("#look");
    await visitor.page.waitForSelector("#inside-body pre");
    assert.match(await visitor.text("#inside-body"), /attack at dawn/);
    await visitor.click("#inside-back");
  });

  describe("larger than what is read into memory", () => {
    const large = () => join(folder, "large.bin.age");
    before(async () => {
      const sealed = new Blob([new Uint8Array(LARGE)])
        .stream()
        .pipeThrough(new AgeEncryptStream(PASSPHRASE, QUICK))
        .pipeThrough(new ArmorStream());
      await pipeline(Readable.fromWeb(sealed), createWriteStream(large()));
    });

    test("it is decrypted as it comes", async () => {
      await choose(large());
      assert.equal(await visitor.text("#file-submit"), "Decrypt and save");
      await visitor.type(PASSPHRASE);
      const back = await saved();
      assert.ok((await readFile(back)).equals(Buffer.alloc(LARGE)));
      await rm(back);
    });

    test("it gets another passphrase", async () => {
      await choose(large());
      await visitor.click("#change");
      await visitor.page.waitForSelector("#changing:not([hidden])");
      for (const [i, passphrase] of [PASSPHRASE, undefined, "another", "another"].entries())
        if (passphrase)
          await (await visitor.page.$$("#files .passphrase input"))[i].type(passphrase);
      const path = await visitor.download(() => visitor.submit());
      await visitor.done();
      const back = await decrypt(await readFile(path), "another");
      assert.ok(Buffer.from(back).equals(Buffer.alloc(LARGE)));
      await rm(path);
    });

    test("but not with text before it: that is said", async () => {
      const path = join(folder, "in a mail.txt");
      await writeFile(path, `Hello,\n\n${await readFile(large(), "latin1")}`);
      await choose(path);
      await visitor.type(PASSPHRASE);
      await visitor.submit();
      assert.match(await visitor.failure(), /^Too much text around the message/);
    });
  });

  test("nothing was complained of", () =>
    // A browser on a busy machine ends the service worker: its download is not found then, and the
    // page saves in another way.
    assert.deepEqual(
      visitor.complaints.filter((text) => !text.includes("404")),
      [],
    ));
});
