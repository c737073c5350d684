/** Makes pkg/ (the npm package) and www/dist (the demo page). */
import { createHash } from "node:crypto";
import {
  chmodSync,
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
import { dirname, join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { gzipSync, inflateRawSync } from "node:zlib";
import { factory } from "./glue.mjs";
import { KEY_MODULES, keyModuleOutputs, keyModules, MODULE_ONLY } from "./key-modules.mjs";
import { notices } from "./notices.mjs";
import { Failure, main, root, run } from "../lib/run.mjs";
import { setupBuild, toolchain } from "../lib/setup.mjs";

const TARGET = "wasm32-unknown-unknown";
/** Documents of the project that the package holds too, beside those of pkg-template. */
const DOCUMENTS = ["HOSTS.md", "PROTOCOL.md", "SESSION.md"];
/** What is in the package, and what `init()` takes in its place: built on the RustCrypto crates. */
const MAIN_MODULES = ["age_rt", "age_rt.rustcrypto"];
const pkg = join(root, "pkg");
const dist = join(pkg, "dist");
const generated = join(root, "js", "src", "engine", "generated");
const work = join(root, "target", "npm");

export async function build() {
  setupBuild();
  await step(
    "wasm",
    ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo", "src", "js/tooling"],
    [
      ...modules("glue"),
      ...modules("wasm-inline"),
      ...MAIN_MODULES.map((name) => join(work, `${name}.wasm`)),
    ],
    wasm,
  );
  await step(
    "key-modules",
    ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", ".cargo", "src", ...KEY_MODULE_TOOLS],
    keyModuleOutputs(generated, work),
    () => keyModules({ generated, work, remap: remap() }),
  );
  await step(
    "package",
    [
      "js",
      "pkg-template",
      "package-lock.json",
      "Cargo.lock",
      "LICENSE",
      ...DOCUMENTS,
      ...MAIN_MODULES.map((name) => `target/npm/${name}.wasm`),
      ...Object.keys(KEY_MODULES).map((name) => `target/npm/age_rt_${name}.wasm`),
    ],
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
  await weigh();
}

const KEY_MODULE_TOOLS = ["key-modules", "glue", "panics"].map(
  (name) => `js/tooling/build/${name}.mjs`,
);

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
  const { default: zopfli } = await import("@gfx/zopfli");
  const other = await moduleWith(["--features", "rustcrypto"]);
  const { bytes, glue } = await moduleWith([]);
  // One text of bindings serves both: a page may load either.
  if (other.glue !== glue) throw new Failure("The two modules want different bindings");
  writeFileSync(join(work, "age_rt.wasm"), bytes);
  writeFileSync(join(work, "age_rt.rustcrypto.wasm"), other.bytes);
  mkdirSync(generated, { recursive: true });
  writeFileSync(join(generated, "glue.js"), glue);
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

/** The module that cargo makes with these options, optimised, and the factory of its bindings. */
async function moduleWith(options) {
  run("cargo", [
    ...[`+${toolchain().channel}`, "rustc", ...MODULE_ONLY, "--release", "--target", TARGET],
    ...["--locked", "--quiet", "--config", remap()],
    ...options,
  ]);
  const bindings = join(work, "bindings");
  rmSync(bindings, { recursive: true, force: true });
  run("wasm-bindgen", [
    join(root, "target", TARGET, "release", "age_rt.wasm"),
    ...["--target", "web", "--omit-default-module-path", "--remove-producers-section"],
    ...["--out-dir", bindings],
  ]);
  const optimised = join(work, "optimised.wasm");
  // No --all-features: it switches on encodings that engines do not read yet. The features are in a
  // section that goes last.
  run(join(root, "node_modules", ".bin", "wasm-opt"), [
    ...["-O3", "--converge", "--one-caller-inline-max-function-size=50"],
    ...["--strip-target-features", "--strip-debug"],
    ...[join(bindings, "age_rt_bg.wasm"), "-o", optimised],
  ]);
  const bytes = readFileSync(optimised);
  await WebAssembly.compile(bytes);
  return { bytes, glue: factory(readFileSync(join(bindings, "age_rt.js"), "utf8")) };
}

/**
 * Panics name the file that they are in: not by where this machine keeps it, or no two machines
 * would build the same module.
 */
function remap() {
  return `target.${TARGET}.rustflags=${JSON.stringify(["--remap-path-prefix", `${cargoHome()}=/cargo`])}`;
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

/**
 * What can be imported by name. An entry beside the main one imports that one's file, so that a
 * page holds each class once; one with `main: false` shares nothing with it.
 */
const ENTRIES = [
  { name: "index", head: '/// <reference lib="esnext.disposable" />\n' },
  { name: "header" },
  { name: "reader", head: '/// <reference lib="esnext.disposable" />\n' },
  { name: "recipients" },
  { name: "session" },
  { name: "passphrase", main: false, banner: wordsNotice },
];

/**
 * What the main entry loads by itself when it needs it. It shares nothing with it: what it needs of
 * it is handed over.
 */
const PARTS = [{ name: "workers", main: false }];

/**
 * The same entry for each kind of host: what differs is where the WebAssembly module comes from.
 */
const VARIANTS = [
  { extension: ".js", format: "es" },
  { extension: ".cjs", format: "cjs" },
  { extension: ".workerd.js", format: "es", module: "module.workerd.js" },
  { extension: ".edge-light.js", format: "es", module: "module.edge.js" },
];

/** Generated texts that are files of their own: beside them the code can be read. */
const TEXTS = {
  "wasm-inline": "age_rt.wasm.text",
  "kdf-worker-source": "worker.text",
  ...Object.fromEntries(
    Object.keys(KEY_MODULES).map((name) => [`${name}-inline`, `age_rt_${name}.wasm.text`]),
  ),
};

/** The modules, each in a file of its own too. */
const MODULES = [...MAIN_MODULES, ...Object.keys(KEY_MODULES).map((name) => `age_rt_${name}`)];

function wordsNotice() {
  const [notice] = /^Copyright.*/m.exec(
    readFileSync(join(root, "node_modules", "@scure", "bip39", "LICENSE"), "utf8"),
  );
  return `/*! The words are those of BIP 39, from @scure/bip39: MIT License, ${notice} */`;
}

async function bundle() {
  const esbuild = await import("esbuild");
  const source = (name) => join(root, "js", "src", name);
  rmSync(pkg, { recursive: true, force: true });
  mkdirSync(dist, { recursive: true });
  const common = { bundle: true, target: "es2022", legalComments: "none", logLevel: "warning" };

  const worker = { ...common, entryPoints: [source("kdf/worker.ts")], format: "iife" };
  await esbuild.build({ ...worker, outfile: join(pkg, "worker.js") });
  // It imports and exports nothing: the same text is a module of either kind.
  cpSync(join(pkg, "worker.js"), join(pkg, "worker.cjs"));
  for (const name of ["worker.d.ts", "worker.d.cts"])
    writeFileSync(join(pkg, name), "export {};\n");
  // No application's tools reach into a string: the worker that most pages start is minified here.
  const { outputFiles } = await esbuild.build({ ...worker, minify: true, write: false });
  writeText("kdf-worker-source", outputFiles[0].text.trim());
  for (const [name, file] of Object.entries(TEXTS)) {
    const text = readFileSync(join(generated, `${name}.js`), "utf8");
    writeFileSync(join(dist, `${file}.js`), text);
    writeFileSync(join(dist, `${file}.cjs`), text.replace("export default", "module.exports ="));
  }
  for (const module of MODULES) {
    cpSync(join(work, `${module}.wasm`), join(dist, `${module}.wasm`));
    for (const types of ["d.ts", "d.cts"])
      writeFileSync(
        join(dist, `${module}.wasm.${types}`),
        "declare const module: object;\nexport default module;\n",
      );
  }

  compiled();
  for (const entry of ENTRIES) {
    for (const variant of VARIANTS)
      if (entry.main !== false || !variant.module) await readable(entry, variant);
    await declarations(entry);
  }
  await command();
  for (const part of PARTS)
    for (const variant of VARIANTS) if (!variant.module) await readable(part, variant);
  // For import maps, and for pages without a server: browsers load no modules from file://
  // addresses.
  const single = {
    ...common,
    minify: true,
    entryPoints: [join(dist, "index.js")],
    sourcemap: true,
    sourcesContent: true,
  };
  await esbuild.build({ ...single, format: "esm", outfile: join(dist, "index.min.js") });
  await esbuild.build({
    ...single,
    format: "iife",
    globalName: "ageRt",
    outfile: join(dist, "age-rt.iife.js"),
  });
  // A second classic script, which finds the first one's classes.
  await esbuild.build({
    ...single,
    entryPoints: [join(dist, "recipients.js")],
    format: "iife",
    globalName: "ageRtRecipients",
    outfile: join(dist, "age-rt-recipients.iife.js"),
    plugins: [
      {
        name: "first-script",
        setup({ onResolve }) {
          const path = join(root, "js", "tooling", "build", "first-script.cjs");
          onResolve({ filter: /^\.\/index\.js$/ }, () => ({ path }));
        },
      },
    ],
  });
  writeFileSync(
    join(dist, "age-rt-recipients.iife.d.ts"),
    'import type * as api from "./recipients.js";\n\ndeclare global {\n  /** The entry of keys, once its classic script has run, after the first one. */\n  const ageRtRecipients: typeof api;\n}\n',
  );
  writeFileSync(join(dist, "index.min.d.ts"), 'export * from "./index.js";\n');
  writeFileSync(
    join(dist, "age-rt.iife.d.ts"),
    'import type * as api from "../index.js";\n\ndeclare global {\n  /** The package, once its classic script has run. */\n  const ageRt: typeof api;\n}\n',
  );

  for (const name of readdirSync(join(root, "pkg-template")))
    cpSync(join(root, "pkg-template", name), join(pkg, name), { recursive: true });
  manifest();
  for (const name of ["LICENSE", ...DOCUMENTS]) cpSync(join(root, name), join(pkg, name));
  writeFileSync(join(pkg, "THIRD-PARTY-NOTICES.txt"), notices());
}

/**
 * Adds the entries to package.json, and a folder of its own for each, which is where tools look
 * that know no exports map.
 */
function manifest() {
  const path = join(pkg, "package.json");
  const template = JSON.parse(readFileSync(path, "utf8"));
  const entries = Object.fromEntries(
    ENTRIES.map((entry) => [entry.name === "index" ? "." : `./${entry.name}`, conditions(entry)]),
  );
  const exports = { ...entries, ...template.exports };
  const typesVersions = {};
  const files = [];
  for (const [subpath, target] of Object.entries(exports)) {
    const file = target.require?.default;
    const name = subpath.slice(2);
    if (subpath === "." || !file?.startsWith("./dist/")) continue;
    const [main, types] = [file, target.require.types.replace(".d.cts", ".d.ts")];
    typesVersions[name] = [types];
    files.push(name);
    mkdirSync(join(pkg, name));
    const module = target.import.default;
    writeJson(join(pkg, name, "package.json"), {
      main: `.${main}`,
      ...(module === main ? {} : { module: `.${module}` }),
      types: `.${types}`,
    });
  }
  writeJson(path, {
    ...template,
    exports,
    typesVersions: { "*": typesVersions },
    files: [...template.files, ...files],
  });
}

function writeJson(path, value) {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** What an entry is under each condition, in the order in which it is looked for. */
function conditions({ name, main }) {
  const file = (extension, types = "d.ts") => ({
    types: `./dist/${name}.${types}`,
    default: `./dist/${name}${extension}`,
  });
  return {
    ...(main === false
      ? {}
      : { workerd: file(".workerd.js"), "edge-light": file(".edge-light.js") }),
    // Bundlers take one file for import and require: with two an application would hold each class
    // twice.
    module: file(".js"),
    "module-sync": file(".js"),
    import: file(".js"),
    require: file(".cjs", "d.cts"),
  };
}

/** Where tsc puts the sources as JavaScript and as declarations. */
const compiledSources = join(work, "compiled");

function compiled() {
  rmSync(compiledSources, { recursive: true, force: true });
  run("node", [
    join(root, "node_modules", "typescript", "bin", "tsc"),
    ...["-p", join(root, "js")],
    ...["--noEmit", "false", "--declaration", "--sourceMap", "--inlineSources"],
    ...["--outDir", compiledSources],
  ]);
}

/**
 * An entry in one file that a person can read: names and comments as in the sources, in the order
 * of the imports.
 */
async function readable({ name, banner, main: shares }, { extension, format, module }) {
  const { rollup } = await import("rollup");
  const suffix = format === "cjs" ? ".cjs" : ".js";
  const texts = Object.entries(TEXTS).map(([text, file]) => [
    join(generated, `${text}.js`),
    `./${file}${suffix}`,
  ]);
  const paths = Object.fromEntries(texts);
  const main = join(compiledSources, "index.js");
  const errors = join(compiledSources, "errors.js");
  // Errors too are the main entry's, or `instanceof` would not know them.
  const shared = name === "index" || shares === false ? [] : [main, errors];
  for (const file of shared) paths[file] = `./index${extension}`;
  const parts = PARTS.filter((part) => part.name !== name).map((part) => part.name);
  for (const part of parts) paths[join(compiledSources, `${part}.js`)] = `./${part}${suffix}`;
  const resolution = {
    name: "resolution",
    resolveId(id, importer) {
      if (id.includes(".wasm")) return { id, external: true };
      if (!importer) return id;
      if (!id.startsWith(".")) return join(root, "node_modules", id);
      const path = join(dirname(importer), id);
      const [, generatedFile] = /\/generated\/([^/]+)$/.exec(path) ?? [];
      if (generatedFile) {
        const file = join(generated, generatedFile);
        return { id: file, external: file in paths, moduleSideEffects: false };
      }
      if (module && /\/(engine|recipients)\/module\.js$/.test(path))
        return join(dirname(path), module);
      return { id: path, external: path in paths };
    },
    load(id) {
      if (!id.startsWith(compiledSources)) return null;
      return {
        code: readFileSync(id, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, ""),
        map: JSON.parse(readFileSync(`${id}.map`, "utf8")),
      };
    },
  };
  const bundle = await rollup({
    input: join(compiledSources, `${name}.js`),
    plugins: [resolution],
    makeAbsoluteExternalsRelative: false,
    onwarn(warning) {
      throw new Failure(warning.message);
    },
  });
  await bundle.write({
    file: join(dist, `${name}${extension}`),
    format,
    paths,
    sourcemap: true,
    interop: "default",
    exports: "named",
    banner: banner?.() ?? "",
  });
  await bundle.close();
}

/** The program of `npx`, beside the entries that it imports, and imported by none. */
async function command() {
  const { rollup } = await import("rollup");
  const sources = join(work, "compiled-command");
  rmSync(sources, { recursive: true, force: true });
  run("node", [
    join(root, "node_modules", "typescript", "bin", "tsc"),
    ...["-p", join(root, "js", "src", "command")],
    ...["--noEmit", "false", "--sourceMap", "--inlineSources"],
    ...["--rootDir", join(root, "js", "src"), "--outDir", sources],
  ]);
  const room = join(sources, "command");
  const resolution = {
    name: "resolution",
    resolveId(id, importer) {
      if (id.startsWith("node:")) return { id, external: true };
      const path = importer ? join(dirname(importer), id) : id;
      if (dirname(path) === room) return { id: path };
      const name = relative(sources, path).replace(/\.js$/, "");
      if (!ENTRIES.some((entry) => entry.name === name))
        throw new Failure(`The command imports ${name}, which is no entry`);
      return { id: `./${name}.js`, external: true };
    },
    load(id) {
      return {
        code: readFileSync(id, "utf8").replace(/^\/\/# sourceMappingURL=.*$/m, ""),
        map: JSON.parse(readFileSync(`${id}.map`, "utf8")),
      };
    },
  };
  const bundle = await rollup({
    input: join(room, "main.js"),
    plugins: [resolution],
    makeAbsoluteExternalsRelative: false,
    onwarn(warning) {
      throw new Failure(warning.message);
    },
  });
  const file = join(dist, "command.js");
  await bundle.write({ file, format: "es", sourcemap: true });
  await bundle.close();
  if (!readFileSync(file, "utf8").startsWith("#!/usr/bin/env node\n"))
    throw new Failure("The command has lost its first line, by which a shell starts it");
  chmodSync(file, 0o755);
}

/** A declaration file for each entry, out of the sources and their documentation. */
async function declarations({ name, head = "" }) {
  const [{ rollup }, { dts }] = await Promise.all([import("rollup"), import("rollup-plugin-dts")]);
  const main = join(compiledSources, "index.d.ts");
  for (const extension of ["d.ts", "d.cts"]) {
    const bundle = await rollup({
      input: join(compiledSources, `${name}.d.ts`),
      plugins: [dts()],
      external: (id) => name !== "index" && /\/index\.js$/.test(id),
    });
    const paths = (id) =>
      id === main || id.endsWith("index.js")
        ? `./index.${extension.slice(2).replace("ts", "js")}`
        : id;
    const { output } = await bundle.generate({ format: "es", paths });
    writeFileSync(join(dist, `${name}.${extension}`), head + withoutFileNotes(output[0].code));
  }
}

/** Without the notes at the head of each source file, which are for who reads the sources. */
function withoutFileNotes(declarations) {
  return declarations.replace(/^\/\*\*(?:(?!\*\/)[^])*\*\/\n+(?=\n|\/\*\*)/gm, "");
}

async function weigh() {
  const { BESIDE_KEYS, KEY_FILES, KEY_WEIGHTS, WEIGHTS, weight } =
    await import("../lib/weight.mjs");
  const wasmFile = readFileSync(join(dist, "age_rt.wasm"));
  console.log(
    `age_rt.wasm: ${wasmFile.length} bytes, gzip ${gzipSync(wasmFile, { level: 9 }).length}`,
  );
  const check = (what, { raw, gzip }, limit) => {
    console.log(`${what}: ${raw} bytes, gzip ${gzip} (limit ${limit})`);
    if (gzip > limit) throw new Failure(`${what} is heavier than its limit`);
  };
  for (const { what, names, limit } of WEIGHTS)
    check(`a page with ${what}`, await weight(names, join(dist, "index.js")), limit);
  for (const { what, names, limit } of KEY_WEIGHTS)
    check(
      `${what}, beside the main entry`,
      await weight(names, join(dist, "recipients.js"), BESIDE_KEYS),
      limit,
    );
  for (const { what, file, limit } of KEY_FILES) {
    const text = readFileSync(join(dist, file));
    check(what, { raw: text.length, gzip: gzipSync(text, { level: 9 }).length }, limit);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) main(build);
