/**
 * What opens an encrypted file is changed in the demo page: what is said before, what is asked for,
 * and what comes of it.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { armor, decrypt, encrypt, NoIdentityMatchError, WrongPassphraseError } from "age-rt-wasm";
import { inspect, splitHeader } from "age-rt-wasm/header";
import {
  generateIdentity,
  identity,
  identityFile,
  recipient,
  recipientOf,
} from "age-rt-wasm/recipients";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ageProgram } from "../lib/repository.js";
import { AUTHENTICATOR } from "../lib/authenticator.js";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

const OLD = "the old passphrase";
const NEW = "the new passphrase";
const QUICK = { workFactor: 1 };
const CONTENTS = Buffer.alloc(200_000, 7);
const execute = promisify(execFile);

/** The browser's dialog would empty the file that is picked in it: nothing may ask for it here. */
function withDialogThatTells() {
  window.dialogs = 0;
  window.showSaveFilePicker = async () => {
    window.dialogs += 1;
    throw new DOMException("a policy forbids it", "SecurityError");
  };
}

describe("what opens a file is changed in the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;
  const age = ageProgram();

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
      /shuts nobody out[^]*had the old passphrase[^]*kept the old file[^]*encrypt it anew/,
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
    assert.deepEqual(labels, ["Current passphrase", "New passphrase", "The new passphrase again"]);
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
    assert.match(await visitor.done(), /Changed: report\.txt\.age/);
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

  test("a file in letters, for a key, gets a passphrase with the key file, and stays in letters", async () => {
    const secret = await generateIdentity();
    const encrypted = await encrypt(CONTENTS, recipient(await recipientOf(secret)));
    await enter("letters.age", armor(encrypted));
    await visitor.click("#by-key");
    const keyFile = join(folder, "mine.txt");
    await writeFile(keyFile, await identityFile(secret));
    const input = await visitor.page.$("#key-file");
    await input.uploadFile(keyFile);
    await visitor.page.waitForSelector("#key-file-name:not(:empty)");
    await fill(NEW, NEW);
    const text = await readFile(await save(), "utf8");
    await visitor.done();
    assert.match(text, /^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    assert.ok(Buffer.from(await decrypt(text, NEW)).equals(CONTENTS));
    assert.ok((await payload(Buffer.from(text))).equals(await payload(encrypted)));
  });

  test("from a passphrase to several keys, as text if that is wanted: age opens it with each", async () => {
    const secrets = [await generateIdentity(), await generateIdentity()];
    const keys = await Promise.all(secrets.map(recipientOf));
    await enter("team.txt.age", await encrypt(CONTENTS, OLD, QUICK));
    await visitor.click("#new-by-key");
    assert.match(await visitor.text("#new-hint"), /Only these keys will open the new file/);
    await fill(OLD);
    await visitor.submit();
    assert.match(await visitor.text("#public-problem"), /Paste a public key/);
    await visitor.paste("#public-keys", keys.join("\n"));
    await visitor.page.$eval("#options", (options) => (options.open = true));
    assert.equal(await visitor.text("#format"), "");
    await visitor.click("#armor");
    const path = await save();
    await visitor.done();
    assert.match(await readFile(path, "utf8"), /^-----BEGIN AGE/);
    for (const [i, secret] of secrets.entries()) {
      const keyFile = join(folder, `key ${i}.txt`);
      await writeFile(keyFile, await identityFile(secret));
      const { stdout } = await execute(age, ["--decrypt", "-i", keyFile, path], {
        encoding: "buffer",
      });
      assert.ok(stdout.equals(CONTENTS));
    }
  });

  for (const how of ["quick", "anew"])
    test(`${how}: from a passphrase to a passkey, and from that to a passphrase again`, async () => {
      const session = await visitor.page.createCDPSession();
      await session.send("WebAuthn.enable");
      const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", {
        options: AUTHENTICATOR,
      });
      const name = `passkey ${how}.txt.age`;
      await enter(name, await encrypt(CONTENTS, OLD, QUICK));
      await visitor.click(`#how-${how}`);
      await visitor.click("#new-by-key");
      await visitor.page.waitForSelector("#new-passkeys:not([hidden])");
      await fill(OLD);
      await visitor.submit();
      assert.match(await visitor.text("#public-problem"), /Paste a public key/);
      await visitor.click("#new-make-passkey");
      await visitor.page.waitForSelector("#new-use-passkey[aria-pressed=true]");
      assert.match(await visitor.text("#new-passkey-notice"), /The passkey is made/);
      const saved = await save();
      const bytes = await readFile(saved);
      await rm(saved);
      await visitor.done();
      assert.deepEqual((await inspect(bytes)).stanza_types, ["age-encryption.org/fido2prf"]);

      await enter(name, bytes);
      assert.equal(await visitor.page.$eval("#by-key", ({ checked }) => checked), true);
      // What was chosen for the file before is forgotten.
      const pressed = "#new-use-passkey[aria-pressed=true], #use-passkey[aria-pressed=true]";
      assert.equal(await visitor.page.$(pressed), null);
      await visitor.page.waitForSelector("#passkeys:not([hidden])");
      await visitor.click("#use-passkey");
      await visitor.click(`#how-${how}`);
      await fill(NEW, NEW);
      const again = await readFile(await save());
      await visitor.done();
      assert.ok(Buffer.from(await decrypt(again, NEW)).equals(CONTENTS));
      await session.send("WebAuthn.removeVirtualAuthenticator", { authenticatorId });
      await session.detach();
    });

  test("keys that do not go together are refused with words, and what was typed stays", async () => {
    const keys = await Promise.all(
      ["x25519", "hybrid"].map(async (type) => recipientOf(await generateIdentity(type))),
    );
    await enter("mixed.txt.age", await encrypt(CONTENTS, OLD, QUICK));
    await visitor.click("#new-by-key");
    await fill(OLD);
    await visitor.paste("#public-keys", keys.join("\n"));
    await visitor.submit();
    assert.match(await visitor.failure(), /^These keys do not go together/);
    assert.equal(await visitor.page.$eval("#public-keys", ({ value }) => value), keys.join("\n"));
    assert.ok(await visitor.text("#changing"));
    await visitor.paste("#public-keys", "age1nothing");
    await visitor.submit();
    await visitor.page.waitForFunction(() =>
      document.querySelector("#failure").innerText.startsWith("Not a public key"),
    );
  });

  test("a key that is not the file's is refused with words", async () => {
    const other = await generateIdentity();
    await enter(
      "other.txt.age",
      await encrypt(CONTENTS, recipient(await recipientOf(await generateIdentity()))),
    );
    await visitor.page.type("#private-key", other);
    await fill(NEW, NEW);
    await visitor.submit();
    assert.match(await visitor.failure(), /^Made for another key/);
    await visitor.click("#change-cancel");
  });

  for (const format of ["age", "age-rt"])
    test(`encrypted anew, an ${format} file has nothing that the old key opens`, async () => {
      const secret = await generateIdentity();
      const before = await encrypt(CONTENTS, OLD, { ...QUICK, format });
      await enter(`anew ${format}.age`, before);
      await visitor.click("#how-anew");
      assert.equal(await visitor.text("#file-submit"), "Encrypt anew and save");
      await visitor.click("#new-by-key");
      await visitor.paste("#public-keys", await recipientOf(secret));
      await fill("not this one");
      await visitor.submit();
      assert.match(await visitor.failure(), /^Wrong passphrase/);
      await fill(OLD);
      const bytes = await readFile(await save());
      await visitor.done();
      assert.equal((await inspect(bytes)).format, format);
      assert.ok(Buffer.from(await decrypt(bytes, identity(secret))).equals(CONTENTS));
      await assert.rejects(decrypt(before, identity(secret)), NoIdentityMatchError);
      // The old header before the new payload: another file key.
      const { header } = await splitHeader(before);
      await assert.rejects(
        decrypt(Buffer.concat([header, await payload(bytes)]), OLD),
        ({ code }) => code === "chunk-authentication" || code === "chunk-length",
      );
      assert.equal(await visitor.page.evaluate(() => window.dialogs), 0);
    });

  test("a damaged file is not encrypted anew, and it is said up to where it is right", async () => {
    const damaged = await encrypt(CONTENTS, OLD, QUICK);
    damaged[damaged.length - 70_000] ^= 1;
    await enter("damaged.txt.age", damaged);
    await visitor.click("#how-anew");
    await fill(OLD, NEW, NEW);
    await visitor.submit();
    assert.match(await visitor.failure(), /^The file is damaged\s+It is whole up to 65\.5 kB/);
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
    assert.equal(await visitor.page.$eval("#public-keys", ({ value }) => value), "");
    // The keys that files are encrypted for are where they were.
    await visitor.click("#action-encrypt + span");
    await visitor.click("#by-key");
    assert.match(await visitor.text("#keys"), /Public keys of everybody/);
    await visitor.click("#action-decrypt + span");
    await visitor.click("#by-passphrase");
    assert.equal(basename(await save()), "cancelled.txt");
    assert.equal(await visitor.page.evaluate(() => window.dialogs), 1);
  });

  test("nothing was complained of", () => assert.deepEqual(visitor.complaints, []));
});
