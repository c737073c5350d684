import { child } from "./child.js";
import { quantile } from "./compare.js";

/**
 * Sends streams of each size in turn, every one in a process of its own.
 *
 * @param sizes - in MiB.
 * @returns how far the costs of a GiB are apart, in percent of the least; 1 MiB a hundred times over beside it; and the memory.
 */
export async function growth(sizes, { rounds, repeats = 100 }) {
  const kinds = [{ mib: 1, times: repeats }, ...sizes.map((mib) => ({ mib, times: 1 }))];
  const seen = kinds.map(() => ({ seconds: [], peak: [] }));
  for (let round = 0; round < rounds; round += 1) {
    for (const [index, { mib, times }] of kinds.entries()) {
      const { secondsPerGib, peakMib } = await child("growth.js", [mib, times], ["--expose-gc"]);
      seen[index].seconds.push(secondsPerGib);
      seen[index].peak.push(peakMib);
    }
  }
  const [repeated, ...rows] = kinds.map((kind, index) => ({ ...kind, secondsPerGib: quantile(seen[index].seconds, 0.5), peakMib: quantile(seen[index].peak, 0.5) }));
  const apart = percentApart(rows);
  return {
    median: apart,
    low: apart,
    high: apart,
    rounds,
    repeatedPercent: percentApart([repeated, ...rows]),
    peakMibApart: Math.max(...rows.map((row) => row.peakMib)) - Math.min(...rows.map((row) => row.peakMib)),
    sizes: [repeated, ...rows],
  };
}

function percentApart(rows) {
  const costs = rows.map((row) => row.secondsPerGib);
  return 100 * (Math.max(...costs) / Math.min(...costs) - 1);
}
