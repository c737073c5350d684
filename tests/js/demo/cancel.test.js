/**
 * Cancelling in the middle: nothing is left, neither on the disk nor in memory, and the page is as
 * good as new.
 */
import assert from "node:assert/strict";
import { randomFillSync } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { decrypt } from "age-rt-wasm";
import { treeMemory } from "../lib/process-tree.js";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const SIZE = 100_000_000;
const PASSPHRASE = "a passphrase";
const TIMES = 5;

describe("cancelling in the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let original;
  let visitor;

  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-cancel-"));
    original = join(folder, "holiday.mp4");
    await writeFile(original, randomFillSync(Buffer.allocUnsafe(SIZE)));
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
    await visitor.choose(original);
    await visitor.type(PASSPHRASE);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  async function cancelAt(fraction) {
    await visitor.submit();
    // The page itself presses the button: by the time that a word from outside arrived, a fast
    // machine would be done.
    await visitor.page.evaluate(
      (fraction) =>
        new Promise((resolve) => {
          const bar = document.querySelector("#progress");
          const look = () => {
            if (!bar.hasAttribute("value") || bar.value < fraction) return;
            observer.disconnect();
            document.querySelector("#cancel").click();
            resolve();
          };
          const observer = new MutationObserver(look);
          observer.observe(bar, { attributes: true });
        }),
      fraction,
    );
    await visitor.page.waitForSelector("#file-form:not([hidden])");
    assert.match(await visitor.text("#submit-notice"), /^Cancelled/);
  }

  test("at 30 %: no file, no frame and no worker stays, and memory does not grow from time to time", async () => {
    const memory = [];
    const session = await visitor.page.createCDPSession();
    for (let i = 0; i < TIMES; i += 1) {
      await cancelAt(0.3);
      await visitor.page.waitForFunction(() => document.querySelectorAll("iframe").length === 0);
      await settled(() => visitor.page.workers().length, 0);
      await settled(() => readdir(visitor.downloads), []);
      await session.send("HeapProfiler.collectGarbage");
      memory.push(treeMemory(visitor.pid));
    }
    // A run that kept what it had read would have kept a third of the file each time.
    assert.ok(Math.min(...memory.slice(2)) - memory[0] < SIZE / 4, memory.join());
  });

  test("while the key is derived: no worker stays", async () => {
    await visitor.submit();
    await visitor.page.waitForFunction(
      () => document.querySelector("#stage").textContent.startsWith("Turning the passphrase"),
      { polling: 5 },
    );
    await visitor.click("#cancel");
    await visitor.page.waitForSelector("#file-form:not([hidden])");
    await settled(() => visitor.page.workers().length, 0);
    assert.deepEqual(await readdir(visitor.downloads), []);
  });

  test("the next run works", async () => {
    const encrypted = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    assert.ok(
      Buffer.from(await decrypt(await readFile(encrypted), PASSPHRASE)).equals(
        await readFile(original),
      ),
    );
    assert.deepEqual(visitor.complaints, []);
  });
});

/**
 * Waits until something is as it should be: the browser takes a broken download away by itself, a
 * moment later.
 */
async function settled(look, wanted) {
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      assert.deepEqual(await look(), wanted);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  assert.deepEqual(await look(), wanted);
}
