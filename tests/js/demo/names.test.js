/** What a result is called, and that no two files of an archive are one path. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./lib/source.js";

const { decryptedFile, isAgeName } = await load("src/names.ts");
const { uniquePaths } = await load("src/unique-paths.ts");

for (const [name, expected] of [
  ["report.pdf.age", "report.pdf"],
  ["REPORT.PDF.AGE", "REPORT.PDF"],
  ["report.pdf(1).age", "report(1).pdf"],
  ["report.pdf (1).age", "report (1).pdf"],
  ["report.pdf (1) (2).age", "report (1) (2).pdf"],
  ["report.pdf copy.age", "report copy.pdf"],
  ["report.pdf copy 2.age", "report copy 2.pdf"],
  ["report.pdf (copy).age", "report (copy).pdf"],
  ["report.pdf - Copy.age", "report - Copy.pdf"],
  ["report.pdf - Copy (2).age", "report - Copy (2).pdf"],
  ["report.pdf - Kopie.age", "report - Kopie.pdf"],
  ["report.pdf-1.age", "report-1.pdf"],
  ["report.pdf.age (1)", "report (1).pdf"],
  ["archive.tar.gz (2).age", "archive (2).tar.gz"],
  ["archive.7z(1).age", "archive(1).7z"],
  // The name was the file's own.
  ["report (1).pdf.age", "report (1).pdf"],
  ["report-2024.pdf.age", "report-2024.pdf"],
  ["version 1.2-3.age", "version 1.2-3"],
  ["holiday 2024.age", "holiday 2024"],
  ["photocopy.age", "photocopy"],
  [".env-1.age", ".env-1"],
]) {
  test(`the number of a copy goes before the extension: ${name} becomes ${expected}`, () => {
    assert.equal(decryptedFile(name, 0).name, expected);
    assert.ok(isAgeName(name));
  });
}

for (const name of ["report", "notes.txt", "page", "age", "language.pdf"]) {
  test(`${name} does not say that it is encrypted`, () => {
    assert.ok(!isAgeName(name));
    assert.equal(decryptedFile(name, 0).name, `${name}.decrypted`);
  });
}

for (const [paths, expected] of [
  [
    ["a.txt", "a.txt", "a.txt", "b"],
    ["a.txt", "a (2).txt", "a (3).txt", "b"],
  ],
  [
    ["a.txt", "a (2).txt", "a.txt"],
    ["a.txt", "a (2).txt", "a (3).txt"],
  ],
  [
    ["x/a.tar.gz", "x/a.tar.gz", "y/a.tar.gz"],
    ["x/a.tar.gz", "x/a (2).tar.gz", "y/a.tar.gz"],
  ],
  // One path on the disks of macOS and Windows.
  [
    ["Report.pdf", "report.PDF"],
    ["Report.pdf", "report (2).PDF"],
  ],
  [
    ["caf\u00e9", "cafe\u0301"],
    ["caf\u00e9", "cafe\u0301 (2)"],
  ],
  // A file and a folder.
  [
    ["album", "album/one.txt"],
    ["album (2)", "album/one.txt"],
  ],
  [
    ["x.y/.env", "x.y/.env"],
    ["x.y/.env", "x.y/.env (2)"],
  ],
]) {
  test(`files of one name are numbered: ${paths.join(", ")}`, () => {
    assert.deepEqual(
      uniquePaths(paths.map((path) => ({ path }))).map(({ path }) => path),
      expected,
    );
  });
}

test("ten thousand files of one name are numbered at once", () => {
  const paths = Array.from({ length: 10_000 }, () => ({ path: "a.txt" }));
  assert.equal(new Set(uniquePaths(paths).map(({ path }) => path)).size, paths.length);
});
