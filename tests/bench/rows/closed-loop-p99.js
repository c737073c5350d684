import { closedLoop, MESSAGES, ours } from "../lib/closed-loop.js";
import { quantile, spread } from "../lib/compare.js";

const ROUNDS = 5;

export default {
  name: "closed-loop-p99",
  title: "From writing a message of 100 bytes to reading it, through encrypt and decrypt streams: p99",
  unit: "µs",
  async run({ quick }) {
    const rounds = [];
    for (let round = quick ? 0 : -1; round < (quick ? 1 : ROUNDS); round += 1) {
      const times = [];
      await closedLoop(ours(), quick ? 100 : MESSAGES, (time) => times.push(time * 1000));
      if (round >= 0) rounds.push(quantile(times, 0.99));
    }
    return { ...spread(rounds), rounds: rounds.length };
  },
};
