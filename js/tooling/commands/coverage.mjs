/**
 * `npm run coverage [rust] [typescript]`: lines that the tests reach, at least 95 % of either side,
 * and those that are left. With `--write` the figures go into SECURITY.md.
 *
 * The Rust core natively: its bindings in `src/wasm*` run in WebAssembly alone, where nothing
 * counts lines (`tests/wasm.rs` and every JavaScript test go through them). TypeScript in Node,
 * through the source maps of the package.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "../build/build.mjs";
import { lines, writeFigure } from "../lib/figures.mjs";
import { npmTools } from "../lib/npm-tools.mjs";
import { installPacked } from "../lib/packed.mjs";
import { Failure, main, output, root, run } from "../lib/run.mjs";
import {
  cargoTool,
  distributionPackages,
  ENGINE_PACKAGES,
  pythonWebSockets,
  toolchain,
} from "../lib/setup.mjs";

const LEAST = 95;
const CARGO_LLVM_COV = "0.9.1";
/** Those that go through the package in Node. */
const FOLDERS = [
  "tests/js/portable",
  "tests/js/node",
  "tests/js/kdf",
  "tests/js/sockets",
  "tests/js/assurance",
];
/**
 * Not those that take minutes to reach the same lines, look at the package's files, or go through
 * it in a browser or another program.
 */
const NOT_HERE = [
  "hostile",
  "differential",
  "corruption",
  "truncation",
  "vectors-push",
  "vectors-streams",
  "round-trip",
  "live-objects",
  "package",
  "source-maps",
  "tree-shaking",
  "both-directions",
  "chromium",
  "fetch",
  "python",
  "upload",
  "memory",
].map((name) => `${name}.test.js`);
/** Test code, and what runs in WebAssembly alone. */
const NOT_RUST = "tests/|known_answers|src/wasm";

/** The package's entry, for this run as it is before it is minified. */
const readable = pathToFileURL(join(root, "node_modules", "age-rt-wasm", "dist", "index.js"));

main(async () => {
  const wanted = process.argv.slice(2).filter((word) => !word.startsWith("-"));
  const either = (name) => wanted.length === 0 || wanted.includes(name);
  if (either("rust")) rust();
  if (either("typescript")) await typescript();
});

function rust() {
  cargoTool("cargo-llvm-cov", "cargo-llvm-cov", CARGO_LLVM_COV);
  run("rustup", ["component", "add", "llvm-tools", "--toolchain", toolchain().channel]);
  const cargo = [`+${toolchain().channel}`, "llvm-cov"];
  run("cargo", [...cargo, "--locked", "--no-report"]);
  run("cargo", [
    ...cargo,
    "report",
    "--ignore-filename-regex",
    NOT_RUST,
    "--show-missing-lines",
    "--fail-under-lines",
    String(LEAST),
  ]);
  const summary = ["report", "--json", "--summary-only", "--ignore-filename-regex", NOT_RUST];
  const { count, covered } = JSON.parse(output("cargo", [...cargo, ...summary])).data[0].totals
    .lines;
  writeFigure("npm run coverage rust", lines({ covered, total: count }));
}

async function typescript() {
  // Examples are among the tests: their pages talk to services in Python.
  pythonWebSockets();
  distributionPackages(ENGINE_PACKAGES.chromium);
  await build();
  installPacked();
  // What is minified has one line, whose functions no report tells apart.
  const { build: bundle } = await import("esbuild");
  await bundle({
    entryPoints: [join(root, "js", "src", "index.ts")],
    bundle: true,
    format: "esm",
    target: "es2022",
    sourcemap: true,
    outfile: fileURLToPath(readable),
    allowOverwrite: true,
    logLevel: "warning",
  });
  const folder = join(root, "target", "coverage");
  rmSync(folder, { recursive: true, force: true });
  const files = FOLDERS.flatMap((name) => tests(join(root, name))).filter(
    (path) => !NOT_HERE.includes(basename(path)),
  );
  const { status } = spawnSync(
    "node",
    ["--test", "--test-concurrency=2", "--test-reporter=dot", ...files],
    { cwd: root, stdio: "inherit", env: { ...process.env, NODE_V8_COVERAGE: folder } },
  );
  if (status !== 0) throw new Failure("Tests failed: their coverage says nothing");
  keepPackage(folder);
  run(join(npmTools(), "c8"), [
    "report",
    "--temp-directory",
    folder,
    "--allowExternal",
    "--exclude-after-remap",
    "--exclude-node-modules=false",
    "--include",
    "**/js/src/**/*.ts",
    "--exclude",
    "**/generated/**",
    "--reporter",
    "text",
    "--reporter",
    "json-summary",
    "--reports-dir",
    join(root, "target", "coverage-report"),
    "--check-coverage",
    "--lines",
    String(LEAST),
    "--functions",
    "0",
    "--branches",
    "0",
    "--statements",
    "0",
  ]);
  const summary = join(root, "target", "coverage-report", "coverage-summary.json");
  const { total } = JSON.parse(readFileSync(summary, "utf8"));
  writeFigure("npm run coverage typescript", lines(total.lines));
  installPacked();
}

/**
 * Leaves of what V8 counted the package as it is imported: the CommonJS file is the same code
 * again, and all else is not ours. A test that wants it afresh imports it under a query.
 */
function keepPackage(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const { result, "source-map-cache": maps, ...report } = JSON.parse(readFileSync(path, "utf8"));
    rmSync(path);
    const ours = result.filter(({ url }) => url.split("?")[0] === readable.href);
    for (const [index, script] of ours.entries()) {
      const one = {
        ...report,
        result: [{ ...script, url: readable.href }],
        "source-map-cache": { [readable.href]: maps[script.url] },
      };
      writeFileSync(join(folder, `${index}-${name}`), JSON.stringify(one));
    }
  }
}

function tests(folder) {
  try {
    return readdirSync(folder, { recursive: true })
      .filter((name) => name.endsWith(".test.js"))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}
