import { child } from "../lib/child.js";
import { spread } from "../lib/compare.js";

export default {
  name: "memory-keys",
  title:
    "resident memory per open decrypt stream with an X25519 key, 10,000 open, after each has delivered its first message",
  unit: "KiB",
  atMost: 40,
  async run({ quick }) {
    const values = [];
    for (let round = 0; round < (quick ? 1 : 3); round += 1)
      values.push(await child("open-streams.js", [quick ? 20 : 10_000, "keys"], ["--expose-gc"]));
    return { ...spread(values), rounds: values.length };
  },
};
