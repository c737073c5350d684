import { child } from "../lib/child.js";
import { seconds, spread } from "../lib/compare.js";

export default {
  name: "start-up",
  title: "import and init in a fresh Node process, beyond an empty script",
  unit: "ms",
  atMost: 15,
  async run({ quick }) {
    const [values, empty, inside] = [[], [], []];
    for (let round = quick ? 0 : -3; round < (quick ? 1 : 41); round += 1) {
      const none = await seconds(() => child("empty.js"));
      let parts;
      const ours = await seconds(async () => void (parts = await child("import-init.js")));
      if (round < 0) continue;
      values.push((ours - none) * 1000);
      empty.push(none * 1000);
      inside.push(parts);
    }
    const part = (title, name) => ({
      title,
      unit: "ms",
      ...spread(inside.map((parts) => parts[name])),
      rounds: values.length,
    });
    return {
      ...spread(values),
      rounds: values.length,
      further: [
        part("of that, seen from inside of the process: loading the package", "load"),
        part("and init()", "init"),
        { title: "the empty script itself", unit: "ms", ...spread(empty), rounds: values.length },
      ],
    };
  },
};
