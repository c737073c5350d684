/** Makes pkg/ (the npm package) and www/dist (the demo page). */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync, inflateRawSync } from "node:zlib";
import { factory } from "./glue.mjs";
import { Failure, main, root, run } from "../lib/run.mjs";
import { setupBuild, toolchain } from "../lib/setup.mjs";

const TARGET = "wasm32-unknown-unknown";
const pkg = join(root, "pkg");
const dist = join(pkg, "dist");
const generated = join(root, "js", "src", "engine", "generated");
const work = join(root, "target", "npm");

/**
 * What a page loads, JavaScript with the .wasm in it, after gzip -9, in bytes: what each part of the surface may add. A part that
 * outgrows its line has to earn a larger one.
 */
const WEIGHTS = {
  "the surface of 0.1.0": 34_500,
  "options checked by name, the nearest one named; progress; one listener a signal": 900,
  "keys: two questions, stanzas in and out, recipients and identities": 4_000,
  "an age file that a shell has rewritten is told as that": 350,
  "armor in pieces of any size, and told by itself": 1_500,
  "faults: claims, Blobs of any realm, sources that change, what to use instead": 900,
  "opened, toBlob, messages": 550,
};
const WEIGHT_LIMIT = Object.values(WEIGHTS).reduce((sum, bytes) => sum + bytes);

export async function build() {
  setupBuild();
  await step(
    "wasm",
    ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo", "src", "js/tooling"],
    [...modules("glue"), ...modules("wasm-inline"), join(work, "age_rt.wasm")],
    wasm,
  );
  await step(
    "package",
    ["js", "pkg-template", "package-lock.json", "LICENSE", "PROTOCOL.md", "target/npm/age_rt.wasm"],
    [pkg, dist, ...modules("kdf-worker-source")],
    bundle,
  );
  const demo = join(root, "www", "build.mjs");
  if (existsSync(demo)) {
    await step(
      "demo",
      ["js", "www", "pkg-template", "package-lock.json", "target/npm/age_rt.wasm"],
      [join(root, "www", "dist")],
      async () => {
        const { default: buildDemo } = await import(pathToFileURL(demo).href);
        await buildDemo({ pkgDir: pkg, outDir: join(root, "www", "dist"), root });
      },
    );
  }
  weigh();
}

/** A generated module and its types. */
function modules(name) {
  return [join(generated, `${name}.js`), join(generated, `${name}.d.ts`)];
}

/** Runs a step unless neither its inputs nor its outputs have changed since it last ran. */
export async function step(name, inputs, outputs, task) {
  const stamp = join(work, `${name}.sha256`);
  const before = existsSync(stamp) ? readFileSync(stamp, "utf8") : "";
  const hash = createHash("sha256");
  for (const input of inputs) hashTree(hash, join(root, input));
  const now = hash.digest("hex");
  if (before === now + treesOf(outputs)) return;
  rmSync(stamp, { force: true });
  await task();
  mkdirSync(work, { recursive: true });
  writeFileSync(stamp, now + treesOf(outputs));
}

/** What lies there: files that somebody has changed since they were built must not be shipped. */
function treesOf(paths) {
  const hash = createHash("sha256");
  for (const path of paths) hashTree(hash, path);
  return hash.digest("hex");
}

/** Folders that a build makes inside of its inputs. */
const OUTPUTS = new Set(["dist", "generated", "node_modules"]);

function hashTree(hash, path) {
  if (!existsSync(path)) return;
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) {
      if (!OUTPUTS.has(name)) hashTree(hash, join(path, name));
    }
    return;
  }
  hash.update(`${relative(root, path)}\0`).update(readFileSync(path));
}

async function wasm() {
  // Packages that setupBuild() installs cannot be imported before it has run.
  const [{ default: zopfli }, { withoutMessages }, { withSwizzles }] = await Promise.all([
    import("@gfx/zopfli"),
    import("./panics.mjs"),
    import("./swizzles.mjs"),
  ]);
  const { channel } = toolchain();
  // Panics name the file that they are in: not by where this machine keeps it, or no two machines would build the same module.
  const remap = `target.${TARGET}.rustflags=${JSON.stringify(["--remap-path-prefix", `${cargoHome()}=/cargo`])}`;
  run("cargo", [
    `+${channel}`,
    "build",
    "--release",
    "--target",
    TARGET,
    "--locked",
    "--quiet",
    "--config",
    remap,
  ]);
  const bindings = join(work, "bindings");
  rmSync(bindings, { recursive: true, force: true });
  run("wasm-bindgen", [
    join(root, "target", TARGET, "release", "age_rt.wasm"),
    "--target",
    "web",
    "--omit-default-module-path",
    "--remove-producers-section",
    "--out-dir",
    bindings,
  ]);
  const silent = join(work, "silent.wasm");
  writeFileSync(silent, withoutMessages(readFileSync(join(bindings, "age_rt_bg.wasm"))));
  const optimised = join(work, "optimised.wasm");
  // No --all-features: it switches on encodings that engines do not read yet. The features are in a section that goes last.
  run(join(root, "node_modules", ".bin", "wasm-opt"), [
    "-O3",
    "--converge",
    "--one-caller-inline-max-function-size=50",
    "--strip-target-features",
    "--strip-debug",
    silent,
    "-o",
    optimised,
  ]);
  const bytes = withSwizzles(readFileSync(optimised));
  await WebAssembly.compile(bytes);
  writeFileSync(join(work, "age_rt.wasm"), bytes);
  mkdirSync(generated, { recursive: true });
  writeFileSync(
    join(generated, "glue.js"),
    factory(readFileSync(join(bindings, "age_rt.js"), "utf8")),
  );
  writeFileSync(
    join(generated, "glue.d.ts"),
    "export function instantiate(module: WebAssembly.Module): unknown;\n",
  );
  // Zopfli's DEFLATE is a twentieth smaller than zlib's, for the same decoder.
  const packed = Buffer.from(await promisify(zopfli.deflate)(bytes, {}));
  if (!inflateRawSync(packed).equals(bytes))
    throw new Failure("The packed module does not unpack to itself");
  writeText("wasm-inline", packed.toString("base64"));
}

function cargoHome() {
  return process.env.CARGO_HOME ?? join(homedir(), ".cargo");
}

/** A generated module whose default export is one string. */
function writeText(name, text) {
  writeFileSync(join(generated, `${name}.js`), `export default ${JSON.stringify(text)};\n`);
  writeFileSync(
    join(generated, `${name}.d.ts`),
    "declare const text: string;\nexport default text;\n",
  );
}

async function bundle() {
  const esbuild = await import("esbuild");
  const source = (name) => join(root, "js", "src", name);
  rmSync(pkg, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const common = {
    bundle: true,
    minify: true,
    target: "es2022",
    legalComments: "none",
    logLevel: "warning",
  };

  await esbuild.build({
    ...common,
    entryPoints: [source("kdf/worker.ts")],
    format: "iife",
    outfile: join(pkg, "worker.js"),
  });
  writeText("kdf-worker-source", readFileSync(join(pkg, "worker.js"), "utf8").trim());
  // It imports and exports nothing: the same text is a module of either kind.
  cpSync(join(pkg, "worker.js"), join(pkg, "worker.cjs"));
  for (const name of ["worker.d.ts", "worker.d.cts"])
    writeFileSync(join(pkg, name), "export {};\n");

  const library = {
    ...common,
    entryPoints: [source("index.ts")],
    sourcemap: true,
    sourcesContent: true,
  };
  const workerd = {
    name: "workerd",
    setup({ onResolve }) {
      onResolve({ filter: /\/module\.js$/ }, () => ({ path: source("engine/module.workerd.ts") }));
      onResolve({ filter: /^\.\/age_rt\.wasm$/ }, ({ path }) => ({ path, external: true }));
    },
  };
  await esbuild.build({ ...library, format: "esm", outfile: join(dist, "index.js") });
  await esbuild.build({ ...library, format: "cjs", outfile: join(dist, "index.cjs") });
  await esbuild.build({
    ...library,
    format: "esm",
    outfile: join(dist, "index.workerd.js"),
    plugins: [workerd],
  });
  // For pages without a server: browsers load no modules from file:// addresses.
  await esbuild.build({
    ...library,
    format: "iife",
    globalName: "ageRt",
    outfile: join(dist, "age-rt.iife.js"),
  });
  writeFileSync(
    join(dist, "age-rt.iife.d.ts"),
    'import type * as api from "../index.js";\n\ndeclare global {\n  /** The package, once its classic script has run. */\n  const ageRt: typeof api;\n}\n',
  );
  const [notice] = /^Copyright.*/m.exec(
    readFileSync(join(root, "node_modules", "@scure", "bip39", "LICENSE"), "utf8"),
  );
  const words = {
    ...library,
    entryPoints: [source("passphrase.ts")],
    banner: {
      js: `/*! The words are those of BIP 39, from @scure/bip39: MIT License, ${notice} */`,
    },
  };
  await esbuild.build({ ...words, format: "esm", outfile: join(dist, "passphrase.js") });
  await esbuild.build({ ...words, format: "cjs", outfile: join(dist, "passphrase.cjs") });
  cpSync(join(work, "age_rt.wasm"), join(dist, "age_rt.wasm"));
  for (const name of ["age_rt.wasm.d.ts", "age_rt.wasm.d.cts"])
    writeFileSync(join(dist, name), "declare const module: object;\nexport default module;\n");

  await declarations();
  for (const name of readdirSync(join(root, "pkg-template")))
    cpSync(join(root, "pkg-template", name), join(pkg, name), { recursive: true });
  for (const name of ["LICENSE", "PROTOCOL.md"]) cpSync(join(root, name), join(pkg, name));
}

/** A declaration file for each entry, out of the sources and their documentation. */
async function declarations() {
  const types = join(work, "types");
  rmSync(types, { recursive: true, force: true });
  run("node", [
    join(root, "node_modules", "typescript", "bin", "tsc"),
    "-p",
    join(root, "js"),
    "--noEmit",
    "false",
    "--declaration",
    "--emitDeclarationOnly",
    "--outDir",
    types,
  ]);
  const { rollup } = await import("rollup");
  const { dts } = await import("rollup-plugin-dts");
  for (const [name, head] of [
    ["index", '/// <reference lib="esnext.disposable" />\n'],
    ["passphrase", ""],
  ]) {
    const bundle = await rollup({
      input: join(types, `${name}.d.ts`),
      plugins: [dts()],
      external: [],
    });
    const { output } = await bundle.generate({ format: "es" });
    for (const extension of ["d.ts", "d.cts"])
      writeFileSync(join(dist, `${name}.${extension}`), head + output[0].code);
  }
}

function weigh() {
  const js = readFileSync(join(dist, "index.js"));
  const payload = readFileSync(join(generated, "wasm-inline.js"), "utf8").slice(60, 260);
  const copies = js.toString("latin1").split(payload).length - 1;
  if (copies !== 1)
    throw new Failure(`dist/index.js holds ${copies} copies of the WebAssembly module`);
  const weight = gzipSync(js, { level: 9 }).length;
  const wasmFile = readFileSync(join(dist, "age_rt.wasm"));
  console.log(
    `age_rt.wasm: ${wasmFile.length} bytes, gzip ${gzipSync(wasmFile, { level: 9 }).length}`,
  );
  console.log(`what a page loads: ${js.length} bytes, gzip ${weight} (limit ${WEIGHT_LIMIT})`);
  if (weight > WEIGHT_LIMIT) throw new Failure("The package is heavier than its limit");
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(build);
