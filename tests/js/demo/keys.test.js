/**
 * Keys in the demo page: a pair is made, files go to it and come from the age command, and mistakes
 * are told without the key.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { encrypt } from "age-rt-wasm";
import { generateIdentity, identityFile, recipient, recipientOf } from "age-rt-wasm/recipients";
import { ageProgram } from "../lib/repository.js";
import { AUTHENTICATOR } from "../lib/authenticator.js";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const CONTENTS = "for one key alone";
const execute = promisify(execFile);

describe("keys in the demo page", { timeout: 600_000 }, () => {
  const age = ageProgram();
  let site;
  let folder;
  let visitor;
  let note;
  let identity;
  let keyFile;

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-keys-"));
    note = join(folder, "note.txt");
    await writeFile(note, CONTENTS);
    identity = await generateIdentity();
    keyFile = join(folder, "mine.txt");
    await writeFile(keyFile, await identityFile(identity));
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
  const chooseKeyFile = async (path) => {
    const input = await visitor.page.$("#key-file");
    await input.uploadFile(path);
    await visitor.page.waitForSelector("#key-file-name:not(:empty)");
  };
  const again = () => visitor.click("#again");

  for (const type of ["x25519", "hybrid"]) {
    test(`a pair of type ${type} is made, kept and used`, async () => {
      await visitor.choose(note);
      await visitor.click("#by-key");
      await visitor.page.$eval("#keys-encrypt details", (details) => (details.open = true));
      await visitor.click(`[name=key-type][value=${type}]`);
      await visitor.click("#make-keys");
      // The pair before stays until the new one is there.
      await visitor.page.waitForFunction(
        (start) => document.querySelector(".pair output")?.textContent.startsWith(start),
        {},
        type === "hybrid" ? "age1pq1" : "age1",
      );
      const saved = await visitor.download(() => visitor.click(".pair [data-part=save]"));
      assert.equal(basename(saved), "age-key.txt");
      const kept = await readFile(saved, "utf8");
      const shared = await visitor.text(".pair output");
      assert.match(kept, type === "hybrid" ? /^AGE-SECRET-KEY-PQ-1/m : /^AGE-SECRET-KEY-1/m);
      assert.equal(shared, await recipientOf(kept.trim().split("\n").at(-1)));
      assert.ok(
        !(await visitor.page.content()).includes("AGE-SECRET-KEY-PQ-1") &&
          !/AGE-SECRET-KEY-1[A-Z0-9]{20}/.test(await visitor.page.content()),
      );
      await visitor.click(".pair [data-part=use]");
      const encrypted = await finished();
      if (type === "x25519") {
        const { stdout } = await execute(age, ["--decrypt", "-i", saved, encrypted]);
        assert.equal(stdout, CONTENTS);
      }
      await again();

      await visitor.choose(encrypted);
      assert.equal(await visitor.page.$eval("#by-key", ({ checked }) => checked), true);
      await chooseKeyFile(saved);
      const decrypted = await finished();
      assert.equal(await readFile(decrypted, "utf8"), CONTENTS);
      await again();
      for (const path of [saved, encrypted, decrypted]) await rm(path);
    });
  }

  test("a file that the age command made for two keys, with the key pasted", async () => {
    const encrypted = join(folder, "by-age.txt.age");
    const other = await recipientOf(await generateIdentity());
    const mine = await recipientOf(identity);
    await execute(age, ["-r", other, "-r", mine, "--output", encrypted, note]);
    await visitor.choose(encrypted);
    await visitor.page.type("#private-key", identity);
    const decrypted = await finished();
    assert.equal(await readFile(decrypted, "utf8"), CONTENTS);
    await again();
  });

  test("a key file that is encrypted asks for its passphrase, and says when it is wrong", async () => {
    const locked = join(folder, "locked.age");
    await writeFile(
      locked,
      await encrypt(await identityFile(identity), "a passphrase", { workFactor: 1 }),
    );
    const encrypted = join(folder, "locked.txt.age");
    await writeFile(encrypted, await encrypt(CONTENTS, recipient(await recipientOf(identity))));
    await visitor.choose(encrypted);
    await chooseKeyFile(locked);
    await visitor.submit();
    assert.match(await visitor.text("#unlock-problem"), /passphrase/);
    await visitor.page.type("#key-passphrase", "not this one");
    await visitor.submit();
    assert.match(await visitor.failure(), /^Wrong passphrase/);
    await visitor.page.$eval("#key-passphrase", (field) => (field.value = ""));
    await visitor.page.type("#key-passphrase", "a passphrase");
    const decrypted = await finished();
    assert.equal(await readFile(decrypted, "utf8"), CONTENTS);
    await again();
  });

  test("public keys come from a file, several at once", async () => {
    const others = join(folder, "team.txt");
    const third = await generateIdentity();
    await writeFile(
      others,
      `# the team\n${await recipientOf(identity)}\n${await recipientOf(third)}\n`,
    );
    await visitor.choose(note);
    await visitor.click("#by-key");
    const input = await visitor.page.$("#public-file");
    await input.uploadFile(others);
    await visitor.page.waitForFunction(() =>
      document.querySelector("#public-keys").value.includes("# the team"),
    );
    const encrypted = await finished();
    const { stdout } = await execute(age, ["--decrypt", "-i", keyFile, encrypted]);
    assert.equal(stdout, CONTENTS);
    await again();
    await rm(encrypted);
  });

  test("while a key opens a file that is what the page says, and Cancel ends it", async () => {
    const encrypted = join(folder, "slow.txt.age");
    await writeFile(encrypted, await encrypt(CONTENTS, recipient(await recipientOf(identity))));
    await visitor.choose(encrypted);
    await visitor.page.type("#private-key", identity);
    // A disk that gives nothing.
    await visitor.page.evaluate(() => {
      window.given = Blob.prototype.stream;
      Blob.prototype.stream = () => new ReadableStream();
    });
    await visitor.submit();
    await visitor.page.waitForFunction(
      () => document.querySelector("#stage").textContent === "Opening it with the key",
    );
    await visitor.click("#cancel");
    await visitor.page.waitForSelector("#submit-notice:not(:empty)");
    assert.equal(await visitor.text("#submit-notice"), "Cancelled. Nothing was kept.");
    await visitor.page.evaluate(() => (Blob.prototype.stream = window.given));
    const decrypted = await finished();
    assert.equal(await readFile(decrypted, "utf8"), CONTENTS);
    await again();
    for (const path of [encrypted, decrypted]) await rm(path);
  });

  test("a file for another key says what opens it, and one for a passphrase that it is that", async () => {
    const stranger = join(folder, "stranger.txt.age");
    const theirs = recipient(await recipientOf(await generateIdentity("hybrid")));
    await writeFile(stranger, await encrypt(CONTENTS, theirs));
    await visitor.choose(stranger);
    await visitor.page.type("#private-key", identity);
    await visitor.submit();
    assert.match(
      await visitor.failure(),
      /^Made for another key[^]*a post-quantum age key \(mlkem768x25519\)/,
    );
    const secret = join(folder, "secret.txt.age");
    await writeFile(secret, await encrypt(CONTENTS, "a passphrase", { workFactor: 1 }));
    await visitor.choose(secret);
    await visitor.click("#by-key");
    await visitor.submit();
    assert.match(await visitor.failure(), /^Made for a passphrase/);
    assert.equal(await visitor.page.$eval("#by-passphrase", ({ checked }) => checked), true);
  });

  test("a passkey that is refused is told from one that cannot be had", async () => {
    await visitor.choose(note);
    await visitor.click("#by-key");
    await visitor.page.waitForSelector("#passkeys:not([hidden])");
    await visitor.page.evaluate(() => {
      navigator.credentials.create = () =>
        Promise.reject(new DOMException("It was refused.", "NotAllowedError"));
    });
    await visitor.click("#make-passkey");
    await visitor.page.waitForSelector("#passkey-notice:not(:empty)");
    assert.match(
      await visitor.text("#passkey-notice"),
      /^No passkey was made\..*dialog was closed/,
    );
    await visitor.page.evaluate(() => delete navigator.credentials.create);
  });

  test("a passkey is made, encrypts and decrypts", async () => {
    const session = await visitor.page.createCDPSession();
    await session.send("WebAuthn.enable");
    await session.send("WebAuthn.addVirtualAuthenticator", { options: AUTHENTICATOR });
    await visitor.choose(note);
    await visitor.click("#by-passphrase");
    await visitor.click("#by-key");
    await visitor.page.$eval("#public-keys", (field) => (field.value = ""));
    await visitor.page.waitForSelector("#passkeys:not([hidden])");
    await visitor.click("#make-passkey");
    await visitor.page.waitForSelector("#use-passkey[aria-pressed=true]");
    const encrypted = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    // It is nobody else's: there is nobody to write to.
    assert.match(await visitor.text("#finished-detail"), /Without the passkey nobody can open it/);
    assert.match(await visitor.text("#next-list"), /come back to http[^]*“Use a passkey”/);
    assert.equal(await visitor.text("#next-copy"), "");
    await again();
    await visitor.choose(encrypted);
    assert.equal(await visitor.text("#keys-decrypt"), "");
    await visitor.click("#use-passkey");
    const decrypted = await finished();
    assert.equal(await readFile(decrypted, "utf8"), CONTENTS);
    await again();
    for (const path of [encrypted, decrypted]) await rm(path);
    await session.detach();
  });

  test("a private key where a public one belongs is refused, and not repeated", async () => {
    await visitor.choose(note);
    await visitor.click("#by-key");
    await visitor.page.$eval("#public-keys", (field) => (field.value = ""));
    await visitor.page.type("#public-keys", identity);
    await visitor.submit();
    const said = await visitor.failure();
    assert.match(said, /^Not a public key[^]*private key/);
    assert.ok(!said.includes(identity.slice(0, 30)));
  });

  test("nothing was complained of", () => assert.deepEqual(visitor.complaints, []));
});
