import { child } from "../lib/child.js";
import { spread } from "../lib/compare.js";

export default {
  name: "scrypt-memory-before",
  title: "resident memory that a scrypt 2^18 takes, as a part of what the release before takes",
  atMost: 0.6,
  async run({ quick }) {
    const [ratios, ours, theirs] = [[], [], []];
    for (let round = 0; round < (quick ? 1 : 7); round += 1) {
      // A process each: what a host once had it may keep.
      const mib = (name) => child("derivation-memory.js", [name, quick ? 14 : 18], ["--expose-gc"]);
      ours.push(await mib("age-rt-wasm"));
      theirs.push(await mib("age-rt-wasm-before"));
      ratios.push(ours.at(-1) / theirs.at(-1));
    }
    const part = (title, values) => ({
      title,
      unit: "MiB",
      ...spread(values),
      rounds: ratios.length,
    });
    return {
      ...spread(ratios),
      rounds: ratios.length,
      further: [part("ours", ours), part("the release before", theirs)],
    };
  },
};
