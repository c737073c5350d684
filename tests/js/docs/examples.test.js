/**
 * Every example of the READMEs and of the API's documentation runs, and does what it says: what it
 * prints is what its comments say, and what it writes, uploads or shows is what it should be
 * (`lib/world.js`). Those that need a page are in `pages.test.js`.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { register } from "node:module";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { transform } from "esbuild";
import { python, root } from "../lib/repository.js";
import { blocks, promised, runsInPage, withImports, withoutExample } from "./lib/blocks.js";
import { namesStandard, WRONG } from "./lib/situations.js";
import { nodeRows } from "../../bench/rows/index.js";
import { ENGINES } from "../browser/engines.mjs";

// Before anything imports the package.
register("./lib/quick.js", import.meta.url);
const age = await import("age-rt-wasm");
const header = await import("age-rt-wasm/header");
const reader = await import("age-rt-wasm/reader");
const session = await import("age-rt-wasm/session");
const passphrase = await import("age-rt-wasm/passphrase");
const recipients = await import("age-rt-wasm/recipients");
const { PASSPHRASE, World } = await import("./lib/world.js");

/** Inside the repository, so that the package is found by its name. */
const scratch = join(root, "target", "examples");

const those = (...languages) =>
  blocks.filter((block) => languages.includes(block.language) && !runsInPage(block));

describe("JavaScript", () => {
  let world;
  before(async () => {
    rmSync(scratch, { recursive: true, force: true });
    mkdirSync(scratch, { recursive: true });
    world = await World.create();
  });
  after(() => world?.close());

  /** Writes an example as a module. */
  async function written(i, language, code) {
    // Node 20 has no `using`.
    const { code: lowered } = await transform(withImports(code, Object.keys(age)), {
      target: "node20.16",
      format: "esm",
      loader: language,
    });
    const file = join(scratch, `${i}.mjs`);
    writeFileSync(file, lowered);
    return file;
  }

  for (const [i, { where, code, language }] of those("js", "ts").entries()) {
    for (const [what, [circumstances, regarding]] of Object.entries(WRONG)) {
      if (!regarding.test(code)) continue;
      // The runner fails a test that leaves a rejection unhandled, and one that never settles.
      test(
        `${where}, with ${what}: an error or none, and nothing unhandled`,
        { timeout: 120_000 },
        async () => {
          const file = await written(`${i}-${Object.keys(WRONG).indexOf(what)}`, language, code);
          world.enter(circumstances);
          try {
            const error = await import(pathToFileURL(file).href).then(
              () => undefined,
              (thrown) => thrown,
            );
            await world.visitServer();
            await new Promise((resolve) => setTimeout(resolve, 20));
            if (error !== undefined) assert.ok(expected(error), String(error?.stack ?? error));
            assert.deepEqual(world.complaints, []);
          } finally {
            world.leave();
          }
        },
      );
    }

    if (namesStandard(promised(code))) continue;
    test(where, { timeout: 120_000 }, async () => {
      const file = await written(i, language, code);
      world.enter();
      try {
        await import(pathToFileURL(file).href);
        await world.visitServer();
        let effects = await world.check();
        // A setting shows in what comes after it.
        if (effects === 0 && code.includes("configure(")) {
          await age.encrypt("text", PASSPHRASE, { workFactor: 10 });
          effects += 1;
        }
        assert.ok(effects > 0, "an example that does nothing that can be seen shows nothing");
        assert.deepEqual(world.printed, promised(code));
      } finally {
        world.leave();
      }
    });
  }
});

describe("the package as it is, with its standard work factor", () => {
  const [first] = those("js").filter(({ where }) => where.startsWith("pkg-template/"));
  const names = Object.keys(age);
  for (const { where, code } of [
    first,
    ...those("js").filter(({ code }) => namesStandard(promised(code))),
  ]) {
    test(where, { timeout: 120_000 }, () => {
      const file = join(scratch, `standard-${where.replaceAll(/\W/g, "-")}.mjs`);
      // Whoever pastes the first one has nothing else yet.
      const given = `globalThis.passphrase = ${JSON.stringify(PASSPHRASE)};\n`;
      writeFileSync(file, where === first.where ? code : given + withImports(code, names));
      const printed = execFileSync(process.execPath, [file], { encoding: "utf8" });
      assert.deepEqual([printed.trimEnd()], promised(code));
    });
  }
});

describe("Python, at the other end", () => {
  for (const { where, code } of those("python")) {
    test(where, { timeout: 120_000 }, async () => {
      const wire = age.encodeBytes(
        [Buffer.from("Hello"), Buffer.from("World")],
        // The reference reads no other.
        await age.AgeRtEncoder.create(PASSPHRASE, { workFactor: 18 }),
      );
      const prelude = `passphrase = ${JSON.stringify(PASSPHRASE)}\ndata = bytes.fromhex("${Buffer.from(wire).toString("hex")}")\n`;
      const printed = execFileSync(python(), ["-c", prelude + code], { encoding: "utf8" })
        .trimEnd()
        .split("\n");
      assert.deepEqual(printed, promised(code));
    });
  }
});

/**
 * An error of ours, of the platform's fetch, or of an abort: nothing that a mistake in the example
 * would throw.
 */
function expected(error) {
  return (
    error instanceof age.AgeRtError || error.name === "AbortError" || error.message === "terminated"
  );
}

/** What may stand behind a command. */
const WORDS = {
  bench: [
    ...nodeRows,
    "--",
    "--browser",
    ...ENGINES,
    "--serve",
    "--quick",
    "--profile",
    "--write",
    "--before",
    "old.tgz",
  ],
  "first-hour": ["--", "--quick", "--write"],
};

describe("commands", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  const { name } = JSON.parse(readFileSync(join(root, "pkg-template", "package.json"), "utf8"));
  for (const { where, code } of blocks.filter(({ language }) => language === "sh")) {
    for (const line of code
      .split("\n")
      .map((text) => text.replace(/\s+#.*/, ""))
      .filter(Boolean)) {
      test(`${where}: ${line}`, () => {
        if (line === `npm install ${name}`) return;
        // tests/js/command/readme.test.js runs these.
        if (line.includes(`npx ${name} `)) return;
        const [, script, rest] = /^npm (?:run )?([\w:-]+)(.*)$/.exec(line);
        assert.ok(script in scripts);
        const words = rest.split(" ").filter(Boolean);
        assert.deepEqual(
          words.filter((word) => !(WORDS[script] ?? []).includes(word)),
          [],
        );
      });
    }
  }
});

test("no example is of a kind that nobody runs", () => {
  // The page's policy as a header: the tests of the demo page read it there.
  const isHeader = ({ language, code }) =>
    language === "" && code.startsWith("Content-Security-Policy: ");
  // tests/js/sockets/nginx.test.js gives it to nginx.
  const kinds = new Set(
    blocks
      .filter((block) => !isHeader(block))
      .map((block) => (runsInPage(block) ? "browser" : block.language)),
  );
  assert.deepEqual([...kinds].sort(), ["browser", "js", "nginx", "python", "sh", "ts"]);
});

test("every function and class that is exported has an example", () =>
  assert.deepEqual(
    withoutExample([
      // In no types: what other entries share with the main one.
      ...Object.keys(age).filter(
        (name) => !["HeaderKeys", "blobBytes", "isBlob", "readOptions"].includes(name),
      ),
      ...Object.keys(header),
      ...Object.keys(reader),
      ...Object.keys(session),
      ...Object.keys(passphrase),
      ...Object.keys(recipients).filter((name) => name !== "passkeys"),
      ...Object.keys(recipients.passkeys),
    ]),
    [],
  ));
