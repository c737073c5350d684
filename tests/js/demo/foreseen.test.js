/**
 * What the demo page says of files as soon as they are chosen, before anybody types a passphrase;
 * and that it says no more of them once they are not.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { armor, ciphertextSize, encrypt } from "age-rt-wasm";
import { generateIdentity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { Guest } from "./lib/guest.js";
import * as lacking from "./lib/lacking.js";
import { startSite } from "./lib/site.js";

const PASSPHRASE = "a passphrase";
const QUICK = { workFactor: 1 };
const CHUNK = 65_536;
const BODY = "A".repeat(43);
const PASSKEY = "age-encryption.org/fido2prf";
const header = (...stanzas) =>
  `age-encryption.org/v1\n${stanzas.map((stanza) => `-> ${stanza}\n${BODY}\n`).join("")}--- ${BODY}\n${"x".repeat(100)}`;

/** What is wrong at first sight, and what is said of it. */
const FAULTS = {
  "page.age": ["<!doctype html>", /^Not an encrypted file[^]*a failed download[^]*15 bytes/],
  "picture.age": [Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), /^Not an encrypted file/],
  "empty.age": ["", /^The file is empty[^]*0 bytes/],
  "cut.age": ["age-encryption.org/v1\n-> scrypt AAAA", /^The file is incomplete/],
  "newer.age": ["age-encryption.org/v9\n-> scrypt AAAA", /^A newer format/],
  "windows.age": ["age-encryption.org/v1\r\n-> scrypt", /^A shell has rewritten this file/],
  "shell.age": [
    Buffer.from("\ufeffage-encryption.org/v1\r\n-> scrypt", "utf16le"),
    /^A shell has rewritten this file/,
  ],
  "half.age": ["-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n", /^The message is not whole/],
  "heavy.age": [header(`scrypt ${"A".repeat(22)} 21`), /^This file was made slow to open/],
  "heavier.age": [header(`scrypt ${"A".repeat(22)} 23`), /^Too much work/],
};

for (const engine of ["chromium", "firefox"])
  describe(`what the demo page foresees, in ${engine}`, { timeout: 600_000 }, () => {
    const files = Object.fromEntries(
      Object.entries(FAULTS).map(([name, [contents]]) => [name, contents]),
    );
    let site;
    let folder;
    let guest;

    before(async () => {
      const key = recipient(await recipientOf(await generateIdentity()));
      Object.assign(files, {
        "note.txt": "a note",
        "a.txt.age": await encrypt("in a", PASSPHRASE, QUICK),
        "b.txt.age": await encrypt("in b", PASSPHRASE, QUICK),
        "key.txt.age": await encrypt("for a key", key),
        "letters.age": armor(await encrypt("for a key", key)),
        "grease.age": header(`X25519 ${BODY}`, "aB3-grease x"),
        "hardware.age": header(`piv-p256 AAAA ${BODY}`),
        "passkey.age": header(`${PASSKEY} ${"A".repeat(22)}`),
        "either.age": header(`${PASSKEY} ${"A".repeat(22)}`, `X25519 ${BODY}`),
        "both.age": header(`piv-p256 AAAA ${BODY}`, `X25519 ${BODY}`),
        "disk.bin.age": damaged(await encrypt(new Uint8Array(4 * CHUNK + 100), PASSPHRASE, QUICK)),
      });
      folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-foreseen-"));
      for (const [name, contents] of Object.entries(files))
        await writeFile(join(folder, name), contents);
      site = await startSite({ lacking: lacking.savePicker });
      guest = await Guest.arrive(engine, site.url);
    });
    after(async () => {
      await guest?.leave();
      await site?.close();
      await rm(folder, { recursive: true });
    });
    beforeEach(async () => {
      await guest.page.evaluate(() => {
        document.querySelector("#inside:not([hidden]) #inside-back")?.click();
        document.querySelector("#remove-all").click();
      });
    });

    const evaluate = (...call) => guest.page.evaluate(...call);
    const text = (selector) =>
      evaluate((selector) => {
        const element = document.querySelector(selector);
        return element.checkVisibility() ? element.innerText.trim() : "";
      }, selector);
    const checked = (selector) =>
      evaluate((selector) => document.querySelector(selector).checked, selector);
    async function choose(...names) {
      for (const name of names) {
        await guest.choose(join(folder, name));
        await guest.wait(
          (name) =>
            [...document.querySelectorAll("#chosen bdi")].some((one) => one.textContent === name),
          name,
        );
      }
    }
    async function type(passphrase) {
      const [field] = await evaluate(() =>
        Array.from(document.querySelectorAll("#files .passphrase input"), ({ id }) => `#${id}`),
      );
      await evaluate((field) => (document.querySelector(field).value = ""), field);
      await guest.type(field, passphrase);
    }

    for (const [name, [, said]] of Object.entries(FAULTS))
      test(`${name} is told as what it is before any passphrase, and Decrypt stays chosen`, async () => {
        await choose(name);
        assert.match(await text("#failure"), said);
        assert.ok(await checked("#action-decrypt"));
        // Spoken, since the focus stays where it is.
        assert.equal(
          await evaluate(() => document.querySelector("#failure").getAttribute("role")),
          "alert",
        );
      });

    test("it goes with the choice that it is of, and comes with it", async () => {
      await choose("page.age");
      await guest.click("#action-encrypt");
      assert.equal(await text("#failure"), "");
      await guest.click("#action-decrypt");
      assert.match(await text("#failure"), /^Not an encrypted file/);
      // Any other file, too, once somebody wants it decrypted.
      await guest.click("#chosen button");
      await choose("note.txt");
      assert.equal(await text("#failure"), "");
      await guest.click("#action-decrypt");
      assert.match(await text("#failure"), /^Not an age file\s+This file was not encrypted/);
    });

    test("of several the one that is meant is named", async () => {
      await choose("a.txt.age", "empty.age", "page.age");
      assert.match(
        await text("#failure"),
        /^The file is empty: empty\.age[^]*1 more of these files/,
      );
      assert.ok(await checked("#action-decrypt"));
    });

    test("what asks for much work can be agreed to at once", async () => {
      await choose("heavier.age");
      assert.equal(await text("#heavy"), "");
      await guest.click("#chosen button");
      await choose("heavy.age");
      assert.match(await text("#heavy"), /Open it all the same/);
    });

    test("a file for a key says so and asks for the key; the other choice is told as the wrong one", async () => {
      for (const name of ["key.txt.age", "letters.age", "grease.age"]) {
        await choose(name);
        assert.ok(await checked("#by-key"), name);
        assert.notEqual(await text("#keys-decrypt"), "");
        assert.match(
          await text("#made-for"),
          /made for a key\. What opens it: an age key \(X25519\)\. If you have no such key/,
        );
        await guest.click("#by-passphrase");
        assert.match(await text("#made-for"), /^No passphrase opens it/);
        await guest.click("#chosen button");
        assert.equal(await text("#made-for"), "");
      }
    });

    test("a file for a passphrase says so, whatever was chosen before", async () => {
      await choose("key.txt.age");
      await guest.click("#chosen button");
      await choose("a.txt.age");
      assert.ok(await checked("#by-passphrase"));
      assert.match(await text("#made-for"), /made for a passphrase/);
      await guest.click("#by-key");
      assert.match(await text("#made-for"), /^No key opens it/);
    });

    test("of a key that only another program has, that program is named", async () => {
      await choose("hardware.age");
      assert.match(await text("#made-for"), /cannot use[^]*a YubiKey[^]*age command/);
    });

    test("of a file for a passkey alone nobody is asked for a key file", async () => {
      await choose("passkey.age");
      assert.equal(await text("#made-for"), "It was made for a passkey.");
      assert.equal(await text("#keys-decrypt"), "");
      await guest.wait(
        () =>
          document.querySelector("#passkeys").checkVisibility() !==
          /no passkeys that open files/.test(document.querySelector("#passkey-notice").textContent),
      );
      await guest.click("#file-submit");
      assert.match(await text("#passkey-notice"), /“Use a passkey” first|no passkeys that open/);
      await guest.click("#action-encrypt");
      assert.equal(await text("#passkey-notice"), "");
      assert.notEqual(await text("#keys-encrypt"), "");
    });

    test("a file that a passkey and a key file open asks for either", async () => {
      await choose("either.age");
      assert.match(await text("#made-for"), /a passkey \(fido2prf\),? or an age key/);
      assert.notEqual(await text("#keys-decrypt"), "");
    });

    test("a passkey is offered for what one opens, and is let go of where none does", async () => {
      const shown = (wanted) =>
        guest.wait(
          (wanted) => document.querySelector("#passkeys").checkVisibility() === wanted,
          wanted,
        );
      // As in a browser that has them.
      await evaluate(() => {
        const { getClientCapabilities } = PublicKeyCredential;
        PublicKeyCredential.getClientCapabilities = async () => ({ "extension:prf": true });
        window.asBefore = () => (PublicKeyCredential.getClientCapabilities = getClientCapabilities);
      });
      await choose("either.age");
      await shown(true);
      await guest.click("#use-passkey");
      assert.notEqual(await text("#passkey-notice"), "");
      await guest.click("#chosen button");
      await choose("key.txt.age");
      await shown(false);
      assert.equal(await text("#passkey-notice"), "");
      // A key file is asked for now, and not the passkey that was pressed before.
      await guest.click("#file-submit");
      assert.match(await text("#private-problem"), /Choose the key file/);
      // One of several is enough, and the direction decides, too.
      await choose("passkey.age");
      await shown(true);
      await guest.click("#remove-all");
      await choose("key.txt.age");
      await shown(false);
      await guest.click("#action-encrypt");
      await shown(true);
      await guest.click("#action-decrypt");
      await shown(false);
      await guest.click("#chosen button");
      await choose("either.age");
      await shown(true);
      await evaluate(() => window.asBefore());
    });

    test("whoever has no such key is told to ask the sender", async () => {
      await choose("key.txt.age");
      assert.match(await text("#made-for"), /made for a key[^]*ask the sender/);
      await guest.type("#private-key", await generateIdentity());
      await guest.click("#file-submit");
      await guest.wait(() => !document.querySelector("#failure").hidden);
      assert.match(await text("#failure"), /^Made for another key[^]*ask the sender/);
    });

    test("a passphrase in the place of a private key is told how one begins", async () => {
      await choose("key.txt.age");
      await evaluate(() => (document.querySelector("#private-key").value = ""));
      await guest.type("#private-key", "silver otter lamp");
      await guest.click("#file-submit");
      await guest.wait(() => !document.querySelector("#failure").hidden);
      assert.match(await text("#failure"), /^Not a private key[^]*begin with AGE-SECRET-KEY-/);
    });

    for (const [name, said] of [
      ["key.txt.age", /an age key \(X25519\)\. Choose the key file here\.$/],
      ["passkey.age", /a passkey \(fido2prf\)\. Press “Use a passkey” here\.$/],
      ["either.age", /Choose the key file here, or press “Use a passkey”\.$/],
      ["hardware.age", /a YubiKey[^]*This page cannot use it: use the age command\.$/],
      ["both.age", /Choose the key file here\. Hardware keys work with the age command\.$/],
    ])
      test(`whoever tries a passphrase with ${name} is told what opens it, and how`, async () => {
        await choose(name);
        await guest.click("#by-passphrase");
        await type(PASSPHRASE);
        await guest.click("#file-submit");
        await guest.wait(() => !document.querySelector("#failure").hidden);
        assert.match(await text("#failure"), /^Made for a key, not for a passphrase/);
        assert.match(await text("#failure"), said);
      });

    test("files of both kinds are told apart by their names", async () => {
      await choose("a.txt.age", "key.txt.age");
      assert.match(await text("#made-for"), /For a key: key\.txt\.age/);
    });

    test("a message for a key is told while it is pasted, and goes on among the files", async () => {
      await guest.click("#tab-text");
      await evaluate((message) => {
        const input = document.querySelector("#text-input");
        input.value = message;
        input.dispatchEvent(new Event("input", { bubbles: true }));
      }, files["letters.age"]);
      assert.match(await text("#text-failure"), /^Made for a key[^]*an age key \(X25519\)/);
      await guest.click("#text-as-file");
      await guest.wait(() => document.querySelector("#chosen bdi")?.textContent === "message.age");
      assert.ok(await checked("#by-key"));
      assert.notEqual(await text("#keys-decrypt"), "");
      await evaluate(() => {
        const input = document.querySelector("#text-input");
        input.value = "";
        input.dispatchEvent(new Event("input", { bubbles: true }));
      });
      await guest.click("#tab-text");
      assert.equal(await text("#text-failure"), "");
      assert.equal(await text("#text-as-file"), "");
      await guest.click("#tab-files");
    });

    test("of several each can be looked into, and all say what they are", async () => {
      await choose("a.txt.age", "b.txt.age");
      // Not with the mouse: what the page finds out about the file moves this.
      await guest.page.evaluate(() => document.querySelector("#about summary").click());
      await guest.wait(() => document.querySelectorAll("#about-facts dl").length === 2);
      assert.match(await text("#about"), /^About these files[^]*a\.txt\.age[^]*b\.txt\.age/);
      assert.match(await text("#alone"), /choose that file alone/);
      await type(PASSPHRASE);
      await guest.click("#chosen li:nth-child(2) [data-part=look]");
      await guest.wait(() => !document.querySelector("#inside").hidden);
      assert.match(await text("#inside"), /in b$/m);
      await guest.click("#inside-back");
      await guest.wait(
        () => document.activeElement.getAttribute("aria-label") === "Look inside b.txt.age",
      );
      await guest.click("#chosen li:nth-child(1) [data-part=remove]");
      assert.equal(await text("#alone"), "");
      assert.equal(await text("#look"), "Look inside first");
      assert.match(await text("#about"), /^About this file/);
    });

    test("what is damaged is told in sizes that people read, beside the bytes to compare", async () => {
      await choose("disk.bin.age");
      await type(PASSPHRASE);
      await guest.click("#file-submit");
      await guest.wait(() => document.querySelector("#salvage").checkVisibility());
      await guest.click("#salvage");
      await guest.wait(() => !document.querySelector("#inside").hidden);
      assert.match(
        await text("#inside"),
        /197 kB of 262 kB are undamaged \(196,708 of 262,244 bytes\)[^]*65\.5 kB, after the first 65\.5 kB \(bytes 65,536 to 131,071\)/,
      );
      await guest.click("#inside-back");
      // The person is where they were: at what was said of the damage.
      assert.match(await text("#failure"), /^The file is damaged/);
      await guest.wait(() => document.activeElement.id === "salvage");
    });

    test("nothing that was said of files outlives them", async () => {
      const said = () =>
        evaluate(() =>
          Array.from(
            document.querySelectorAll(
              "#files :is(.notice, [role=status]:not(.strength), [role=alert], .failure, #will-be, #alone, #about, #salvage, #heavy, #look, #change, #chosen, #chosen-rest, #archive)",
            ),
          )
            .filter((element) => element.checkVisibility() && element.innerText.trim() !== "")
            .map((element) => `${element.id}: ${element.innerText}`),
        );
      const nothing = await said();
      const cases = [
        ["note.txt", "a.txt.age"],
        ["empty.age", "page.age"],
        ["key.txt.age", "a.txt.age"],
        ["heavy.age"],
      ];
      for (const names of cases) {
        await choose(...names);
        assert.notDeepEqual(await said(), nothing);
        // One after the other, as a person takes them out.
        for (const _ of names) await guest.click("#chosen li:last-child [data-part=remove]");
        assert.deepEqual(await said(), nothing, names.join());
        // A key was proposed for them alone.
        assert.ok(await checked("#by-passphrase"));
      }
      await choose("disk.bin.age");
      await type(PASSPHRASE);
      await guest.click("#file-submit");
      await guest.wait(() => document.querySelector("#salvage").checkVisibility());
      await guest.click("#chosen [data-part=remove]");
      assert.deepEqual(await said(), nothing);
      // The hint says what the options say.
      assert.match(await text("#several"), /one \.zip/);
      await evaluate(() => document.querySelector("#archive-tar").click());
      assert.match(await text("#several"), /one \.tar/);
      await evaluate(() => document.querySelector("#archive-zip").click());
    });

    test("nothing was complained of", () => assert.deepEqual(guest.complaints, []));
  });

/** A bit of its second chunk is flipped. */
function damaged(encrypted) {
  const payload = ciphertextSize(4 * CHUNK + 100) - ciphertextSize(0);
  const nonceAndTag = 16 + 16;
  const changed = Uint8Array.from(encrypted);
  const start = encrypted.length - payload - nonceAndTag;
  changed[start + 16 + CHUNK + 16 + 5] ^= 1;
  return changed;
}
