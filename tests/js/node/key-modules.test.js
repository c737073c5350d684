/**
 * Where the modules of keys come from: files that are loaded for the first key of their kind, or
 * imports of a bundler for hosts that compile nothing.
 */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { runInThisContext } from "node:vm";
import { build } from "esbuild";
import { KINDS } from "../lib/noble-keys.js";
import { seeded } from "../lib/random.js";
import { root } from "../lib/repository.js";

const FILE_KEY = new Uint8Array(16).fill(7);
let folder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-key-modules-"));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Wraps and unwraps with a type that noble's side knows, or only wraps. */
async function works(t, { recipient, identity }, type) {
  const other = KINDS[type](seeded(t));
  const [{ args, body }] = await recipient(other.recipient).wrapFileKey(FILE_KEY.slice());
  assert.equal(args[0], type);
  assert.deepEqual(new Uint8Array(other.unwrap(args, body)), FILE_KEY);
  if (other.identity)
    assert.deepEqual(await identity(other.identity).unwrapFileKey([{ args, body }]), FILE_KEY);
}

for (const extension of [".js", ".cjs"])
  describe(`recipients${extension}, in a package whose later files are missing`, () => {
    let dist;
    let keys;
    before(async () => {
      dist = join(folder, `without${extension}`, "dist");
      cpSync(join(root, "node_modules", "age-rt-wasm"), dirname(dist), { recursive: true });
      for (const name of ["hybrid", "p256"]) renameSync(file(name), `${file(name)}.away`);
      const entry = join(dist, `recipients${extension}`);
      keys =
        extension === ".cjs"
          ? createRequire(import.meta.url)(entry)
          : await import(pathToFileURL(entry).href);
    });
    const file = (name) => join(dist, `age_rt_${name}.wasm.text${extension}`);

    test("X25519 keys work: nothing else is loaded for them", (t) => works(t, keys, "X25519"));

    for (const [name, type] of [
      ["hybrid", "mlkem768x25519"],
      ["p256", "p256tag"],
    ])
      test(`${type}: the error says what is missing; with the file it works`, async (t) => {
        await assert.rejects(works(t, keys, type), (error) => {
          assert.equal(error.name, "NotSupportedError");
          assert.equal(error.code, "wasm-blocked");
          assert.match(error.message, /file/);
          return error.cause instanceof Error;
        });
        await works(t, keys, "X25519");
        renameSync(`${file(name)}.away`, file(name));
        await works(t, keys, type);
      });

    test("mlkem768p256tag, which needs both", (t) => works(t, keys, "mlkem768p256tag"));
  });

test("the second classic script holds all of them: keys of every kind work, and no file is loaded", async (t) => {
  for (const name of ["age-rt.iife.js", "age-rt-recipients.iife.js"]) {
    const code = readFileSync(join(root, "node_modules", "age-rt-wasm", "dist", name), "utf8");
    // Without a loader, which rejects every import().
    runInThisContext(code, { filename: name });
  }
  for (const type of Object.keys(KINDS)) await works(t, globalThis.ageRtRecipients, type);
});

for (const condition of ["workerd", "edge-light"])
  describe(`bundled under ${condition}`, () => {
    const imported = new Set();
    let keys;
    before(async () => {
      const outfile = join(folder, `${condition}.mjs`);
      await build({
        stdin: { contents: 'export * from "age-rt-wasm/recipients"', resolveDir: root },
        outfile,
        bundle: true,
        format: "esm",
        conditions: [condition],
        external: ["node:*"],
        plugins: [{ name: "modules", setup: modules }],
      });
      keys = await import(pathToFileURL(outfile).href);
    });

    /** What the host's tools make of an import of a module: the compiled module. */
    function modules({ onResolve, onLoad }) {
      onResolve({ filter: /\.wasm(\?module)?$/ }, ({ path, resolveDir }) => {
        assert.equal(path.endsWith("?module"), condition === "edge-light");
        const name = basename(path.replace("?module", ""));
        imported.add(name);
        return { path: join(resolveDir, name), namespace: "module" };
      });
      onLoad({ filter: /./, namespace: "module" }, ({ path }) => ({
        contents: `import { readFileSync } from "node:fs";
          export default new WebAssembly.Module(readFileSync(${JSON.stringify(path)}));`,
      }));
    }

    test("every module is an import", () =>
      assert.deepEqual(
        [...imported].sort(),
        ["age_rt", "age_rt_hybrid", "age_rt_p256", "age_rt_recipients"].map(
          (name) => `${name}.wasm`,
        ),
      ));

    test("keys of every kind work, and nothing is compiled", async (t) => {
      const { compile } = WebAssembly;
      WebAssembly.compile = () => assert.fail("a host that compiles nothing");
      try {
        for (const type of Object.keys(KINDS)) await works(t, keys, type);
      } finally {
        WebAssembly.compile = compile;
      }
    });
  });
