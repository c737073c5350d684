/**
 * Projects of a consumer: outside of the repository, so that nothing of ours is found in a parent's
 * node_modules.
 */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { tarball } from "../../js/tooling/lib/packed.mjs";
import { root, run } from "../../js/tooling/lib/run.mjs";

const home = join(tmpdir(), `age-rt-wasm-hosts-${userInfo().uid}-${sha256(root).slice(0, 8)}`);

/**
 * The project of the folder tests/hosts/<group>, which holds a package.json and a
 * package-lock.json: its dependencies and the package just packed, each installed again only when
 * it has changed, so that test files which run side by side can all ask for it.
 *
 * @returns its path
 */
export function project(group) {
  const source = join(root, "tests", "hosts", group);
  const folder = join(home, group);
  const modules = join(folder, "node_modules");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  once(
    join(modules, ".dependencies"),
    sha256(readFileSync(join(source, "package-lock.json"))),
    () => {
      for (const name of ["package.json", "package-lock.json"])
        cpSync(join(source, name), join(folder, name));
      // Programs are started from the packages that hold them: nothing here needs a script of a
      // package to run.
      run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder });
    },
  );
  once(join(modules, ".packed"), sha256(readFileSync(tarball())), () => {
    const installed = join(modules, "age-rt-wasm");
    rmSync(installed, { recursive: true, force: true });
    mkdirSync(installed);
    run("tar", ["-xzf", tarball(), "-C", installed, "--strip-components=1"]);
  });
  return folder;
}

/**
 * A fresh copy of `source` (a folder below tests/hosts/<group>) in the group's project, with the
 * job as job.mjs.
 *
 * @returns its path
 */
export function consumer(group, source, name = source) {
  const folder = join(project(group), name);
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, "tests", "hosts", group, source), folder, { recursive: true });
  cpSync(join(root, "tests", "hosts", "job.mjs"), join(folder, "job.mjs"));
  return folder;
}

function once(stamp, wanted, task) {
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  rmSync(stamp, { force: true });
  task();
  writeFileSync(stamp, wanted);
}

function sha256(data) {
  return createHash("sha256").update(data).digest("hex");
}
