/**
 * Keys, archives and a look inside in Firefox and WebKitGTK; keys.test.js and inside.test.js do it
 * in Chromium.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { decrypt, encrypt } from "age-rt-wasm";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { Guest } from "./lib/guest.js";
import { startSite } from "./lib/site.js";
import { load } from "./lib/source.js";

const PASSPHRASE = "a passphrase";
/** Bytes of age's header for one X25519 key; nonce, text and tag follow. */
const KEY_HEADER = 168;
const QUICK = { workFactor: 1 };

describe("the newer parts of the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-anywhere-"));
  });
  after(async () => {
    await site?.close();
    await rm(folder, { recursive: true });
  });

  for (const engine of ["firefox", "webkit"]) {
    test(`${engine}: a file for a key, there and back; an archive and a damaged file looked into`, async () => {
      const guest = await Guest.arrive(engine, site.url);
      const { page } = guest;
      const shown = (selector) =>
        guest.wait((selector) => document.querySelector(selector)?.checkVisibility(), selector);
      const text = (selector) =>
        page.evaluate((selector) => document.querySelector(selector).innerText, selector);
      const choose = async (name, contents) => {
        const path = join(folder, `${engine}-${name}`);
        await writeFile(path, contents);
        await guest.choose(path);
        await guest.wait(
          (name) => document.querySelector("#chosen")?.textContent.includes(name),
          name,
        );
        return path;
      };
      const removeAll = () => page.evaluate(() => document.querySelector("#remove-all").click());
      try {
        const secret = await generateIdentity();
        const publicKey = await recipientOf(secret);
        await choose("note.txt", "a note");
        await guest.click("#by-key");
        await shown("#public-keys");
        await guest.type("#public-keys", publicKey);
        await guest.click("#file-submit");
        await shown("#finished");
        const encrypted = await guest.saved(`${engine}-note.txt.age`, KEY_HEADER + 16 + 6 + 16);
        const opened = await decrypt(await readFile(encrypted), identity(secret));
        assert.equal(Buffer.from(opened).toString(), "a note");
        await guest.click("#again");

        const { tar } = await load("src/tar.ts");
        const members = [{ path: "a.txt", file: new File(["in it"], "a.txt") }];
        await choose("few.tar.age", await encrypt(tar(members), recipient(publicKey)));
        await shown("#private-key");
        await guest.type("#private-key", secret);
        await guest.click("#look");
        await shown(".members li");
        assert.match(await text(".members"), /a\.txt/);
        await guest.click(".members button");
        assert.equal(await readFile(await guest.saved("a.txt", 5), "utf8"), "in it");
        await guest.click("#inside-back");
        await removeAll();

        const broken = await encrypt(new Uint8Array(200_000), PASSPHRASE, QUICK);
        await choose("cut.bin.age", broken.subarray(0, 150_000));
        await shown("#files .passphrase input");
        const [field] = await page.evaluate(() =>
          Array.from(document.querySelectorAll("#files .passphrase input"), ({ id }) => `#${id}`),
        );
        await guest.type(field, PASSPHRASE);
        await guest.click("#file-submit");
        await shown("#salvage");
        await guest.click("#salvage");
        await shown("#inside-body button");
        assert.match(await text("#inside-facts"), /The first 131 kB are undamaged/);
        assert.deepEqual(guest.complaints, []);
      } finally {
        await guest.leave();
      }
    });
  }
});
