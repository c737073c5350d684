/**
 * The npm README and the documents that are shipped beside it: the table of contents leads to every
 * section, links work on npm's page and on GitHub, what is named is in the package, and nothing is
 * said twice.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { decrypt } from "age-rt-wasm";
import { root } from "../lib/repository.js";
import { blocks, shipped } from "./lib/blocks.js";

const home = join(root, "node_modules", "age-rt-wasm");
const texts = Object.fromEntries(
  shipped.map((path) => {
    const name = path.split("/").at(-1);
    return [name, readFileSync(join(home, name), "utf8")];
  }),
);
const prose = (text) => text.replaceAll(/^```.*?^```$/gms, "");
const headings = (text) => [...prose(text).matchAll(/^## (.*)$/gm)].map(([, title]) => title);
const slug = (title) => title.toLowerCase().replaceAll(" ", "-");

describe("the npm README", () => {
  const text = texts["README.md"];
  const titles = headings(text);
  const [, contents] = /^## Contents\n(.*?)^## /ms.exec(text);

  test("every section is in the table of contents, once", () => {
    const linked = [...contents.matchAll(/\]\(#([^)]*)\)/g)].map(([, name]) => name);
    const expected = titles.filter((title) => !["Contents", "Licence"].includes(title)).map(slug);
    assert.deepEqual([...linked].sort(), [...expected].sort());
  });

  test("headings are words, of which every site makes the same anchors", () => {
    for (const title of titles) assert.match(title, /^[A-Za-z0-9]+(?:[ -][A-Za-z0-9]+)*$/);
    assert.equal(new Set(titles.map(slug)).size, titles.length);
  });

  // The package names no repository, so npm has nothing that a path could begin at.
  test("links lead to its own sections or to the web", () => {
    for (const [, to] of prose(text).matchAll(/\]\(([^)]*)\)/g))
      assert.ok(
        to.startsWith("#") ? titles.map(slug).includes(to.slice(1)) : to.startsWith("https://"),
        to,
      );
  });

  test("names every document of the package, and no other", () => {
    const named = new Set([...text.matchAll(/`([A-Z]+\.md)`/g)].map(([, name]) => name));
    const present = readdirSync(home).filter(
      (name) => name.endsWith(".md") && name !== "README.md",
    );
    assert.deepEqual([...named].sort(), present.sort());
  });
});

test("documents name only documents that are in the package", () => {
  for (const [name, text] of Object.entries(texts))
    for (const [, other] of text.matchAll(/`([A-Z]+\.md)`/g))
      assert.ok(existsSync(join(home, other)), `${name} names ${other}`);
});

test("no sentence is said twice", () => {
  const seen = new Map();
  for (const [name, text] of Object.entries(texts))
    for (const sentence of prose(text)
      .replaceAll(/\s+/g, " ")
      .split(/(?<=[.:;])\s+/)) {
      const words = sentence.split(" ").filter((word) => /\w/.test(word));
      if (words.length < 8) continue;
      assert.equal(seen.get(sentence), undefined, `${name}: ${sentence}`);
      seen.set(sentence, name);
    }
  assert.ok(seen.size > 100, `${seen.size} sentences`);
});

test("`encrypted` is a Blob in every example", () => {
  const given = blocks.filter(({ code }) => /\bencrypted\b/.test(code));
  const bytes = given.filter(({ code }) => /\bencrypted = await encrypt\(/.test(code));
  assert.ok(given.length > 5, `${given.length} examples`);
  assert.deepEqual(
    bytes.map(({ where }) => where),
    [],
  );
});

test("the memory in the table is what messages say of such a file", async () => {
  const rows = [...texts["README.md"].matchAll(/^\| (\d+),.*\| (\d+) (\w+) \| (\d+) (\w+)/gm)];
  const BYTES = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };
  const bytes = (count, unit) => count * BYTES[unit];
  let count = 0;
  for (const [, workFactor, wanted, wantedUnit, taken, takenUnit] of rows) {
    assert.equal(bytes(wanted, wantedUnit), 2 ** (Number(workFactor) + 10), workFactor);
    const header = `age-encryption.org/v1\n-> scrypt ${"A".repeat(22)} ${workFactor}\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n`;
    const error = await decrypt(new TextEncoder().encode(header), "passphrase", {
      maxWorkFactor: 1,
    }).catch((thrown) => thrown);
    assert.equal(error.code, "excessive-work-factor");
    const said = Math.max(1, bytes(taken, takenUnit) / 2 ** 20);
    assert.match(error.message, new RegExp(` and ${said} MiB;`));
    count += 1;
  }
  assert.equal(count, 4);
});
