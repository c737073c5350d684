/**
 * `npm run exchanges [count]`: 10,000 random exchanges of each kind with the noble packages, whose
 * arithmetic takes minutes. Every test run does some of them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { KINDS } from "../../../tests/js/lib/noble-keys.js";
import { Failure, main, root } from "../lib/run.mjs";
import { installPacked } from "../lib/packed.mjs";

main(async () => {
  installPacked();
  const [count = "10000"] = process.argv.slice(2);
  // A process for each kind, so that they take as many cores as there are.
  const runs = Object.keys(KINDS).map(async (kind) => {
    const test = spawn("node", ["--test", "tests/js/assurance/interop/exchanges.test.js"], {
      cwd: root,
      env: { ...process.env, EXCHANGES: count, KIND: kind },
      stdio: "inherit",
    });
    const [code] = await once(test, "exit");
    return code === 0 ? [] : [kind];
  });
  const failed = (await Promise.all(runs)).flat();
  if (failed.length > 0) throw new Failure(`Exchanges failed: ${failed.join(", ")}`);
});
