/**
 * The figures of SECURITY.md that can be counted are what they are counted to be. `WRITE=1 node
 * --test tests/js/docs/figures.test.js` writes them. And what shows a promise is there: each names
 * code and a test or a command.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { linkedCrates } from "../../../js/tooling/build/notices.mjs";
import { toolchain } from "../../../js/tooling/lib/setup.mjs";
import { root } from "../lib/repository.js";

const path = join(root, "SECURITY.md");
const module = await WebAssembly.compile(
  readFileSync(createRequire(import.meta.url).resolve("age-rt-wasm/age_rt.wasm")),
);
const own = ({ name }) => !name.startsWith("__");

/** The crates of a module, ours aside: what cargo compiles into it for this target. */
function crates() {
  const args = ["tree", "--locked", "--target", "wasm32-unknown-unknown", "--edges", "normal"];
  const text = execFileSync(
    "cargo",
    [`+${toolchain().channel}`, ...args, "--prefix", "none", "--no-dedupe", "--format", "{p}"],
    { cwd: root, encoding: "utf8" },
  );
  const names = new Set(
    text
      .trim()
      .split("\n")
      .map((line) => line.split(" ").slice(0, 2).join(" ")),
  );
  return names.size - 1;
}

/** Inputs of the corpus, one a line. */
function inputs() {
  const folder = join(root, "tests", "fuzz", "corpus");
  const lines = readdirSync(folder).flatMap((name) =>
    readFileSync(join(folder, name), "latin1").split("\n"),
  );
  return lines.filter((line) => line !== "" && !line.startsWith("#")).length;
}

/** The words around each figure, and how it is counted. */
const FIGURES = [
  [/(\d+) exports by name/, () => WebAssembly.Module.exports(module).filter(own).length],
  [
    /(\d+) imports?, the bindings' own two aside/,
    () => WebAssembly.Module.imports(module).length - 2,
  ],
  [/(\d+) crates in the main module/, crates],
  [/main module, (\d+) in all of them/, () => linkedCrates().length],
  [/`tests\/corpus\.rs` \((\d+) inputs/, inputs],
  [
    /all CCTV vectors, (\d+) read/,
    () =>
      Object.keys(JSON.parse(readFileSync(join(root, "tests", "vectors", "cctv-names.json"))))
        .length,
  ],
];

let text = readFileSync(path, "utf8");
for (const [pattern, count] of FIGURES) {
  test(String(pattern), () => {
    const found = pattern.exec(text);
    assert.ok(found, "SECURITY.md has no such figure");
    const counted = String(count());
    if (process.env.WRITE) {
      const line = found[0].replace(found[1], counted);
      text = text.slice(0, found.index) + line + text.slice(found.index + found[0].length);
      writeFileSync(path, text);
    } else
      assert.equal(
        found[1],
        counted,
        "count them anew: WRITE=1 node --test tests/js/docs/figures.test.js",
      );
  });
}

/** A table's rows, by the first words of its head. */
function rows(head) {
  const [, body] = text.split(`| ${head} |`)[1].split(/^(?:\| --- )+\|$/m);
  return body
    .slice(1, body.indexOf("\n\n"))
    .split("\n")
    .map((row) => row.slice(2, -2).split(" | "));
}

/** What is named as a file of the repository: by its path, from the top. */
const FILE = /`((?:src|js|tests|pkg-template)(?:\/[\w.-]+)*\/?|Cargo\.\w+)`/g;
const named = (cell) => [...cell.matchAll(FILE)].map(([, name]) => name);
const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

test("every file that SECURITY.md names is there", () => {
  const names = named(text);
  assert.ok(names.length > 60, `${names.length} names`);
  assert.deepEqual(
    names.filter((name) => !existsSync(join(root, name))),
    [],
  );
});

test("every promise names the code that keeps it, and what shows it", () => {
  const promises = rows("Promise | Kept by | Shown by");
  assert.ok(promises.length > 15, `${promises.length} promises`);
  for (const [promise, code, shown, ...rest] of promises) {
    assert.deepEqual(rest, [], promise);
    assert.ok(named(code).length > 0, promise);
    const commands = [...shown.matchAll(/`npm run ([\w:-]+)`/g)].map(([, name]) => name);
    for (const command of commands) assert.ok(command in scripts, command);
    const byReading = shown.startsWith("by reading: ");
    assert.ok(byReading || commands.length > 0 || named(shown).length > 0, promise);
  }
});

test("every function that keeps a promise is in its file", () => {
  const pairs = [...text.matchAll(/`([\w:]+)` in `([\w./-]+)`/g)];
  assert.ok(pairs.length > 2);
  for (const [, name, file] of pairs)
    assert.match(
      readFileSync(join(root, file), "utf8"),
      new RegExp(`\\b(?:fn|struct) ${name.split("::").at(-1)}\\b`),
      `${name} in ${file}`,
    );
});

test("the figure of every long run has its commit and its day", () => {
  const runs = rows("Run | Commit | What it found");
  assert.ok(runs.length > 3);
  for (const [run, commit, found, ...rest] of runs) {
    assert.match(commit, /^[0-9a-f]{7}(?: and [0-9a-f]{7})?, \d{4}-\d\d-\d\d$/, run);
    assert.match(found, /\d/, run);
    assert.deepEqual(rest, [], run);
  }
});
