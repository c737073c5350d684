import { closedLoop, MESSAGES, ours } from "./closed-loop.js";
import { quantile, spread } from "./compare.js";

const ROUNDS = 5;

/**
 * A row: from writing a message to reading it, the percentile of a round; the first round is not
 * counted.
 */
export function percentileRow(percent) {
  return {
    name: `closed-loop-p${percent}`,
    title: `From writing a message of 100 bytes to reading it, through encrypt and decrypt streams: p${percent}`,
    unit: "µs",
    async run({ quick }) {
      const rounds = [];
      for (let round = quick ? 0 : -1; round < (quick ? 1 : ROUNDS); round += 1) {
        const times = [];
        await closedLoop(ours(), quick ? 100 : MESSAGES, (time) => times.push(time * 1000));
        if (round >= 0) rounds.push(quantile(times, percent / 100));
      }
      return { ...spread(rounds), rounds: rounds.length };
    },
  };
}
