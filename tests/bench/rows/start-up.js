import { child } from "../lib/child.js";
import { seconds, spread } from "../lib/compare.js";

export default {
  name: "start-up",
  title: "import and init in a fresh Node process, beyond an empty script",
  unit: "ms",
  atMost: 15,
  async run({ quick }) {
    const [values, empty] = [[], []];
    for (let round = quick ? 0 : -3; round < (quick ? 1 : 41); round += 1) {
      const none = await seconds(() => child("empty.js"));
      const ours = await seconds(() => child("import-init.js"));
      if (round < 0) continue;
      values.push((ours - none) * 1000);
      empty.push(none * 1000);
    }
    return { ...spread(values), rounds: values.length, empty: spread(empty) };
  },
};
