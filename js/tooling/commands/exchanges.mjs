/**
 * `npm run exchanges [count]`: 10,000 random exchanges of each kind with the noble packages. Every
 * test run does some of them.
 */
import { main, run } from "../lib/run.mjs";
import { installPacked } from "../lib/packed.mjs";

main(() => {
  installPacked();
  const [count = "10000"] = process.argv.slice(2);
  run("node", ["--test", "tests/js/assurance/interop/exchanges.test.js"], {
    env: { EXCHANGES: count },
  });
});
