/**
 * The declaration files, which editors show: what stands there is for who uses the package, and
 * about something that is there.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, test } from "node:test";
import ts from "typescript";
import { root } from "../lib/repository.js";

const home = join(root, "node_modules", "age-rt-wasm");
const files = readdirSync(home, { recursive: true })
  .filter((name) => /\.d\.c?ts$/.test(name))
  .map((name) => join(home, name));
const sources = files.map((path) => {
  const text = readFileSync(path, "utf8");
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
});

/** Every comment of a file: where it begins, and its text. */
function commentsOf(source) {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, 0, source.text);
  const comments = [];
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan())
    if (
      kind === ts.SyntaxKind.SingleLineCommentTrivia ||
      kind === ts.SyntaxKind.MultiLineCommentTrivia
    )
      comments.push({ at: scanner.getTokenStart(), text: scanner.getTokenText() });
  return comments;
}

/** Where the comments begin that document a declaration. Only the last before it does. */
function documenting(source) {
  const places = new Set();
  const visit = (node) => {
    const last = node.jsDoc?.at(-1);
    if (last) places.add(last.getStart());
    node.forEachChild(visit);
  };
  visit(source);
  return places;
}

/** Names that are declared in a file, those of members too. */
function declaredIn(source, names = new Set()) {
  const visit = (node) => {
    if (node.name?.text) names.add(node.name.text);
    node.forEachChild(visit);
  };
  visit(source);
  return names;
}

test("there are declarations of every entry", () => {
  const entries = ["header", "index", "passphrase", "reader", "recipients", "session"];
  for (const entry of entries)
    for (const extension of ["d.ts", "d.cts"])
      assert.ok(files.includes(join(home, "dist", `${entry}.${extension}`)), entry);
});

for (const source of sources) {
  describe(relative(home, source.fileName), () => {
    const comments = commentsOf(source);

    test("no comment is about nothing that is declared", () => {
      const places = documenting(source);
      const loose = comments
        .filter(({ at, text }) => !places.has(at) && !text.startsWith("/// <reference "))
        .map(({ text }) => text);
      assert.deepEqual(loose, []);
    });

    test("no comment is for who works on the package", () => {
      for (const { text } of comments) {
        assert.doesNotMatch(text, /@internal|@private|TODO|FIXME|XXX|eslint|prettier-ignore/);
        // A source of ours; those in an example are the reader's own.
        assert.doesNotMatch(text.replace(/```[^]*?```/g, ""), /[\w-]+\.(?:ts|rs|mjs)\b|js\/src/);
      }
    });

    test("every link leads to what is declared", () => {
      const index = sources.find(({ fileName }) => fileName === join(home, "dist", "index.d.ts"));
      const names = declaredIn(index, declaredIn(source));
      for (const { text } of comments)
        for (const [, name] of text.matchAll(/\{@link (\w+)/g)) assert.ok(names.has(name), name);
    });
  });
}
