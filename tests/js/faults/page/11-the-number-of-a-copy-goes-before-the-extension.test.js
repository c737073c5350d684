/** A renamed file keeps its extension when it is decrypted. */
import assert from "node:assert/strict";
import { basename } from "node:path";
import { test } from "node:test";
import { withoutSavePicker } from "../../demo/lib/visitor.js";
import { quickly, visiting } from "./lib/faulty.js";

const at = visiting(withoutSavePicker);

for (const [name, expected] of [
  ["report.pdf(1).age", "report(1).pdf"],
  ["report.pdf (1).age", "report (1).pdf"],
  ["report.pdf copy.age", "report copy.pdf"],
  ["report.pdf - Copy.age", "report - Copy.pdf"],
  ["report.pdf-1.age", "report-1.pdf"],
  ["archive.tar.gz (2).age", "archive (2).tar.gz"],
])
  test(`${name} becomes ${expected}`, async () => {
    const path = await at.file(name, await quickly("a report"));
    const saved = await at.visitor.download(async () => {
      await at.start(path);
      await at.visitor.done();
    });
    await at.visitor.click("#again");
    assert.equal(basename(saved), expected);
  });
