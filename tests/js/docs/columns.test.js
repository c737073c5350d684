/** Documents are at most 100 columns wide, but for tables, links and code: what is wider is read twice. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../lib/repository.js";

const COLUMNS = 100;

/** Folders that hold documents of ours. */
const FOLDERS = [
  ...["", "docs", "findings", "pkg-template", "tests", "tests/examples", "tests/js/faults", "www"],
];

const documents = FOLDERS.flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name)),
);

/** Lines of prose that are too wide. A line whose words cannot be broken, such as a link, is not. */
function wide(text) {
  let code = false;
  return text.split("\n").filter((line) => {
    if (/^\s*```/.test(line)) code = !code;
    if (code || /^\s*(\||<!--)/.test(line)) return false;
    return [...line].length > COLUMNS && !/\S{60,}|https?:\/\//.test(line);
  });
}

for (const name of documents) {
  test(`${name} is at most ${COLUMNS} columns wide`, () => {
    assert.deepEqual(wide(readFileSync(join(root, name), "utf8")), []);
  });
}

test("a line that is too wide is found", () => {
  assert.equal(wide(`${"word ".repeat(30)}\nshort`).length, 1);
});
