import { child } from "../lib/child.js";
import { BESIDE, seconds, spread } from "../lib/compare.js";

export default {
  name: "start-up",
  title: "import and init in a fresh Node process, beyond an empty script",
  unit: "ms",
  atMost: 15,
  async run({ quick, before }) {
    const runs = [];
    const packages = ["age-rt-wasm", ...(before ? ["age-rt-wasm-before"] : [])];
    for (let round = quick ? 0 : -3; round < (quick ? 1 : 41); round += 1) {
      const none = await seconds(() => child("empty.js"));
      const run = { none: none * 1000 };
      for (const name of packages) {
        let parts;
        const all = await seconds(async () => void (parts = await child("import-init.js", [name])));
        run[name] = { beyond: (all - none) * 1000, ...parts };
      }
      packages.reverse();
      if (round >= 0) runs.push(run);
    }
    const figures = (of) => ({ unit: "ms", ...spread(runs.map(of)), rounds: runs.length });
    const part = (title, of) => ({ title, ...figures(of) });
    const now = (run) => run["age-rt-wasm"];
    const then = (run) => run["age-rt-wasm-before"];
    return {
      ...figures((run) => now(run).beyond),
      further: [
        ...(before
          ? [
              { ...part(BESIDE.itself, (run) => then(run).beyond), sameBound: true },
              part(
                "this release beyond the release before",
                (run) => now(run).beyond - then(run).beyond,
              ),
            ]
          : []),
        part(
          "of that, seen from inside of the process: loading the package",
          (run) => now(run).load,
        ),
        part("and init()", (run) => now(run).init),
        part("the empty script itself", (run) => run.none),
      ],
    };
  },
};
