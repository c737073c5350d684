/**
 * The portable tests on a runtime that has no test of its own for them, with the installed package.
 */
import assert from "node:assert/strict";
import { cpSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { root } from "../../../js/tooling/lib/run.mjs";
import { DEPARTURES } from "../../js/browser/departures.mjs";
import { output } from "../programs.mjs";
import { project } from "../project.mjs";

/**
 * Registers a test for each file.
 *
 * @param command the runtime and what goes before the name of a script
 */
export function conformance(runtime, [program, ...flags]) {
  const folder = join(project("runtimes"), `conformance-${runtime}`);
  rmSync(folder, { recursive: true, force: true });
  for (const path of ["js/harness.js", "js/portable", "js/lib", "vectors"])
    cpSync(join(root, "tests", path), join(folder, "tests", path), { recursive: true });
  cpSync(join(root, "tests", "hosts", "conformance", "run-file.mjs"), join(folder, "run-file.mjs"));

  const portable = join(folder, "tests", "js", "portable");
  const expected = new Set(Object.keys(DEPARTURES[runtime]));
  for (const file of readdirSync(portable).filter((name) => name.endsWith(".test.js"))) {
    // Every file has a process of its own: what one leaves behind, another must not find.
    test(`${runtime}: ${file}`, async (t) => {
      const report = join(folder, `${file}.json`);
      await output(
        program,
        [...flags, "run-file.mjs", pathToFileURL(join(portable, file)).href, report],
        folder,
      );
      const results = JSON.parse(readFileSync(report, "utf8"));
      assert.notEqual(results.length, 0, "tests in the file");
      for (const { name, ok, error } of results) {
        const departs = expected.delete(`${file}: ${name}`);
        await t.test(name, () => {
          if (departs) assert.ok(!ok, "named as a departure, and passes");
          else assert.ok(ok, error);
        });
      }
    });
  }
  test(`${runtime}: every departure that is named has its test`, () =>
    assert.deepEqual([...expected], []));
}
