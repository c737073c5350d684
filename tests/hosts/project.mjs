/** Projects of a consumer: outside of the repository, so that nothing of ours is found in a parent's node_modules. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { tarball } from "../../js/tooling/packed.mjs";
import { root, run } from "../../js/tooling/run.mjs";

const home = join(tmpdir(), `age-rt-wasm-hosts-${userInfo().uid}-${createHash("sha256").update(root).digest("hex").slice(0, 8)}`);

/** Folders that survive from run to run: what npm took minutes to install. */
const KEPT = "node_modules";

/**
 * A project made from the folder tests/hosts/<group>, which holds a package.json and a package-lock.json. Its dependencies are installed when
 * they have changed; the package is always the one just packed.
 *
 * @returns its path
 */
export function project(group) {
  const source = join(root, "tests", "hosts", group);
  const folder = join(home, group);
  const lock = readFileSync(join(source, "package-lock.json"));
  const stamp = join(folder, KEPT, ".installed");
  const wanted = createHash("sha256").update(lock).update(process.version).digest("hex");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
    for (const name of ["package.json", "package-lock.json"]) cpSync(join(source, name), join(folder, name));
    // Programs are started from the packages that hold them: nothing here needs a script of a package to run.
    run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
    writeFileSync(stamp, wanted);
  }
  const installed = join(folder, KEPT, "age-rt-wasm");
  rmSync(installed, { recursive: true, force: true });
  mkdirSync(installed);
  run("tar", ["-xzf", tarball(), "-C", installed, "--strip-components=1"]);
  return folder;
}

/** A fresh copy of `source` (a folder below tests/hosts/<group>) in the group's project, with the job as job.mjs. @returns its path */
export function consumer(group, source, name = source) {
  const folder = join(home, group, name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, "tests", "hosts", group, source), folder, { recursive: true });
  cpSync(join(root, "tests", "hosts", "job.mjs"), join(folder, "job.mjs"));
  return folder;
}
