/**
 * The Content-Security-Policy as a header, as README.md has it: nothing on the page needs more, and
 * nobody can frame it.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { root } from "../lib/repository.js";
import { startSite } from "./lib/site.js";
import { Visitor, withoutSavePicker } from "./lib/visitor.js";

const header = /^Content-Security-Policy: (.*)$/m.exec(
  readFileSync(join(root, "www", "README.md"), "utf8"),
)[1];

describe("the demo page with its policy as a header", { timeout: 600_000 }, () => {
  let site;
  let folder;
  let visitor;
  before(async () => {
    site = await startSite({ headers: { "Content-Security-Policy": header } });
    folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-policy-"));
    visitor = await Visitor.arrive(site.url, withoutSavePicker);
  });
  after(async () => {
    await visitor?.leave();
    await site?.close();
    await rm(folder, { recursive: true });
  });

  test("it says what the page's tag says, and that nobody may frame it", async () => {
    const tag = await visitor.page.$eval(
      "meta[http-equiv=Content-Security-Policy]",
      ({ content }) => content,
    );
    assert.equal(header, `${tag}; frame-ancestors 'none'`);
    assert.ok(tag.startsWith("default-src 'none';"));
    assert.ok(!/unsafe-(inline|eval)|\*|https?:/.test(tag.replace("'wasm-unsafe-eval'", "")));
  });

  test("files, text, the line and the estimator work under it, without a complaint", async () => {
    const path = join(folder, "note.txt");
    await writeFile(path, "text");
    await visitor.choose(path);
    await visitor.type("a passphrase");
    await visitor.strength();
    const encrypted = await visitor.download(async () => {
      await visitor.submit();
      await visitor.done();
    });
    assert.match(await readFile(encrypted, "latin1"), /^age-encryption\.org\/v1\n/);
    await visitor.click("#tab-text");
    await visitor.paste("#text-input", "a text");
    await visitor.type("a passphrase");
    await visitor.click("#text-submit");
    await visitor.page.waitForSelector("#text-result:not([hidden])");
    await visitor.click("#tab-live");
    await visitor.page.waitForSelector("#ada-types:not([disabled])");
    assert.deepEqual(visitor.complaints, []);
  });

  test("every script and style of the page carries its hash, and the list of all hashes is right", async () => {
    const bare = await visitor.page.$$eval(
      "script, link[rel=stylesheet]",
      (parts) => parts.filter(({ integrity }) => !integrity.startsWith("sha384-")).length,
    );
    assert.equal(bare, 0);
    const wrong = await visitor.page.evaluate(async () => {
      const lines = (await (await fetch("SHA256SUMS")).text()).trim().split("\n");
      const checked = lines.map(async (line) => {
        const [hash, name] = line.split("  ");
        const digest = await crypto.subtle.digest(
          "SHA-256",
          await (await fetch(name)).arrayBuffer(),
        );
        return hash ===
          Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
          ? ""
          : line;
      });
      return lines.length < 5 ? lines : (await Promise.all(checked)).filter(Boolean);
    });
    assert.deepEqual(wrong, []);
  });
});
