/**
 * Programs that the tests need besides the package: those that setup made for this checkout first,
 * then those of the system.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root, which } from "../../../js/tooling/lib/run.mjs";

export { root };

/** The Python that has the reference implementation. */
export function python() {
  const path = join(root, "target", "venv", "bin", "python");
  if (!existsSync(path))
    throw new Error(
      "target/venv is missing: `npm test` makes it; or run `python3 -m venv target/venv && target/venv/bin/pip install age-rt==0.2.2`",
    );
  return path;
}

export function program(name, howToInstall) {
  const path = which(name);
  if (!path) throw new Error(`The program ${name} is missing: ${howToInstall}`);
  return path;
}

export function ageProgram() {
  return program(
    "age",
    "install it with your system's package manager (Debian: apt-get install age)",
  );
}
