import { spread } from "../lib/compare.js";

const LENGTH = 65_536;
/** As many as a stream's reader and the garbage collector leave alive for a while. */
const KEPT = 64;

/** What everybody pays who hands out bytes: no bound, but the explanation of some. */
export default {
  name: "fresh-array",
  title: "an array of 64 KiB, made as a copy of another",
  unit: "µs",
  async run({ quick }) {
    const source = new Uint8Array(LENGTH).fill(1);
    const kept = new Array(KEPT);
    const values = [];
    for (let round = quick ? 0 : -3; round < (quick ? 1 : 25); round += 1) {
      const count = quick ? 10 : 2000;
      const start = performance.now();
      for (let i = 0; i < count; i += 1) kept[i % KEPT] = new Uint8Array(source);
      if (round >= 0) values.push(((performance.now() - start) / count) * 1000);
    }
    return { ...spread(values), rounds: values.length };
  },
};
