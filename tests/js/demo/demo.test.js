/** The demo page in Chromium, as a person uses it, with a file of 100 MB. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { atTerminal } from "../interop/lib/terminal.js";
import { ageProgram, python } from "../lib/repository.js";
import { hashOf } from "./lib/large-file.js";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const SIZE = 100_000_000;
const PASSPHRASE = "correct horse, batterie de cuisine: æøå 🐎";
const decode = fileURLToPath(new URL("lib/decode.py", import.meta.url));

describe("the demo page in Chromium", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let original;
  let hash;
  let visitor;

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-demo-"));
    original = join(folder, "holiday.mp4");
    await writeFile(original, randomFillSync(Buffer.allocUnsafe(SIZE)));
    hash = await hashOf(original);
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });

  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  for (const format of ["age", "age-rt"]) {
    let encrypted;

    test(`encrypts 100 MB to ${format} and saves it under the right name`, async () => {
      await visitor.choose(original);
      await visitor.type(PASSPHRASE);
      await visitor.chooseFormat(format);
      encrypted = await visitor.download(async () => {
        await visitor.submit();
        assert.match(await visitor.done(), /holiday\.mp4\.age is among your downloads$/);
      });
      assert.equal(basename(encrypted), "holiday.mp4.age");
      await visitor.click("#again");
    });

    test(`the reference implementation opens the ${format} file`, async () => {
      const decrypted = join(folder, `reference-${format}`);
      await promisify(execFile)(python(), [decode, format, PASSPHRASE, encrypted, decrypted]);
      assert.equal(await hashOf(decrypted), hash);
    });

    if (format === "age") {
      test("the age command opens the file", async () => {
        const age = ageProgram();
        const decrypted = join(folder, "age-command");
        await atTerminal([age, "--decrypt", "--output", decrypted, encrypted], [PASSPHRASE]);
        assert.equal(await hashOf(decrypted), hash);
      });
    }

    test(`a wrong passphrase for the ${format} file is told as such, saves nothing, and the right one works after it`, async () => {
      const before = await readdir(visitor.downloads);
      await visitor.choose(encrypted);
      await visitor.type(`${PASSPHRASE}!`);
      await visitor.submit();
      assert.match(await visitor.failure(), /^Wrong passphrase[^]*accents[^]*damaged/);
      assert.deepEqual(await readdir(visitor.downloads), before);

      await visitor.type(PASSPHRASE);
      const decrypted = await visitor.download(async () => {
        await visitor.submit();
        assert.match(await visitor.done(), /holiday\.mp4 is among your downloads$/);
      });
      assert.equal(basename(decrypted), "holiday.mp4");
      assert.equal(await hashOf(decrypted), hash);
      await rm(decrypted);
      await visitor.click("#again");
    });

    test(`a damaged ${format} file is told as such, with how far it was good, and leaves nothing`, async () => {
      const damaged = join(folder, `damaged-${format}.age`);
      const bytes = await readFile(encrypted);
      bytes[SIZE / 2] ^= 1;
      await writeFile(damaged, bytes);
      await fails(damaged, /^The file is damaged\s+It is whole up to 49.9 MB/);
    });

    test(`an incomplete ${format} file is told as such and leaves nothing`, async () => {
      await truncate(encrypted, SIZE / 4);
      // The age format has no lengths: a cut inside a chunk looks like a change.
      await fails(
        encrypted,
        format === "age"
          ? /^The file is incomplete or damaged\s+It is whole up to 25 MB[^]*It has 25 MB here/
          : /^The file is incomplete\s+It ends too early: its first 25 MB[^]*It has 25 MB here/,
      );
      await rm(encrypted);
    });
  }

  for (const [name, contents, message] of [
    ["notes.txt", "not encrypted at all", /^Not an age file/],
    [
      "key.age",
      recipientFile(),
      /^Made for a key[^]*an SSH key \(ssh-ed25519\) or an age key \(X25519\)/,
    ],
    ["newer.age", "age-encryption.org/v9\n", /^A newer format/],
    ["download.age", "<!doctype html>", /^Not an encrypted file[^]*a failed download[^]*15 bytes/],
    ["empty.age", "", /^The file is empty/],
    [
      "redirected.age",
      Buffer.from("\ufeffage-encryption.org/v1\r\n-> scrypt", "utf16le"),
      /^A shell has rewritten this file/,
    ],
    ["windows.age", "age-encryption.org/v1\r\n-> scrypt", /^A shell has rewritten this file/],
  ]) {
    test(`${name} is refused with a reason`, async () => {
      const path = join(folder, name);
      await writeFile(path, contents);
      await visitor.choose(path);
      await visitor.click("#action-decrypt");
      // Of a file for keys the page proposes a key.
      await visitor.click("#by-passphrase");
      await visitor.type(PASSPHRASE);
      await visitor.submit();
      assert.match(await visitor.failure(), message);
    });
  }

  test("two different passphrases are not taken", async () => {
    await visitor.choose(original);
    await visitor.type(PASSPHRASE, `${PASSPHRASE}.`);
    await visitor.submit();
    assert.match(await visitor.text("[data-part=confirm] .problem"), /differ/);
  });

  test("nothing was complained of: no error, no violated policy, no request elsewhere", () => {
    assert.deepEqual(visitor.complaints, []);
  });

  async function fails(path, message) {
    const before = await readdir(visitor.downloads);
    await visitor.choose(path);
    await visitor.type(PASSPHRASE);
    await visitor.submit();
    assert.match(await visitor.failure(), message);
    // The browser takes a broken download away by itself, a moment later.
    for (
      let tries = 0;
      tries < 50 && (await readdir(visitor.downloads)).length > before.length;
      tries += 1
    )
      await new Promise((resolve) => setTimeout(resolve, 100));
    assert.deepEqual(await readdir(visitor.downloads), before);
  }
});

/** A file for two public keys, whole as far as its header goes. */
function recipientFile() {
  const stanza = (type, argument) => `-> ${type} ${argument}\n${"A".repeat(43)}\n`;
  return `age-encryption.org/v1\n${stanza("ssh-ed25519", "AAAAAA AAAA")}${stanza("X25519", "A".repeat(43))}--- ${"A".repeat(43)}\n${"x".repeat(64)}`;
}
