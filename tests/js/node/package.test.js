/** The tarball as a stranger gets it: installed by npm in a project outside of the repository. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { BESIDE_KEYS, KEY_WEIGHTS, weight, WEIGHTS } from "../../../js/tooling/lib/weight.mjs";
import { tarball } from "../../../js/tooling/lib/packed.mjs";

const ROUND_TRIP = `
  const file = await age.encrypt("attack at dawn", "pw", { workFactor: 1 });
  console.log(new TextDecoder().decode(await age.decrypt(file, "pw")));
`;

let project;

before(() => {
  project = mkdtempSync(join(tmpdir(), "age-rt-wasm-consumer-"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  execFileSync(
    "npm",
    ["install", "--offline", "--ignore-scripts", "--no-audit", "--no-fund", tarball()],
    { cwd: project, stdio: ["ignore", "ignore", "inherit"] },
  );
});

after(() => rmSync(project, { recursive: true, force: true }));

function run(name, source) {
  writeFileSync(join(project, name), source);
  return execFileSync(process.execPath, [name], { cwd: project, encoding: "utf8" }).trim();
}

function installed(path) {
  return readFileSync(join(project, "node_modules", "age-rt-wasm", path));
}

test("import works", () => {
  assert.equal(
    run("import.mjs", `import * as age from "age-rt-wasm";${ROUND_TRIP}`),
    "attack at dawn",
  );
});

test("require works", () => {
  assert.equal(
    run("require.cjs", `const age = require("age-rt-wasm");(async () => {${ROUND_TRIP}})();`),
    "attack at dawn",
  );
});

test("the CommonJS file works where tools load it by itself", () => {
  assert.equal(
    run(
      "file.cjs",
      `const age = require("./node_modules/age-rt-wasm/dist/index.cjs");(async () => {${ROUND_TRIP}})();`,
    ),
    "attack at dawn",
  );
});

test("import and require give one instance where Node can", () => {
  const same = run(
    "same.mjs",
    `import { createRequire } from "node:module"; import * as a from "age-rt-wasm"; console.log(createRequire(import.meta.url)("age-rt-wasm").AgeRtError === a.AgeRtError);`,
  );
  const [major, minor] = process.versions.node.split(".").map(Number);
  const requiresModules =
    major > 22 || (major === 22 && minor >= 12) || (major === 20 && minor >= 19);
  assert.equal(same, String(requiresModules));
});

test("the module's file can be given to init()", () => {
  const source = `import { readFileSync } from "node:fs"; import { init, AgeRtEncoder } from "age-rt-wasm";
    await init(readFileSync("node_modules/age-rt-wasm/dist/age_rt.wasm"));
    console.log(AgeRtEncoder.fromPassphrase("pw").getHeader().length);`;
  assert.equal(run("source.mjs", source), "189");
});

test("importing touches nothing and starts nothing", () => {
  const source = `for (const name of ["WebAssembly", "Worker", "crypto", "TextDecoder", "Blob", "ReadableStream"]) Object.defineProperty(globalThis, name, { get() { throw new Error(name) } });
    await import("age-rt-wasm"); console.log("imported");`;
  assert.equal(run("untouched.mjs", source), "imported");
});

test("streams can be made where there is no document, and end the process by themselves", () => {
  const source = `import { AgeEncryptStream, AgeAutoDecryptStream } from "age-rt-wasm"; new AgeEncryptStream("pw"); new AgeAutoDecryptStream("pw"); console.log("made");`;
  assert.equal(run("server.mjs", source), "made");
});

test("it has no dependencies and no install scripts", () => {
  const manifest = JSON.parse(installed("package.json"));
  for (const key of ["dependencies", "peerDependencies", "optionalDependencies", "scripts"])
    assert.equal(manifest[key], undefined, key);
});

test("every file that the exports name is in it", () => {
  const manifest = JSON.parse(installed("package.json"));
  const files = [];
  JSON.stringify(manifest, (key, value) => {
    if (typeof value === "string" && value.startsWith("./")) files.push(value);
    return value;
  });
  assert.ok(files.length > 10);
  for (const file of files.filter((name) => !name.includes("*")))
    assert.ok(installed(file).length > 0, file);
});

test("the classic script and its map can be found by whoever copies them", () => {
  const source = `import { createRequire } from "node:module"; const { resolve } = createRequire(import.meta.url);
    console.log(["js", "js.map", "d.ts"].every((extension) => resolve("age-rt-wasm/dist/age-rt.iife." + extension).endsWith(extension)));`;
  assert.equal(run("script.mjs", source), "true");
});

for (const { what, names, limit } of KEY_WEIGHTS)
  test(`${what}: no heavier than their limit`, async () => {
    const { gzip } = await weight(names, "age-rt-wasm/recipients", BESIDE_KEYS);
    assert.ok(gzip <= limit, `${gzip} bytes`);
  });

for (const { what, names, limit } of WEIGHTS)
  test(`a page with ${what} loads at most ${limit} bytes after gzip -9`, async () => {
    const { gzip } = await weight(names);
    assert.ok(gzip <= limit, `${gzip}`);
  });

test("the single file for import maps is minified, and needs no other", () => {
  const code = String(installed("dist/index.min.js"));
  assert.ok(code.split("\n").length < 60);
  assert.doesNotMatch(code, /\bfrom"\.|\bimport"/);
});

test("the module is in the text of one file", () => {
  const text = JSON.parse(/^export default (.*);$/m.exec(installed("dist/age_rt.wasm.text.js"))[1]);
  assert.deepEqual(inflateRawSync(Buffer.from(text, "base64")), installed("dist/age_rt.wasm"));
  for (const name of ["index.js", "index.cjs", "index.workerd.js", "index.edge-light.js"])
    assert.ok(!installed(`dist/${name}`).includes(text.slice(100, 200)), name);
});

test("what can be read is not minified: lines are short, and names and comments those of the sources", () => {
  for (const name of ["index.js", "index.cjs", "index.workerd.js", "index.edge-light.js"]) {
    const code = String(installed(`dist/${name}`));
    assert.match(code, /^class WrongPassphraseError extends ChunkAuthenticationError \{$/m, name);
    assert.match(code, /^async function derive\(/m, name);
    assert.ok(code.includes("Given up for good: nobody listens"), name);
  }
  const longest = Math.max(
    ...String(installed("worker.js"))
      .split("\n")
      .map(({ length }) => length),
  );
  assert.ok(longest < 200, `a line of worker.js has ${longest} characters`);
});

test("the only random numbers and globals of the module are the platform's", async () => {
  const module = await WebAssembly.compile(installed("dist/age_rt.wasm"));
  const imports = WebAssembly.Module.imports(module).map(({ name }) =>
    name.replace(/_[0-9a-f]{16}$/, ""),
  );
  assert.deepEqual(
    imports.sort(),
    ["__wbg___wbindgen_throw", "__wbg_getRandomValues", "__wbindgen_init_externref_table"].sort(),
  );
});
