/**
 * Streams with workers on a page in Chromium: one that sleeps for a while, and one that may have no
 * workers.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Chromium } from "../lib/chromium.js";

describe("in Chromium", () => {
  let chromium;
  before(async () => void (chromium = await Chromium.start()));
  after(() => chromium?.stop());

  test("a page that is frozen in the midst of a stream goes on with it, and loses nothing", async () => {
    const { page, started } = await chromium.open();
    await page.evaluate(() => {
      const { age } = globalThis;
      const piece = new Uint8Array(2 ** 20).map((_, i) => i % 251);
      const stream = new age.AgeEncryptStream("pw", { workFactor: 1, workers: 2 });
      const writer = stream.writable.getWriter();
      globalThis.written = 0;
      globalThis.enough = false;
      const feeding = (async () => {
        for (; !globalThis.enough; globalThis.written += 1) {
          await writer.write(piece);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        await writer.close();
      })();
      globalThis.result = (async () => {
        const sealed = await age.toBlob(stream.readable);
        await feeding;
        const plain = await age.decrypt(sealed, "pw");
        return (
          plain.length === globalThis.written * piece.length &&
          plain.every((byte, i) => byte === (i % piece.length) % 251)
        );
      })();
    });
    // By a timer: a page behind another draws no frames.
    const written = (least) =>
      page.waitForFunction((least) => globalThis.written >= least, { polling: 50 }, least);
    await written(6);
    const session = await page.createCDPSession();
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
    await pause(500);
    await session.send("Page.setWebLifecycleState", { state: "active" });
    await written(6 + (await page.evaluate(() => globalThis.written)));
    const right = page.evaluate(() => {
      globalThis.enough = true;
      return globalThis.result;
    });
    assert.equal(await right, true);
    assert.equal(started.length, 2);
    await page.close();
  });

  test("a page's thread makes no memory for what is sealed", async () => {
    const { page } = await chromium.open();
    const batches = await page.evaluate(async () => {
      const { encrypt } = globalThis.age;
      const seen = [];
      const { postMessage } = Worker.prototype;
      Worker.prototype.postMessage = function (message, transfer) {
        if ("inPlace" in message) seen.push(message.inPlace);
        return postMessage.call(this, message, transfer);
      };
      await encrypt(new Uint8Array(3 * 2 ** 20), "pw", { workFactor: 1, workers: 2 });
      return seen;
    });
    assert.ok(batches.length >= 2);
    assert.ok(!batches.includes(true));
    await page.close();
  });

  test("a page that may start no worker seals and opens on its own thread, without an error", async () => {
    const { page, started } = await chromium.open(
      "default-src 'self'; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src 'none'",
    );
    const same = await page.evaluate(async () => {
      const { encrypt, decrypt } = globalThis.age;
      const data = new Uint8Array(5 * 2 ** 20).map((_, i) => i % 251);
      const file = await encrypt(data, "pw", { workFactor: 1, workers: 2 });
      const plain = await decrypt(file, "pw", { workers: 2 });
      return plain.every((byte, i) => byte === data[i]);
    });
    assert.equal(same, true);
    assert.equal(started.length, 0);
    await page.close();
  });
});
