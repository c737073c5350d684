/**
 * `npm run coverage [rust] [typescript]`: lines that the tests reach, at least 95 % of either side, and those that are left.
 *
 * The Rust core natively: its bindings in `src/wasm*` run in WebAssembly alone, where nothing counts lines (`tests/wasm.rs` and every JavaScript test go
 * through them). TypeScript in Node, through the source maps of the package.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { build } from "./build.mjs";
import { npmTools } from "./npm-tools.mjs";
import { installPacked } from "./packed.mjs";
import { Failure, main, root, run } from "./run.mjs";
import { cargoTool, toolchain } from "./setup.mjs";

const LEAST = 95;
const CARGO_LLVM_COV = "0.9.1";
/** Those that go through the package in Node. */
const FOLDERS = ["tests/js/portable", "tests/js/node", "tests/js/kdf", "tests/js/sockets", "tests/js/assurance"];
/** Not those that take minutes to reach the same lines, or go through the package in a browser or another program. */
const NOT_HERE = ["hostile", "differential", "both-directions", "chromium", "data-channel", "fetch", "python", "upload", "memory"].map((name) => `${name}.test.js`);
/** Test code, and what runs in WebAssembly alone. */
const NOT_RUST = "tests/|known_answers|src/wasm";

main(async () => {
  const wanted = process.argv.slice(2);
  const either = (name) => wanted.length === 0 || wanted.includes(name);
  if (either("rust")) rust();
  if (either("typescript")) await typescript();
});

function rust() {
  cargoTool("cargo-llvm-cov", "cargo-llvm-cov", CARGO_LLVM_COV);
  run("rustup", ["component", "add", "llvm-tools", "--toolchain", toolchain().channel]);
  const cargo = [`+${toolchain().channel}`, "llvm-cov"];
  run("cargo", [...cargo, "--locked", "--no-report"]);
  run("cargo", [...cargo, "report", "--ignore-filename-regex", NOT_RUST, "--show-missing-lines", "--fail-under-lines", String(LEAST)]);
}

async function typescript() {
  await build();
  installPacked();
  const folder = join(root, "target", "coverage");
  rmSync(folder, { recursive: true, force: true });
  const files = FOLDERS.flatMap((name) => tests(join(root, name))).filter((path) => !NOT_HERE.includes(basename(path)));
  const { status } = spawnSync("node", ["--test", "--test-concurrency=2", "--test-reporter=dot", ...files], { cwd: root, stdio: "inherit", env: { ...process.env, NODE_V8_COVERAGE: folder } });
  if (status !== 0) throw new Failure("Tests failed: their coverage says nothing");
  run(join(npmTools(), "c8"), [
    "report", "--temp-directory", folder, "--allowExternal", "--exclude-after-remap", "--exclude-node-modules=false",
    "--include", "**/js/src/*.ts", "--exclude", "**/generated/**", "--reporter", "text", "--check-coverage", "--lines", String(LEAST), "--functions", "0", "--branches", "0", "--statements", "0",
  ]);
}

function tests(folder) {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".test.js")).sort().map((name) => join(folder, name));
  } catch {
    return [];
  }
}
