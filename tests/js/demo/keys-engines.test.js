/**
 * Keys in the demo page in Firefox and WebKitGTK, with the age command at the other end, and
 * passkeys where the engine has them; keys.test.js does it in Chromium.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { encrypt } from "age-rt-wasm";
import { inspect } from "age-rt-wasm/header";
import { generateIdentity, identityFile, recipient, recipientOf } from "age-rt-wasm/recipients";
import { ENGINES } from "../browser/engines.mjs";
import { addAuthenticator, WITH_AUTHENTICATOR } from "../lib/marionette.js";
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

  test("firefox: a passkey is made, encrypts and decrypts, with Firefox's own authenticator", async () => {
    const guest = await Guest.arrive("firefox", site.url, WITH_AUTHENTICATOR);
    let leave;
    try {
      leave = await addAuthenticator(guest.browser.userDataDir);
      await chosen(guest, note);
      await guest.wait(() => document.querySelector("#make-passkey").checkVisibility());
      await guest.click("#make-passkey");
      await guest.wait(() => document.querySelector("#passkey-notice").textContent !== "");
      assert.match(
        await guest.page.evaluate(() => document.querySelector("#passkey-notice").textContent),
        /^The passkey is made/,
      );
      // As large as one for an X25519 key but for the stanza.
      const size = sizes.encrypted + "age-encryption.org/fido2prf".length - "X25519".length - 21;
      const encrypted = await finished(guest, "note.txt.age", size);
      assert.deepEqual((await inspect(await readFile(encrypted))).stanza_types, [
        "age-encryption.org/fido2prf",
      ]);
      await rm(join(guest.downloads, "note.txt"), { force: true });
      await chosen(guest, encrypted);
      await guest.wait(() => document.querySelector("#use-passkey").checkVisibility());
      await guest.click("#use-passkey");
      const opened = await finished(guest, "note.txt", CONTENTS.length);
      assert.equal(await readFile(opened, "utf8"), CONTENTS);
      assert.deepEqual(guest.complaints, []);
    } finally {
      await guest.leave();
      leave?.();
    }
  });

  for (const engine of ENGINES)
    test(`${engine}: passkeys are offered where the browser has them, and else it says so`, async () => {
      const guest = await Guest.arrive(engine, site.url);
      try {
        const made = join(folder, `passkey ${engine}.age`);
        const stanza = { args: ["age-encryption.org/fido2prf", "A".repeat(22)] };
        const passkey = { wrapFileKey: async () => [{ ...stanza, body: new Uint8Array(32) }] };
        await writeFile(made, await encrypt(CONTENTS, passkey));
        for (const has of ["as it is", true, false]) {
          await guest.page.evaluate((has) => {
            document.querySelector("#remove-all").click();
            if (has === "as it is") return;
            window.PublicKeyCredential ??= class {};
            PublicKeyCredential.getClientCapabilities = async () => ({ "extension:prf": has });
            const credentials = { create: async () => null, get: async () => null };
            Object.defineProperty(navigator, "credentials", {
              value: credentials,
              configurable: true,
            });
          }, has);
          const expected = await guest.page.evaluate(async () => {
            if (!("PublicKeyCredential" in window)) return false;
            const capabilities = await PublicKeyCredential.getClientCapabilities?.();
            return capabilities?.["extension:prf"] !== false;
          });
          if (has !== "as it is") assert.equal(expected, has);
          await guest.choose(made);
          await guest.wait(
            (expected) =>
              document.querySelector("#use-passkey").checkVisibility() === expected &&
              /no passkeys/.test(document.querySelector("#passkey-notice").textContent) ===
                !expected,
            expected,
          );
        }
        assert.deepEqual(guest.complaints, []);
      } finally {
        await guest.leave();
      }
    });
});
