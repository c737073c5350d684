/**
 * Writes target/types/surface.ts, which compares the published declarations with `api.d.ts`, name
 * by name: so that no name can be forgotten, the list is that of api.d.ts itself.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "..", "target", "types");

// What is not assignable, and why; a departure that disappears is an error too.
/** The constructors of errors take a code first, of which api.d.ts says nothing. */
const ERRORS = /Error$/;
/** A private member makes a class nominal: nothing but the class itself is assignable to it. */
const NOMINAL = /Stream$/;
/** Takes more than it must: anything like a Worker. */
const WIDER = new Set(["configure"]);

const program = ts.createProgram([join(here, "api.d.ts")], {
  target: ts.ScriptTarget.ES2022,
  lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
  types: [],
});
const checker = program.getTypeChecker();
const names = checker.getExportsOfModule(
  checker.getSymbolAtLocation(program.getSourceFile(join(here, "api.d.ts"))),
);

const lines = [
  'import type * as age from "age-rt-wasm";',
  'import type * as api from "../../tests/types/api.js";',
  "type Is<From, To> = [From] extends [To] ? true : false;",
  "function holds<_Condition extends true>(): void {}",
];
const holds = (condition) => lines.push(`holds<${condition}>();`);
const fails = (condition) => lines.push("// @ts-expect-error", `holds<${condition}>();`);
for (const { name, flags } of names) {
  const isClass = flags & ts.SymbolFlags.Class;
  if (flags & ts.SymbolFlags.Type) {
    holds(`Is<age.${name}, api.${name}>`);
    (isClass && NOMINAL.test(name) ? fails : holds)(`Is<api.${name}, age.${name}>`);
    // Of an optional property that one of two types lacks assignability says nothing.
    holds(`Is<keyof api.${name}, keyof age.${name}>`);
  }
  if (flags & ts.SymbolFlags.Value) {
    const isError = isClass && ERRORS.test(name);
    if (isClass) holds(`Is<(typeof age.${name})["prototype"], api.${name}>`);
    (isError ? fails : holds)(`Is<typeof age.${name}, typeof api.${name}>`);
    if (!isClass) (WIDER.has(name) ? fails : holds)(`Is<typeof api.${name}, typeof age.${name}>`);
  }
}
// By name: an overloaded function is written more than once.
const written = new Set(readFileSync(join(here, "api.d.ts"), "utf8").match(/^export \w+ \w+/gm));
if (names.length !== written.size)
  throw new Error(`api.d.ts exports ${written.size} names, and ${names.length} were found`);
mkdirSync(target, { recursive: true });
writeFileSync(join(target, "surface.ts"), `${lines.join("\n")}\n`);
