import { child } from "./child.js";
import { quantile } from "./compare.js";

/** What takes less than a second or so. */
const SHORT_MIB = 256;

/**
 * Sends streams of each size in turn, there and back again, every one in a process of its own.
 *
 * @param sizes - in MiB.
 * @returns how far the medians of what a GiB costs are apart, in percent of the least; further, the
 * same with 1 MiB many times over, and how far the medians of the memory at its highest are.
 */
export async function growth(sizes, { rounds, repeats = 100 }) {
  const kinds = [{ mib: 1, times: repeats }, ...sizes.map((mib) => ({ mib, times: 1 }))];
  const seen = kinds.map(() => ({ seconds: [], peak: [] }));
  // What else the machine does comes and goes in seconds: the short ones see it all or nothing, so
  // that they are sent more often.
  const turns = [...kinds.entries()].flatMap((kind) =>
    Array(rounds > 1 && kind[1].mib * kind[1].times < SHORT_MIB ? 4 : 1).fill(kind),
  );
  for (let round = 0; round < rounds; round += 1) {
    const order = [...turns];
    // What slows the machine down bit by bit must not fall on the largest.
    if (round % 2 === 1) order.reverse();
    for (const [index, { mib, times }] of order) {
      const { secondsPerGib, peakMib } = await child("growth.js", [mib, times], ["--expose-gc"]);
      seen[index].seconds.push(secondsPerGib);
      seen[index].peak.push(peakMib);
    }
  }
  const [repeated, ...rows] = kinds.map((kind, index) => ({
    ...kind,
    secondsPerGib: quantile(seen[index].seconds, 0.5),
    peakMib: quantile(seen[index].peak, 0.5),
  }));
  const single = (value) => ({ median: value, low: value, high: value, rounds });
  const peaks = rows.map((row) => row.peakMib);
  return {
    ...single(percentApart(rows)),
    further: [
      {
        title: `the same with 1 MiB, ${repeats} times over, among them`,
        unit: "%",
        atMost: 30,
        ...single(percentApart([repeated, ...rows])),
      },
      {
        title: "resident memory at its highest while those streams pass, apart",
        unit: "MiB",
        atMost: 16,
        ...single(Math.max(...peaks) - Math.min(...peaks)),
      },
    ],
    sizes: [repeated, ...rows],
  };
}

function percentApart(rows) {
  const costs = rows.map((row) => row.secondsPerGib);
  return 100 * (Math.max(...costs) / Math.min(...costs) - 1);
}
