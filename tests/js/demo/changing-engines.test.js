/** What opens a file is changed in Firefox and WebKitGTK; changing.test.js does it in Chromium. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { decrypt, encrypt } from "age-rt-wasm";
import { generateIdentity, identity, recipient, recipientOf } from "age-rt-wasm/recipients";
import { Guest } from "./lib/guest.js";
import * as lacking from "./lib/lacking.js";
import { startSite } from "./lib/site.js";

const OLD = "the old passphrase";
const NAME = "report.txt.age";
const CONTENTS = Buffer.alloc(200_000, 7);

for (const engine of ["firefox", "webkit"]) {
  describe(`what opens a file is changed, in ${engine}`, { timeout: 600_000 }, () => {
    let site;
    let folder;
    before(async () => {
      site = await startSite({ lacking: lacking.savePicker });
      folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-changing-"));
    });
    after(async () => {
      await site?.close();
      await rm(folder, { recursive: true });
    });

    for (const how of ["quick", "anew"])
      test(`${how}: from a passphrase to two keys`, async () => {
        const secrets = [await generateIdentity(), await generateIdentity()];
        const keys = await Promise.all(secrets.map(recipientOf));
        const original = join(folder, NAME);
        await writeFile(original, await encrypt(CONTENTS, OLD, { workFactor: 1 }));
        const { length } = await encrypt(CONTENTS, keys.map(recipient));
        const guest = await Guest.arrive(engine, site.url);
        const shown = (selector) =>
          guest.wait((wanted) => document.querySelector(wanted)?.checkVisibility(), selector);
        try {
          await guest.choose(original);
          await shown("#change");
          await guest.click("#change");
          await shown("#changing");
          await guest.click(`#how-${how}`);
          await guest.click("#new-by-key");
          const [present] = await guest.page.evaluate(() =>
            Array.from(document.querySelectorAll("#files .passphrase input"), (input) =>
              input.checkVisibility() ? `#${input.id}` : "",
            ).filter(Boolean),
          );
          await guest.type(present, OLD);
          // Pasted: WebKitGTK's driver has its own way with line breaks that are typed.
          await guest.page.evaluate((text) => {
            document.querySelector("#public-keys").value = text;
          }, keys.join("\n"));
          await guest.click("#file-submit");
          await guest.wait(() =>
            [...document.querySelectorAll("#finished, #failure")].some(({ hidden }) => !hidden),
          );
          assert.equal(
            (await guest.page.evaluate(() => document.querySelector("#failure").innerText)).trim(),
            "",
          );
          const bytes = await readFile(await guest.saved(NAME, length));
          for (const secret of secrets)
            assert.ok(Buffer.from(await decrypt(bytes, identity(secret))).equals(CONTENTS));
          assert.deepEqual(guest.complaints, []);
        } finally {
          await guest.leave();
        }
      });
  });
}
