/**
 * A file that asks for more work than usual: the page asks before it spends it, and shows how far
 * it is.
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { startSite } from "./lib/site.js";
import { Visitor } from "./lib/visitor.js";

/**
 * It is refused by its work factor, or by its passphrase at the end of all the work: nothing in it
 * is right.
 */
const header = (workFactor) =>
  `age-encryption.org/v1\n-> scrypt ${"A".repeat(22)} ${workFactor}\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n`;

describe("a file that asks for much work", { timeout: 300_000 }, () => {
  let site;
  let folder;
  let visitor;
  before(async () => {
    site = await startSite();
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-heavy-"));
    visitor = await Visitor.arrive(site.url);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  const text = (selector) =>
    visitor.page.$eval(selector, ({ textContent, hidden }) => (hidden ? "" : textContent.trim()));

  /** @returns what the page says of such a file. */
  async function failureOf(workFactor) {
    const name = `${workFactor}.txt.age`;
    const path = join(folder, name);
    await writeFile(path, Buffer.concat([Buffer.from(header(workFactor)), Buffer.alloc(100)]));
    await visitor.drop(path);
    await visitor.page.waitForFunction(
      (chosen) => document.querySelector("#chosen bdi")?.textContent === chosen,
      {},
      name,
    );
    await visitor.type("a passphrase");
    await visitor.submit();
    await visitor.page.waitForSelector("#failure:not([hidden])");
    return text("#failure");
  }

  test("beyond what the library does there is nothing to agree to", async () => {
    // Nor does the age command open it.
    assert.match(await failureOf(23), /Too much work[^]*at most 22[^]*rage [^]*factor 23/);
    assert.equal(await text("#heavy"), "");
    await visitor.page.click("#chosen button");
  });

  test("the page says what it takes, and begins once the person agrees", async () => {
    assert.match(await failureOf(21), /work factor of 21: opening it takes 10 sec.*, and 537 MB/);
    await visitor.click("#heavy");
    // The bar moves while the key is derived, which nothing has been read for.
    await visitor.page.waitForFunction(() => {
      const { value } = document.querySelector("#progress");
      return value > 0 && value < 1;
    });
    assert.equal(await text("#progress-bytes"), "");
    await visitor.click("#cancel");
    await visitor.page.waitForFunction(() => document.querySelector("#running").hidden);
    assert.equal(await text("#heavy"), "");
  });
});
