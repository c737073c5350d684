/**
 * The figures of SECURITY.md that can be counted are what they are counted to be. `WRITE=1 node
 * --test tests/js/docs/figures.test.js` writes them.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
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
    /\| (\d+) read, each with the passphrase/,
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
