/** The rooms of js/src: imports point one way, and sockets know nothing of age. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, sep } from "node:path";
import { describe, test } from "node:test";
import { root } from "../lib/repository.js";

/**
 * From the lowest up: a room imports from those before it only. ARCHITECTURE.md says what is in
 * them.
 */
const ORDER = [
  "errors",
  "bytes",
  "signal",
  "options",
  "engine",
  "kdf",
  "workers",
  "keys",
  "codec",
  "streams",
];
/** Beside them: what each may import from, besides itself. */
const BESIDE = {
  armor: ["errors", "bytes"],
  sizes: ["errors", "bytes", "options"],
  passphrase: ["errors", "options"],
  // What tells hosts apart is not of age.
  sockets: ["errors", "bytes", "signal", "options", "engine/host.js"],
  // A program beside the library, which imports what its users import.
  command: ["index", "header", "recipients", "passphrase"],
};
/**
 * Sub-paths of the package, on top of everything: they may import from each room, and no room from
 * them.
 */
const ENTRIES = ["recipients", "reader", "header", "session", "index"];
/** Parts that a room may import although they stand beside the order. */
const LEAVES = ["armor", "sizes"];

const sources = join(root, "js", "src");
const files = readdirSync(sources, { recursive: true })
  .filter(
    (name) => name.endsWith(".ts") && !name.includes("generated") && !name.startsWith("index."),
  )
  .map((name) => name.split(sep).join("/"));

/** A folder at the top is a room; a file at the top is one of its own. */
function roomOf(path) {
  return path.split("/")[0].replace(/(\.workerd)?\.(ts|js)$/, "");
}

function importsOf(file) {
  const text = readFileSync(join(sources, file), "utf8");
  return [...text.matchAll(/(?:from|import) "(\.[^"]+)"/g)].map(([, path]) =>
    normalize(join(dirname(file), path))
      .split(sep)
      .join("/"),
  );
}

describe("imports between the rooms of js/src", () => {
  test("there are sources to look at", () => assert.ok(files.length > 30));
  for (const file of files) {
    test(`${file} imports from the rooms below it`, () => {
      const room = roomOf(file);
      assert.ok([...ORDER, ...ENTRIES, ...Object.keys(BESIDE)].includes(room), `${room} is new`);
      const height = ENTRIES.includes(room) ? ORDER.length : ORDER.indexOf(room);
      const above = ENTRIES.includes(room) ? ENTRIES : [];
      const below = BESIDE[room] ?? [...ORDER.slice(0, height), ...LEAVES, ...above];
      const wrong = importsOf(file).filter((path) => {
        const other = roomOf(path);
        return other !== room && !below.includes(other) && !below.includes(path);
      });
      assert.deepEqual(wrong, []);
    });
  }
});
