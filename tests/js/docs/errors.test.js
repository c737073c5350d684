/**
 * The codes of errors stand in five places: the list of errors.ts, the type beside it, the
 * published type, the core's list and the table of the npm README. They hold the same codes; so do
 * the classes' comments, and the sources that make errors.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import * as age from "age-rt-wasm";
import ts from "typescript";
import { root } from "../lib/repository.js";

const read = (...path) => readFileSync(join(root, ...path), "utf8");
const kebab = (text) => [...text.matchAll(/"([a-z]+(?:-[a-z]+)*)"/g)].map(([, code]) => code);
const between = (text, start, end) => text.split(start)[1].split(end)[0];

const errors = read("js", "src", "errors.ts");
const LIST = kebab(between(errors, "export const ERROR_CODES = [", "]"));

/** The union that an editor shows to whoever uses the package. */
function published(file) {
  const program = ts.createProgram([file], { types: [], lib: ["lib.es2022.d.ts"], noLib: true });
  const checker = program.getTypeChecker();
  const symbols = checker.getExportsOfModule(
    checker.getSymbolAtLocation(program.getSourceFile(file)),
  );
  const symbol = symbols.find(({ name }) => name === "ErrorCode");
  return checker.getDeclaredTypeOfSymbol(symbol).types.map(({ value }) => value);
}

/** Rows of the README: [code, class]. */
const TABLE = between(
  read("pkg-template", "README.md"),
  "| code | class | what to tell or do |\n| --- | --- | --- |\n",
  "\n\n",
)
  .split("\n")
  .flatMap((row) => {
    const [codes, kind] = row.split("|").slice(1, 3);
    const [, name] = /^`(\w+)`$/.exec(kind.trim());
    return [...codes.matchAll(/`([a-z-]+)`/g)].map(([, code]) => [code, name]);
  });

describe("every list of codes holds the same ones, each once", () => {
  const installed = join(root, "node_modules", "age-rt-wasm", "dist");
  const LISTS = {
    "the type of errors.ts": kebab(between(errors, "export type ErrorCode =", ";")),
    "the published type": published(join(installed, "index.d.ts")),
    "the published type of CommonJS": published(join(installed, "index.d.cts")),
    "the type that was agreed on": published(join(root, "tests", "types", "api.d.ts")),
    "the core's list": kebab(between(read("src", "error", "code.rs"), "\ncodes! {", "\n}")),
    "the npm README's table": TABLE.map(([code]) => code),
  };
  for (const [what, codes] of Object.entries(LISTS))
    test(what, () => assert.deepEqual([...codes].sort(), [...LIST].sort()));
});

const CLASSES = new Map(TABLE);

test("the table's classes are exported, but for the platform's", () => {
  for (const [code, name] of CLASSES)
    if (code !== "empty-passphrase")
      assert.ok(age[name]?.prototype instanceof Error || name === "AgeRtError", name);
    else assert.equal(name, "RangeError");
});

test("each class's comment names the codes that the table gives it", () => {
  const comments = [
    ...errors.matchAll(/\/\*\*((?:(?!\*\/)[^])*)\*\/\nexport class (\w+Error) extends/g),
  ];
  for (const [, comment, name] of comments) {
    const [text] = comment.split("@example");
    const named = [...text.matchAll(/`([a-z-]+)`/g)].map(([, code]) => code);
    const expected = LIST.filter((code) => CLASSES.get(code) === name);
    assert.deepEqual(named.sort(), expected.sort(), name);
  }
  assert.ok(comments.length >= 14, `${comments.length} classes`);
});

const sources = (folder, extension) =>
  readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(extension) && !name.includes("generated"))
    .map((name) => [join(folder, name), read(folder, name)]);

test("what makes an error gives it the class that the table says", () => {
  let count = 0;
  for (const [path, text] of sources("js/src", ".ts"))
    for (const [, name, code] of text.matchAll(/new (\w+Error)\(\s*"([a-z]+(?:-[a-z]+)*)"/g)) {
      // Examples make errors too.
      assert.equal(name, CLASSES.get(code), `${path}: ${code}`);
      count += 1;
    }
  assert.ok(count > 20, `${count} errors`);
});

test("every code is given by something", () => {
  const places = [...sources("js/src", ".ts"), ...sources("src", ".rs")]
    .filter(([path]) => !/\berrors\.ts$|\bcode\.rs$/.test(path))
    .map(([, text]) => text)
    .join("\n");
  const variant = (code) => code.replaceAll(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase());
  assert.deepEqual(
    LIST.filter(
      (code) => !places.includes(`"${code}"`) && !places.includes(`Code::${variant(code)}`),
    ),
    [],
  );
});
