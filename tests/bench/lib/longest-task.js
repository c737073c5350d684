/** How long the event loop stands still. */
import { generateIdentity } from "age-rt-wasm/recipients";
import { spread } from "./compare.js";

/**
 * Runs `work` again and again, and looks how long the longest turn of the event loop was in each.
 *
 * @returns milliseconds, the longest of each round.
 */
export async function longestTask(work, { rounds, quick }) {
  const values = [];
  for (let round = quick ? 0 : -2; round < (quick ? 1 : rounds); round += 1) {
    let longest = 0;
    let turns = 0;
    let last = performance.now();
    let immediate;
    const look = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      turns += 1;
      immediate = setImmediate(look);
    };
    immediate = setImmediate(look);
    await work();
    clearImmediate(immediate);
    if (turns === 0) throw new Error("the event loop had no turn at all");
    // What came last counts too.
    longest = Math.max(longest, performance.now() - last);
    if (round >= 0) values.push(longest);
  }
  return { ...spread(values), rounds: values.length, most: Math.max(...values) };
}

export function generated(count) {
  return Promise.all(Array.from({ length: count }, () => generateIdentity()));
}
