/** Help with a passphrase: one that is suggested, and how good one's own is. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { decrypt } from "age-rt-wasm";
import { generateIdentity, recipientOf } from "age-rt-wasm/recipients";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

describe("a passphrase in the demo page", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-passphrase-"));
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => visitor.page.reload({ waitUntil: "networkidle0" }));

  const estimators = () =>
    visitor.page.evaluate(
      () =>
        performance.getEntriesByType("resource").filter(({ name }) => name.includes("strength"))
          .length,
    );
  const suggestion = () => visitor.text("#files .words");

  test("ten words are suggested, each time others, and what they encrypt they open", async () => {
    const path = join(folder, "note.txt");
    await writeFile(path, "text");
    await visitor.choose(path);
    await visitor.click("#files [data-part=suggest]");
    const first = await suggestion();
    await visitor.click("#files [data-part=suggest]");
    const words = await suggestion();
    assert.match(words, /^[a-z]+(-[a-z]+){9}$/);
    assert.notEqual(words, first);
    assert.match(await visitor.text("#files .suggestion"), /110 bits/);
    const encrypted = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    assert.equal(Buffer.from(await decrypt(await readFile(encrypted), words)).toString(), "text");
    assert.equal(await visitor.text("#finished .words"), words);
    // Once it says what would be lost.
    await visitor.click("#again");
    assert.match(await visitor.text("#finished"), /have not copied the passphrase/);
    assert.equal(await visitor.text("#finished .words"), words);
    await visitor.click("#again");
    assert.equal(await visitor.page.$eval("#finished .words", (output) => output.textContent), "");
    assert.equal(await visitor.page.$eval("#files .words", (output) => output.textContent), "");
  });

  test("leaving asks as long as nobody has copied the words, before they are used and after", async () => {
    const asked = async () => {
      const before = visitor.questions;
      await visitor.page.reload({ waitUntil: "networkidle0" });
      return visitor.questions - before;
    };
    await visitor.click("#files [data-part=suggest]");
    assert.equal(await asked(), 1);
    await visitor.click("#files [data-part=suggest]");
    await visitor.click("#files [data-part=copy]");
    assert.equal(await asked(), 0);
    // Paper is a place to keep them, too.
    await visitor.click("#files [data-part=suggest]");
    await visitor.click("#files [data-part=kept]");
    assert.equal(await visitor.text("#files [data-part=kept]"), "Kept");
    assert.equal(await asked(), 0);
    await visitor.click("#files [data-part=suggest]");
    await visitor.click("#files [data-part=kept]");
    await visitor.click("#files [data-part=suggest]");
    assert.equal(await visitor.text("#files [data-part=kept]"), "I have kept it");
    assert.equal(await asked(), 1);
    await visitor.click("#tab-text");
    await visitor.page.type("#text-input", "a text");
    assert.equal(await asked(), 1);
    await visitor.click("#tab-files");
  });

  test("nobody who has said that they kept the words is asked again, and it is said once", async () => {
    const path = join(folder, "kept.txt");
    await writeFile(path, "text");
    for (const kept of [true, false]) {
      await visitor.choose(path);
      await visitor.click("#files [data-part=suggest]");
      if (kept) await visitor.click("#files [data-part=kept]");
      const saved = await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      });
      await rm(saved);
      assert.equal(await visitor.text("#finished [data-part=kept]"), kept ? "" : "I have kept it");
      assert.equal((await visitor.text("#finished")).match(/not even you/g).length, 1);
      if (!kept) await visitor.click("#finished [data-part=kept]");
      await visitor.click("#again");
    }
    // Nor is whoever typed a passphrase left without the warning.
    await visitor.choose(path);
    await visitor.type("a passphrase");
    await rm(
      await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      }),
    );
    assert.equal((await visitor.text("#finished")).match(/not even you/g).length, 1);
    await visitor.click("#again");
  });

  test("words that were suggested are not to be kept where a key opens the file", async () => {
    const path = join(folder, "for-a-key.txt");
    await writeFile(path, "text");
    await visitor.choose(path);
    await visitor.click("#files [data-part=suggest]");
    await visitor.click("#by-key");
    await visitor.page.type("#public-keys", await recipientOf(await generateIdentity()));
    await rm(
      await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      }),
    );
    assert.doesNotMatch(await visitor.text("#finished"), /passphrase/i);
    await visitor.click("#again");
  });

  test("what was said of copied words is not said of the next ones", async () => {
    const path = join(folder, "twice.txt");
    await writeFile(path, "text");
    await visitor.page.evaluate(() => {
      navigator.clipboard.writeText = async () => undefined;
    });
    for (let round = 0; round < 2; round += 1) {
      await visitor.choose(path);
      await visitor.click("#files [data-part=suggest]");
      const saved = await visitor.download(async () => {
        await visitor.submit();
        await visitor.done();
      });
      await rm(saved);
      assert.equal(await visitor.text("#finished [data-part=copy]"), "Copy the passphrase");
      await visitor.click("#finished [data-part=copy]");
      await visitor.page.waitForFunction(
        () => document.querySelector("#finished [data-part=copy]").textContent === "Copied",
      );
      await visitor.click("#again");
    }
  });

  test("what is typed over a suggestion takes it away", async () => {
    await visitor.click("#files [data-part=suggest]");
    await visitor.page.type("#files .passphrase input", "x");
    assert.equal(await suggestion(), "");
  });

  test("a weak one is warned of, a better one is not, and the estimator comes only then", async () => {
    assert.equal(await estimators(), 0);
    for (const [passphrase, level] of [
      ["Summer2024!", "weak"],
      ["x".repeat(200), "weak"],
      ["tangerine walrus rope", "fair"],
      ["walrus tangerine beneath the cupboard 71", "strong"],
      // Everybody knows them, and so do those who guess.
      ["correct horse battery staple", "weak"],
      ["It was the best of times, it was the worst of times!", "weak"],
    ]) {
      await visitor.type(passphrase);
      await visitor.page.waitForSelector(`#files .strength[data-level=${level}]:not(:empty)`);
      // Only what a machine has made is known to be good.
      if (level === "strong")
        assert.match(await visitor.text("#files .strength"), /unless it is a quotation/);
    }
    assert.equal(await estimators(), 1);
  });

  test("what is said of a passphrase moves nothing below it", async () => {
    const place = () =>
      visitor.page.$eval(
        "#files [type=submit]",
        (button) => button.getBoundingClientRect().top + scrollY,
      );
    const path = join(folder, "note.txt");
    await writeFile(path, "text");
    await visitor.choose(path);
    const before = await place();
    await visitor.type("Summer2024!");
    assert.match(await visitor.strength(), /^Weak/);
    // Fractions of pixels, which rounding made a whole one of, nobody sees.
    assert.ok(Math.abs((await place()) - before) < 0.5);
  });

  test("no file is judged by its passphrase", async () => {
    await visitor.click("#action-decrypt");
    await visitor.page.type("#files .passphrase input", "password");
    await new Promise((resolve) => setTimeout(resolve, 1000));
    assert.equal(await visitor.text("#files .strength"), "");
    assert.equal(await visitor.text("#files .suggest"), "");
    assert.equal(await estimators(), 0);
  });

  test("an estimator that is not the one of this page's build is not run", async () => {
    const session = await visitor.page.createCDPSession();
    await session.send("Network.enable");
    await session.send("Network.setBypassServiceWorker", { bypass: true });
    await visitor.page.setRequestInterception(true);
    const answer = (request) =>
      request.url().includes("strength")
        ? request.respond({
            contentType: "text/javascript",
            body: "onmessage = () => postMessage(99)",
          })
        : request.continue();
    visitor.page.on("request", answer);
    const refused = new Promise((resolve) =>
      visitor.page.on("console", (message) => /integrity/i.test(message.text()) && resolve()),
    );
    await visitor.page.type("#files .passphrase input", "password");
    await refused;
    assert.equal(await visitor.text("#files .strength"), "");
    assert.deepEqual(
      visitor.complaints.splice(0).filter((text) => !/integrity/i.test(text)),
      [],
    );
    visitor.page.off("request", answer);
    await visitor.page.setRequestInterception(false);
    await session.detach();
  });

  test("nothing was complained of", () => {
    assert.deepEqual(visitor.complaints, []);
  });
});
