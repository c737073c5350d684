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
  "random",
  "bytes",
  "signal",
  "sides",
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
  passphrase: ["errors", "options", "random"],
  // What tells hosts apart is not of age.
  sockets: ["errors", "bytes", "signal", "sides", "options", "engine/host.js"],
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

describe("imports between the modules of the core", () => {
  /** From the lowest up, as ARCHITECTURE.md has it. Recipients stand beside, on keys. */
  const CHAIN = [
    ...["spec", "error", "memory", "base64", "crypto", "format", "keys", "scrypt", "window"],
    ...["stream", "decoder", "encoder", "wasm"],
  ];
  const allowed = (name) =>
    name === "wasm"
      ? [...CHAIN, "recipients"]
      : CHAIN.slice(0, CHAIN.indexOf(name === "recipients" ? "scrypt" : name));
  const home = join(root, "src");
  const modules = readdirSync(home, { recursive: true })
    .map((name) => name.split(sep).join("/"))
    .filter((name) => name.endsWith(".rs") && !/(^lib|known_answers|tests)\.rs$/.test(name));

  /** Modules of this crate that a file names, but for its tests and comments. */
  function namedIn(file) {
    const [text] = readFileSync(join(home, file), "utf8")
      .replaceAll(/^\s*\/\/.*$/gm, "")
      .split("#[cfg(test)]\nmod ");
    const names = [...text.matchAll(/\bcrate::(\w+)/g)].map(([, name]) => name);
    for (const [, group] of text.matchAll(/^\s*use crate::\{(.*?)\};/gms)) {
      // What is in braces of its own belongs to the name before them.
      const outer = group.replaceAll(/\{[^{}]*\}/g, "").replaceAll(/\{[^{}]*\}/g, "");
      names.push(...outer.split(",").map((part) => part.trim().split("::")[0]));
    }
    return names.filter((name) => CHAIN.includes(name) || name === "recipients");
  }

  for (const file of modules) {
    const own = file.split("/")[0].replace(/\.rs$/, "");
    test(`src/${file} names modules below it`, () => {
      assert.ok(CHAIN.includes(own) || own === "recipients", `${own} is new`);
      const wrong = namedIn(file).filter((name) => name !== own && !allowed(own).includes(name));
      assert.deepEqual(wrong, []);
    });
  }

  test("imports are found", () => {
    assert.ok(namedIn("decoder.rs").includes("scrypt"));
    assert.ok(namedIn("stream/mod.rs").includes("keys"));
  });
});

describe("ARCHITECTURE.md", () => {
  const text = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
  const tracked = (folder, extension) =>
    readdirSync(join(root, folder), { recursive: true })
      .map((name) => name.split(sep).join("/"))
      .filter((name) => name.endsWith(extension) && !name.includes("generated"));

  test("names files that are there", () => {
    const all = [...tracked("js", "s"), ...tracked("src", ".rs"), ...tracked("tests/js", ".js")];
    const missing = [...text.matchAll(/`([\w./-]+(?<!\.d)\.(?:ts|rs|mjs))`/g)]
      .map(([, name]) => name.replace(/^js\//, ""))
      .filter((name) => !all.some((path) => path === name || path.endsWith(`/${name}`)));
    assert.deepEqual(missing, []);
  });

  test("has a row for every room of js/src and for every module of src", () => {
    const rooms = [...new Set(files.filter((name) => name.includes("/")).map(roomOf))];
    assert.deepEqual(
      rooms.filter((name) => !text.includes(`\`${name}/\``)),
      [],
    );
    const modules = readdirSync(join(root, "src")).filter((name) => name.endsWith(".rs"));
    assert.deepEqual(
      modules.filter(
        (name) =>
          name !== "lib.rs" &&
          !text.includes(`\`${name}\``) &&
          !text.includes(`\`${name.replace(/\.rs$/, "")}/\``),
      ),
      [],
    );
  });

  test("names every file at the top of js/src", () => {
    const tops = files.filter((name) => !name.includes("/"));
    assert.deepEqual(
      tops.filter((name) => !text.includes(`\`${name}\``)),
      [],
    );
  });
});
