/**
 * Keys in the demo page in Firefox and WebKitGTK, with the age command at the other end;
 * keys.test.js does it in Chromium.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { encrypt } from "age-rt-wasm";
import { generateIdentity, identityFile, recipient, recipientOf } from "age-rt-wasm/recipients";
import { ageProgram } from "../lib/repository.js";
import { Guest } from "./lib/guest.js";
import * as lacking from "./lib/lacking.js";
import { startSite } from "./lib/site.js";

const CONTENTS = "for one key alone";
const execute = promisify(execFile);

describe("keys in the demo page", { timeout: 600_000 }, () => {
  const age = ageProgram();
  let site;
  let folder;
  let note;
  let sizes;

  before(async () => {
    site = await startSite({ lacking: lacking.savePicker });
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-keys-"));
    note = join(folder, "note.txt");
    await writeFile(note, CONTENTS);
    const secret = await generateIdentity();
    const file = await encrypt(CONTENTS, recipient(await recipientOf(secret)));
    sizes = { pair: (await identityFile(secret)).length, encrypted: file.length };
  });
  after(async () => {
    await site?.close();
    await rm(folder, { recursive: true });
  });

  async function chosen(guest, path) {
    await guest.choose(path);
    await guest.wait(() => document.querySelector("#drop").classList.contains("filled"));
    await guest.page.evaluate(() => document.querySelector("#by-key").click());
  }

  async function finished(guest, name, size) {
    await guest.click("#file-submit");
    await guest.wait(() =>
      [...document.querySelectorAll("#finished, #failure")].some((element) => !element.hidden),
    );
    const text = await guest.page.evaluate(() =>
      document.querySelector("#failure").hidden ? "" : document.querySelector("#failure").innerText,
    );
    assert.equal(text, "");
    const saved = await guest.saved(name, size);
    await guest.click("#again");
    return saved;
  }

  for (const engine of ["firefox", "webkit"])
    test(`${engine}: a pair is made, the age command opens what is for it, and the page what the command made`, async () => {
      const guest = await Guest.arrive(engine, site.url);
      try {
        await chosen(guest, note);
        await guest.page.evaluate(() => {
          document.querySelector("#keys-encrypt details").open = true;
        });
        await guest.click("#make-keys");
        await guest.wait(() => document.querySelector(".pair") !== null);
        const shared = await guest.page.evaluate(
          () => document.querySelector(".pair output").innerText,
        );
        await guest.click(".pair [data-part=save]");
        const key = await guest.saved("age-key.txt", sizes.pair);
        const secret = (await readFile(key, "utf8")).trim().split("\n").at(-1);
        assert.equal(shared, await recipientOf(secret));
        await guest.click(".pair [data-part=use]");
        const encrypted = await finished(guest, "note.txt.age", sizes.encrypted);
        const { stdout } = await execute(age, ["--decrypt", "-i", key, encrypted]);
        assert.equal(stdout, CONTENTS);

        const made = join(folder, `${engine}.txt.age`);
        await execute(age, ["-r", shared, "--output", made, note]);
        await chosen(guest, made);
        await guest.type("#private-key", secret);
        const opened = await finished(guest, `${engine}.txt`, CONTENTS.length);
        assert.equal(await readFile(opened, "utf8"), CONTENTS);
        assert.deepEqual(guest.complaints, []);
      } finally {
        await guest.leave();
      }
    });
});
