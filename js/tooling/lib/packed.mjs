/** The package as npm would publish it, put where the tests find it by its name. */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root, run } from "./run.mjs";

const place = join(root, "target", "packed");

/** The path of the tarball. */
export function tarball() {
  return join(
    place,
    readdirSync(place).find((name) => name.endsWith(".tgz")),
  );
}

/**
 * Packs pkg/ and unpacks the tarball as node_modules/age-rt-wasm: what is tested is what is
 * shipped.
 */
export function installPacked() {
  rmSync(place, { recursive: true, force: true });
  mkdirSync(place, { recursive: true });
  run("npm", ["pack", join(root, "pkg"), "--pack-destination", place, "--silent"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  unpack(tarball(), join(root, "node_modules", "age-rt-wasm"));
}

/** Puts a packed package into a folder of its own. */
export function unpack(packed, home) {
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home);
  run("tar", ["-xzf", packed, "-C", home, "--strip-components=1"]);
}
