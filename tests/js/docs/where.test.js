/**
 * README's "Where is …" table: every file that it names is there and defines the function that it
 * names.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { root } from "../lib/repository.js";

const readme = readFileSync(join(root, "README.md"), "utf8");
const [, table] = /^\| Where is … \| \|\n\| --- \| --- \|\n((?:\|.*\n)+)/m.exec(readme);
const places = table
  .trimEnd()
  .split("\n")
  .flatMap((row) => {
    const [, question, answer] = /^\| (.*?) \| (.*) \|$/.exec(row);
    return [...answer.matchAll(/`([^`]+)` in `([^`]+)`/g)].map(([, name, file]) => ({
      question,
      name,
      file,
    }));
  });

/** What defines a function or a method of this name, in Rust or in TypeScript. */
function definition(name) {
  const last = name.split("::").at(-1);
  return new RegExp(`\\bfn ${last}\\b|^(?:  |export (?:async )?function )${last}\\(`, "m");
}

describe("README says where things are", () => {
  test("every question has an answer", () => {
    assert.equal(
      new Set(places.map(({ question }) => question)).size,
      table.trimEnd().split("\n").length,
    );
  });
  for (const { question, name, file } of places) {
    test(`${question} ${name}`, () => {
      assert.match(readFileSync(join(root, file), "utf8"), definition(name));
    });
  }
});
