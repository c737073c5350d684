/**
 * Tools that read an application without its bundler's rules: Metro, which bundles for React
 * Native, and eslint's import plugin.
 */
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createContext, runInContext } from "node:vm";
import { nodes, output } from "../programs.mjs";
import { project } from "../project.mjs";

const folder = join(project("pages"), "tools");
const modules = join(folder, "..", "node_modules");
mkdirSync(folder, { recursive: true });

describe("Metro", () => {
  test("bundles the package, which says what React Native lacks", async () => {
    const home = join(folder, "metro");
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, "main.js"),
      `import * as age from "age-rt-wasm";
import { generatePassphrase } from "age-rt-wasm/passphrase";
globalThis.application = { age, generatePassphrase };
`,
    );
    const script = join(folder, "metro.cjs");
    writeFileSync(
      script,
      `const metro = require(${JSON.stringify(createRequire(join(modules, "x.js")).resolve("metro"))});
(async () => {
  const config = await metro.loadConfig({ cwd: ${JSON.stringify(home)} }, {
    projectRoot: ${JSON.stringify(join(modules, ".."))},
    cacheStores: [],
    resolver: { useWatchman: false },
    transformer: { getTransformOptions: async () => ({ transform: { experimentalImportSupport: true, inlineRequires: false } }) },
  });
  await metro.runBuild(config, { entry: "tools/metro/main.js", out: ${JSON.stringify(join(home, "out.js"))}, platform: "android", dev: false, minify: false });
})().catch((error) => { console.error(error); process.exit(1); });
`,
    );
    await output(nodes[22], [script], home);
    const names = ["TextEncoder", "TextDecoder", "AbortController", "URL", "setTimeout", "console"];
    const context = createContext(
      Object.fromEntries(names.map((name) => [name, globalThis[name]])),
    );
    runInContext("delete globalThis.WebAssembly", context);
    runInContext(readFileSync(join(home, "out.js"), "utf8"), context);
    const { age, generatePassphrase } = context.application;
    assert.equal(typeof generatePassphrase, "function");
    assert.equal(age.isSupported(), false);
    assert.throws(
      () => new age.AgeDecryptStream("a passphrase"),
      (error) => error instanceof age.NotSupportedError && error.code === "no-streams",
    );
    await assert.rejects(age.init(), { code: "no-webassembly" });
  });
});

test("eslint's import/no-unresolved finds every entry", async () => {
  const home = join(folder, "eslint");
  mkdirSync(home, { recursive: true });
  const { exports } = JSON.parse(
    readFileSync(join(modules, "age-rt-wasm", "package.json"), "utf8"),
  );
  const entries = Object.keys(exports).filter(
    (name) => !name.includes("*") && name !== "./package.json",
  );
  assert.ok(entries.length >= 4);
  const imports = entries.map((name) => `import "age-rt-wasm${name.slice(1)}";`);
  writeFileSync(join(home, "main.js"), `${imports.join("\n")}\nimport "age-rt-wasm/missing";\n`);
  writeFileSync(
    join(home, "eslint.config.mjs"),
    `import plugin from "eslint-plugin-import";
export default [{ plugins: { import: plugin }, rules: { "import/no-unresolved": "error" } }];
`,
  );
  const eslint = join(modules, "eslint", "bin", "eslint.js");
  // One error, of the one that is not there: it ends with status 1.
  const text = await output(nodes[22], [eslint, "--format", "json", "main.js"], home).catch(
    ({ message }) => message.slice(message.indexOf("[{")),
  );
  const [{ messages }] = JSON.parse(text);
  assert.deepEqual(
    messages.map(({ message }) => message),
    ["Unable to resolve path to module 'age-rt-wasm/missing'."],
  );
});
