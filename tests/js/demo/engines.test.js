/**
 * Encrypt, save, decrypt, compare in Firefox and WebKitGTK, by every way of saving that they have;
 * saving.test.js does it in Chromium.
 */
import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ciphertextSize } from "age-rt-wasm";
import { Guest } from "./lib/guest.js";
import { hashOf } from "./lib/large-file.js";
import * as lacking from "./lib/lacking.js";
import { startSite } from "./lib/site.js";

const PASSPHRASE = "a passphrase";
const MB = 1_000_000;

/**
 * By what takes away the better ways, and how it shows that this one was used. WebKitGTK gives no
 * private storage to a driven browser.
 */
const ways = {
  "the service worker": {
    lacking: lacking.savePicker,
    used: leavesAFrame,
    engines: { webkit: [0, 1, 65_536, 3 * MB] },
  },
  "private storage": {
    lacking: lacking.savePicker,
    used: leavesAPrivateFile,
    engines: { firefox: [0, 1, 65_536, 100 * MB] },
  },
  "private storage, without a service worker": {
    lacking: lacking.serviceWorker,
    used: leavesAPrivateFile,
    engines: { firefox: [3 * MB] },
  },
  memory: {
    lacking: lacking.privateStorage,
    used: leavesNothing,
    engines: { firefox: [0, 3 * MB], webkit: [1, 3 * MB] },
  },
};

for (const [way, { lacking, used, engines }] of Object.entries(ways)) {
  describe(`saving through ${way}`, { timeout: 600_000 }, () => {
    let site;
    let folder;
    before(async () => {
      site = await startSite({ lacking });
      folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-engines-"));
    });
    after(async () => {
      await site?.close();
      await rm(folder, { recursive: true });
    });

    for (const [engine, sizes] of Object.entries(engines)) {
      test(`${engine}: files of ${sizes.join(", ")} bytes, there and back`, async () => {
        const guest = await Guest.arrive(engine, site.url);
        try {
          for (const size of sizes) {
            const name = `${engine} ${size}.bin`;
            const original = join(folder, name);
            await writeFile(original, randomFillSync(Buffer.alloc(size)));
            const encrypted = await guest.run(
              original,
              PASSPHRASE,
              `${name}.age`,
              ciphertextSize(size),
            );
            const decrypted = await guest.run(encrypted, PASSPHRASE, name, size);
            assert.equal(await hashOf(decrypted), await hashOf(original));
            await Promise.all([encrypted, decrypted].map((path) => rm(path)));
          }
          assert.ok(await guest.page.evaluate(used));
          assert.deepEqual(guest.complaints, []);
        } finally {
          await guest.leave();
        }
      });
    }
  });
}

// Run in the page.

function leavesAFrame() {
  return document.querySelector("iframe") !== null;
}

async function leavesAPrivateFile() {
  const results = await (await navigator.storage.getDirectory()).getDirectoryHandle("results");
  return !(await results.keys().next()).done && document.querySelector("iframe") === null;
}

/** Not even the means for another way. */
function leavesNothing() {
  return (
    document.querySelector("iframe") === null &&
    navigator.serviceWorker === undefined &&
    navigator.storage?.getDirectory === undefined
  );
}
