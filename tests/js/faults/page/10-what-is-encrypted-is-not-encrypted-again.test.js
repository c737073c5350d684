/**
 * Whatever holds an armored message opens; a name or a text that says so is never proposed for
 * encryption.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { armor } from "age-rt-wasm";
import { quickly, visiting } from "./lib/faulty.js";

const at = visiting();
const armored = armor(await quickly("attack at dawn"));
const UTF_16 = Buffer.from(`\ufeff${armored}`, "utf16le");

for (const [what, contents] of [
  ["saved as UTF-16", UTF_16],
  ["with a greeting above it", `Dear Ben,\n\n${armored}`],
  ["quoted", armored.replaceAll(/^/gm, "> ")],
])
  test(`a message ${what} is proposed for decryption, as a file`, async () => {
    await at.visitor.choose(await at.file(`${what}.txt`, contents));
    assert.match(await at.visitor.text("#file-submit"), /^Decrypt/);
  });

for (const [what, text] of [
  ["quoted", armored.replaceAll(/^/gm, "> ")],
  ["with dashes for hyphens", armored.replaceAll("--", "—")],
  ["cut", armored.slice(0, 100)],
])
  test(`a message ${what} is proposed for decryption, as a text`, async () => {
    await at.visitor.click("#tab-text");
    await at.visitor.paste("#text-input", text);
    assert.equal(await at.visitor.text("#text-submit"), "Decrypt");
    await at.visitor.click("#tab-files");
  });

test("a name that ends in .age is never proposed for encryption", async () => {
  await at.visitor.choose(await at.file("report.pdf.age", "something else"));
  assert.doesNotMatch(await at.visitor.text("#file-submit"), /^Encrypt/);
});
