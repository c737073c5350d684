import { child } from "../lib/child.js";
import { spread } from "../lib/compare.js";

const WORKERS = 2;

export default {
  name: "workers-memory",
  title:
    "resident memory for each of two workers, at its highest while 1 GiB is encrypted in Node, above the same without workers",
  unit: "MiB",
  atMost: 20,
  async run({ quick }) {
    const measured = async (task) => {
      const values = [];
      const rounds = quick ? 1 : 5;
      for (let round = 0; round < rounds; round += 1) {
        const peak = (workers) =>
          child("workers-memory.js", [task, workers, quick ? 8 : 1024], ["--expose-gc"]);
        values.push(((await peak(WORKERS)) - (await peak(0))) / WORKERS);
      }
      return { ...spread(values), rounds };
    };
    return {
      ...(await measured("encrypt")),
      further: [
        { title: "and decrypted", unit: "MiB", atMost: 20, ...(await measured("decrypt")) },
      ],
    };
  },
};
