/**
 * `npm run reproduce`: builds the package again, from a copy in another folder, with crates fetched
 * anew into a home of their own, and compares every file of it, the .wasm first.
 */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { build } from "../build/build.mjs";
import { Failure, main, output, root, run } from "../lib/run.mjs";

main(async () => {
  await build();
  const here = digests(join(root, "pkg"));
  const elsewhere = mkdtempSync(join(tmpdir(), "a-folder-with-another-name-"));
  try {
    const copy = join(elsewhere, "copy");
    for (const path of output("git", [
      "ls-files",
      "-z",
      "--cached",
      "--others",
      "--exclude-standard",
    ])
      .split("\0")
      .filter(Boolean)) {
      if (existsSync(join(root, path))) cpSync(join(root, path), join(copy, path));
    }
    // The tools are installed by version, and are not what is built here; npm's packages are
    // installed anew.
    mkdirSync(join(copy, "target"), { recursive: true });
    symlinkSync(join(root, "target", "tools"), join(copy, "target", "tools"));
    run("node", ["js/tooling/build/build.mjs"], {
      cwd: copy,
      env: { CARGO_HOME: join(elsewhere, "cargo") },
    });
    const there = digests(join(copy, "pkg"));
    const names = [...new Set([...Object.keys(here), ...Object.keys(there)])];
    const different = names.filter((name) => here[name] !== there[name]);
    console.log(
      `\nage_rt.wasm: SHA-256 ${here["dist/age_rt.wasm"]}\n${names.length - different.length} of ${names.length} files of the package are the same in both builds`,
    );
    if (different.length > 0) throw new Failure(`Not the same: ${different.join(", ")}`);
  } finally {
    rmSync(elsewhere, { recursive: true, force: true });
  }
});

function digests(folder) {
  const found = {};
  const walk = (path) => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path)) walk(join(path, name));
    else
      found[relative(folder, path)] = createHash("sha256").update(readFileSync(path)).digest("hex");
  };
  walk(folder);
  return found;
}
