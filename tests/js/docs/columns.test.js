/**
 * Documents and comments are at most 100 columns wide, but for tables, links and code: what is
 * wider is read twice. Formatters leave comments as they are.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join, sep } from "node:path";
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

/**
 * Lines of prose that are too wide. A line whose words cannot be broken, such as a link, is not.
 */
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

/** Folders of code whose comments are looked at. */
const CODE = ["js/src", "js/tooling", "src", "tests", "www"];
/** The surface as it was laid down, and what is built or installed. */
const LEFT = /\/(node_modules|generated|dist|target|vectors)\/|\/api\.d\.ts$/;

const sources = CODE.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${name.split(sep).join("/")}`)
    .filter((name) => /\.(rs|ts|js|mjs|cjs)$/.test(name))
    .filter((name) => !LEFT.test(name)),
);

/** Comments that are too wide. The code of an example within one is not. */
function wideComments(text) {
  let code = false;
  return text.split("\n").filter((line) => {
    if (/^\s*(\*|\/\/[/!]?) ?```/.test(line)) code = !code;
    if (code || !/^\s*(\/\/|\/\*|\* )/.test(line)) return false;
    return [...line].length > COLUMNS && !/\S{60,}|https?:\/\//.test(line);
  });
}

test(`comments are at most ${COLUMNS} columns wide`, () => {
  assert.ok(sources.length > 500);
  const wide = sources.flatMap((name) =>
    wideComments(readFileSync(join(root, name), "utf8")).map((line) => `${name}: ${line.trim()}`),
  );
  assert.deepEqual(wide, []);
});

test("a comment that is too wide is found", () => {
  const long = "word ".repeat(30);
  const text = `/** ${long} */\n * ${long}\n // ${long}\n//! ${long}\nconst code = "${long}";\n`;
  assert.equal(wideComments(text).length, 4);
  assert.deepEqual(wideComments(` * \`\`\`js\n * // ${long}\n * \`\`\`\n`), []);
});

test("a line that is too wide is found", () => {
  assert.equal(wide(`${"word ".repeat(30)}\nshort`).length, 1);
});
