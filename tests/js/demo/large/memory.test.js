/** 4 GiB there and back, in a page that stays small. Takes 12 GiB of disk. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ciphertextSize } from "age-rt-wasm";
import { treeMemory } from "../../lib/process-tree.js";
import { Guest } from "../lib/guest.js";
import * as lacking from "../lib/lacking.js";
import { hashOf, makeLargeFile } from "../lib/large-file.js";
import { startSite } from "../lib/site.js";

const SIZE = Number(process.env.SIZE ?? 2 ** 32);
const LIMIT = 300_000_000;
const PASSPHRASE = "a passphrase";
const INTERVAL = 500;
Guest.patience = 3_600_000;

describe("a large file in the demo page", { timeout: 3_600_000 }, () => {
  let site;
  let folder;
  let original;
  let hash;
  before(async () => {
    site = await startSite({ lacking: lacking.savePicker });
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-large-"));
    original = join(folder, "large.bin");
    await makeLargeFile(original, SIZE);
    hash = await hashOf(original);
  });
  after(async () => {
    await site?.close();
    await rm(folder, { recursive: true });
  });

  for (const engine of ["chromium", "firefox"]) {
    test(`${engine}: ${SIZE} bytes there and back, with all of the browser growing by less than ${LIMIT} bytes`, async (t) => {
      const guest = await Guest.arrive(engine, site.url);
      try {
        const memory = new Memory(guest);
        const encrypted = await memory.during(() =>
          guest.run(original, PASSPHRASE, "large.bin.age", ciphertextSize(SIZE)),
        );
        const decrypted = await memory.during(() =>
          guest.run(encrypted, PASSPHRASE, "large.bin", SIZE),
        );
        t.diagnostic(
          `before: ${memory.before}, the most: ${memory.most}, looked ${memory.looks} times`,
        );
        assert.equal(await hashOf(decrypted), hash);
        assert.ok(memory.looks > 5);
        assert.ok(memory.most - memory.before < LIMIT, `grew by ${memory.most - memory.before}`);
        assert.deepEqual(guest.complaints, []);
      } finally {
        await guest.leave();
      }
    });
  }
});

/** The browser's processes together, while the page encrypts, decrypts or saves. */
class Memory {
  before;
  most = 0;
  looks = 0;
  #guest;
  #pid;

  constructor(guest) {
    this.#guest = guest;
    this.#pid = guest.browser.browser.process().pid;
    this.before = treeMemory(this.#pid);
  }

  async during(task) {
    const timer = setInterval(() => void this.#look(), INTERVAL);
    try {
      return await task();
    } finally {
      clearInterval(timer);
    }
  }

  async #look() {
    const stage = await this.#guest.page
      .evaluate(() => document.querySelector("#stage").textContent)
      .catch(() => "");
    if (!/^(En|De)crypting|^Saving/.test(stage)) return;
    this.looks += 1;
    this.most = Math.max(this.most, treeMemory(this.#pid));
  }
}
