import { child } from "../lib/child.js";
import { spread } from "../lib/compare.js";

export default {
  name: "memory",
  title:
    "resident memory per open decrypt stream, 1,000 open, after each has delivered its first message",
  unit: "KiB",
  atMost: 96,
  async run({ quick }) {
    const values = [];
    for (let round = 0; round < (quick ? 1 : 7); round += 1)
      values.push(await child("open-streams.js", [quick ? 20 : 1000], ["--expose-gc"]));
    return { ...spread(values), rounds: values.length };
  },
};
