/**
 * axe-core finds nothing in any state of the page, light and dark, on a desk and on a phone; nor
 * does what looks for controls that lie over each other, text that is cut and edges that nobody
 * sees. In Chromium all states, in the other engines those with keys and one of each other kind.
 * `npm run pictures -- FOLDER` leaves a picture of each.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import axe from "axe-core";
import { ENGINES } from "../browser/engines.mjs";
import { Guest } from "./lib/guest.js";
import { faultsOfLayout, isOnFirstScreen } from "./lib/layout.js";
import { startSite } from "./lib/site.js";
import { contents, prepare, states } from "./lib/states.js";

const DESK = [1280, 900];
const PHONE = [390, 844];
const SMALL = [320, 640];
const LOOKS = [
  ["light", DESK],
  ["dark", PHONE],
  ["light", PHONE],
  ["dark", DESK],
];
/** Before anything has gone wrong, what to press is on the first screen, without scrolling. */
const BEFORE_THE_BUTTON = [
  "start",
  "a file is chosen",
  "an encrypted file is chosen",
  "a file for a key is chosen",
  "several encrypted files",
  "the text tab",
  "the text tab, with a message",
];
/** Another way into a state that is looked at from all sides: two looks are enough. */
const VARIANTS = [
  "a file is chosen",
  "a strong passphrase, typed otherwise the second time",
  "many files",
  "an encrypted file says what it is",
  "several encrypted files",
  "a file for a key is chosen",
  "a file for a key says what it is",
  "the file is made for another key",
  "the file is made for a passphrase",
  "a private key is none",
  "the key opens it",
  "a file for a passkey alone is chosen",
  "a file for a passkey alone, where there are none",
  "the passkey is waited for",
  "encrypted for a passkey",
  "public keys are wanted",
  "public keys do not go together",
  "a post-quantum key pair was made",
  "a file that was cut short",
  "a file that was added to",
  "a failed download",
  "two of three files could not be decrypted",
  "a file that asks for too much work",
  "what is right of a file that was added to",
  "inside what has no preview",
  "what opens it was changed",
  "cancelled",
  "encrypted for a key",
  "the text tab",
  "the text tab, with a message",
  "the text tab, with a message opened",
  "the live tab, hung up",
];
/** Every state that keys have brought, and what has no like among them. */
const EVERYWHERE = Object.keys(states).filter(
  (name) =>
    /\bkeys?\b|passkey/.test(name) ||
    [
      "many files",
      "inside an archive",
      "a file that asks for much work",
      "a file that was added to",
      "running",
      "the live tab, hung up",
    ].includes(name),
);

const files = await contents();

for (const engine of ENGINES) {
  describe(`the demo page is accessible, in ${engine}`, { timeout: 600_000 }, () => {
    let site;
    let guest;
    before(async () => {
      site = await startSite();
      guest = await Guest.arrive(engine, site.url);
    });
    after(async () => {
      await guest?.leave();
      await site?.close();
    });

    for (const name of engine === "chromium" ? Object.keys(states) : EVERYWHERE)
      test(name, async () => {
        await guest.reach(site.url, states[name], prepare, files);
        if (engine === "webkit") await examine(guest, LOOKS.slice(2, 3));
        else if (engine === "firefox") await examine(guest, LOOKS.slice(1, 2));
        else await examine(guest, VARIANTS.includes(name) ? LOOKS.slice(0, 2) : LOOKS);
        await guest.resize(...SMALL);
        assert.deepEqual(await guest.page.evaluate(faultsOfLayout), []);
        if (BEFORE_THE_BUTTON.includes(name))
          for (const size of [DESK, PHONE]) {
            await guest.resize(...size);
            assert.ok(await guest.page.evaluate(isOnFirstScreen), `${size}`);
          }
      });

    test("nothing was complained of", () => assert.deepEqual(guest.complaints, []));
  });
}

for (const [name, options] of Object.entries({
  "no WebAssembly": { lacking: () => delete window.WebAssembly },
  "a script that does not come": { missing: /\/main-/ },
}))
  test(name, async () => {
    const site = await startSite(options);
    const guest = await Guest.arrive("chromium", site.url);
    try {
      // What is said late is said now.
      await guest.page.evaluate(() => document.getAnimations().forEach((one) => one.finish()));
      await examine(guest, LOOKS);
    } finally {
      await guest.leave();
      await site.close();
    }
  });

async function examine(guest, looks) {
  await guest.page.evaluate(new Function(axe.source));
  for (const [theme, size] of looks) {
    const where = `${theme}, ${size}`;
    await guest.resize(...size);
    await guest.theme(theme);
    const { violations, passes } = await guest.page.evaluate(async () => {
      const { violations, passes } = await window.axe.run({ preload: false });
      return {
        violations: violations.map(
          ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`,
        ),
        passes: passes.length,
      };
    });
    assert.ok(passes > 15, `axe looked at ${passes} rules`);
    assert.deepEqual(violations, [], where);
    assert.deepEqual(await guest.page.evaluate(faultsOfLayout), [], where);
  }
}
