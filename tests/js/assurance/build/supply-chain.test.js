/**
 * What comes along: licences, lock files, scripts, and traces of the machine that built it. `npm
 * run supply-chain` asks the usual tools as well.
 */
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { linkedCrates } from "../../../../js/tooling/build/notices.mjs";
import { root } from "../../lib/repository.js";

const read = (...path) => readFileSync(join(root, ...path), "utf8");
const packed = join(root, "node_modules", "age-rt-wasm");
const manifest = JSON.parse(read("node_modules", "age-rt-wasm", "package.json"));

function files(folder, under = "") {
  return readdirSync(join(folder, under)).flatMap((name) => {
    const path = join(under, name);
    return statSync(join(folder, path)).isDirectory() ? files(folder, path) : [path];
  });
}

describe("the package", () => {
  test("depends on nothing and runs nothing when it is installed", () => {
    for (const field of [
      "dependencies",
      "peerDependencies",
      "optionalDependencies",
      "bundleDependencies",
      "scripts",
    ])
      assert.equal(manifest[field], undefined, field);
  });

  test("has one program, which runs only when somebody calls it", () =>
    assert.deepEqual(manifest.bin, { "age-rt-wasm": "dist/command.js" }));

  test("is published with provenance", () => assert.equal(manifest.publishConfig.provenance, true));

  test("holds no path of the machine that built it", () => {
    const traces = [homedir(), process.env.CARGO_HOME, root].filter(
      (path) => path && path.length > 1,
    );
    for (const name of files(packed)) {
      const text = readFileSync(join(packed, name)).toString("latin1");
      for (const trace of traces) assert.ok(!text.includes(`${trace}/`), `${trace} in ${name}`);
    }
  });

  const scripts = files(packed).filter((path) => /\.c?js$/.test(path));
  /** Those that hold the main entry, which starts workers. */
  const libraries = scripts.filter((path) => /^dist\/(index\.|age-rt\.iife\.)/.test(path));

  test("evaluates no text as code but its worker's", () => {
    assert.ok(libraries.length >= 5);
    for (const name of scripts) {
      // Readable files carry their comments, and examples in them.
      const text = read("node_modules", "age-rt-wasm", name).replace(
        /\/\*[^]*?\*\/|^\s*\/\/.*$/gm,
        "",
      );
      assert.ok(
        !/\bFunction\s*\(|[^\w.]eval\s*\(|\bimportScripts\b|\b(?:setTimeout|setInterval)\s*\(\s*["'`]/.test(
          text,
        ),
        name,
      );
      // In a thread of Node from the text, elsewhere from a blob of the text; or wherever the
      // user's own factory says.
      const library = libraries.includes(name);
      for (const way of [
        // Not WebAuthn's: there it is an object.
        /\beval:(?! ?\{)/g,
        /\bnew Blob\(\[[\w$]+\], ?\{ ?type: ?"text\/javascript" ?\}\)/g,
      ])
        assert.equal(text.match(way)?.length ?? 0, library ? 1 : 0, `${way} in ${name}`);
      assert.equal(text.match(/\bnew (?:\w+\.)?Worker\(/g)?.length ?? 0, library ? 2 : 0, name);
    }
  });

  test("the text of that worker is made of its source alone, and so is the file that the package has of it", async () => {
    const { default: shipped } = await import(
      pathToFileURL(join(packed, "dist", "worker.text.js")).href
    );
    const built = async (minify) => {
      const { outputFiles } = await build({
        entryPoints: [join(root, "js", "src", "kdf", "worker.ts")],
        bundle: true,
        format: "iife",
        target: "es2022",
        legalComments: "none",
        minify,
        write: false,
      });
      return outputFiles[0].text.trim();
    };
    assert.equal(shipped, await built(true));
    assert.equal(read("node_modules", "age-rt-wasm", "worker.js").trim(), await built(false));
    for (const name of ["age-rt.iife.js", "index.min.js"]) {
      const text = read("node_modules", "age-rt-wasm", "dist", name);
      assert.ok(
        [JSON.stringify(shipped), `'${shipped}'`, `\`${shipped}\``].some((literal) =>
          text.includes(literal),
        ),
        name,
      );
    }
  });
});

describe("what it is built from", () => {
  /** Crates that are compiled into any of the modules. */
  const crates = linkedCrates();

  test("every crate may be used under MIT, Apache 2.0 or BSD with three clauses", (t) => {
    t.diagnostic(`${crates.length} crates: ${crates.map(({ name }) => name).join(", ")}`);
    for (const name of ["sha2", "chacha20poly1305", "curve25519-dalek", "ml-kem", "p256"])
      assert.ok(
        crates.some((crate) => crate.name === name),
        name,
      );
    for (const { name, licence } of crates)
      assert.match(licence, /MIT|Apache-2\.0|^BSD-3-Clause$/, name);
  });

  test("the package has the notice of each of them, with its text", () => {
    const notices = read("node_modules", "age-rt-wasm", "THIRD-PARTY-NOTICES.txt");
    for (const { name, version, licence } of crates)
      assert.ok(notices.includes(`\n${name} ${version} (${licence})\n`), name);
    for (const holder of ["RustCrypto", "Isis Agora Lovecruft", "Alex Crichton"])
      assert.match(notices, new RegExp(`Copyright .*${holder}`), holder);
    for (const words of [
      "Permission is hereby granted, free of charge",
      "Redistributions in binary form must reproduce the above copyright",
      "UNICODE LICENSE V3",
    ])
      assert.ok(notices.includes(words), words);
  });

  test("every crate comes from crates.io, with its checksum", () => {
    const packages = read("Cargo.lock").split("[[package]]").slice(1);
    for (const text of packages) {
      if (/name = "age-rt-wasm"/.test(text)) continue;
      assert.match(text, /source = "registry\+https:\/\/github\.com\/rust-lang\/crates\.io-index"/);
      assert.match(text, /checksum = "[0-9a-f]{64}"/);
    }
  });

  test("every tool is built from the versions that its authors locked, but one", () => {
    const setup = read("js", "tooling", "lib", "setup.mjs");
    assert.match(setup, /"install",\s+crate,[^;]*UNLOCKED\.has\(crate\) \? \[\] : \["--locked"\]/);
    assert.deepEqual(JSON.parse(/const UNLOCKED = new Set\((\[.*\])\)/.exec(setup)[1]), [
      "wasm-bindgen-cli",
    ]);
  });

  const entries = Object.entries(JSON.parse(read("package-lock.json")).packages).filter(([path]) =>
    path.startsWith("node_modules/"),
  );

  // They build and test. Of theirs the package holds one thing, the word list of @scure/bip39
  // (MIT).
  test("every npm package has its checksum and comes from the registry", () => {
    assert.ok(entries.length > 50);
    for (const [path, { integrity, resolved }] of entries) {
      assert.match(integrity ?? "", /^sha512-/, path);
      assert.match(
        resolved ?? "https://registry.npmjs.org/",
        /^https:\/\/registry\.npmjs\.org\//,
        path,
      );
    }
  });

  test("one npm package has an install script: esbuild, which fetches its binary if npm has not", () => {
    assert.deepEqual(
      entries
        .filter(([, { hasInstallScript, optional }]) => hasInstallScript && !optional)
        .map(([path]) => path),
      ["node_modules/esbuild"],
    );
  });

  test("there is no unsafe code, and none can be added unseen", () => {
    const sources = files(join(root, "src")).filter((name) => name.endsWith(".rs"));
    assert.match(read("src", "lib.rs"), /^#!\[forbid\(unsafe_code\)\]$/m);
    for (const name of sources)
      assert.ok(!/\bunsafe\s*(\{|fn|impl|trait|extern)|unsafe\(/.test(read("src", name)), name);
  });
});
