/**
 * Ours and a rival's work, one after the other, so that whatever slows the machine down slows both.
 * Portable: web-platform globals only.
 */

let instead;

/** Has `look` called with our side and the number of rounds, in place of every comparison. */
export function insteadOfComparing(look) {
  instead = look;
}

/**
 * Runs both alternately, in turns first, and compares each pair.
 *
 * @param sides - functions that do the same amount of work; each may return the seconds that it
 * took where it has measured them itself.
 * @returns the ratios of the rival's time to ours, and each side's median in seconds.
 */
export async function compare({ ours, theirs }, { rounds, quick }) {
  if (instead) return instead(ours, rounds);
  const warmUps = quick ? 0 : 2;
  const times = { ours: [], theirs: [] };
  const ratios = [];
  for (let round = -warmUps; round < (quick ? 1 : rounds); round += 1) {
    const pair = {};
    const order = round % 2 === 0 ? ["ours", "theirs"] : ["theirs", "ours"];
    for (const side of order) pair[side] = await seconds(side === "ours" ? ours : theirs);
    if (round < 0) continue;
    times.ours.push(pair.ours);
    times.theirs.push(pair.theirs);
    ratios.push(pair.theirs / pair.ours);
  }
  return {
    ...spread(ratios),
    rounds: ratios.length,
    oursSeconds: quantile(times.ours, 0.5),
    theirsSeconds: quantile(times.theirs, 0.5),
  };
}

/** How long a piece of work takes. */
export async function seconds(work) {
  const start = performance.now();
  const measured = await work();
  return typeof measured === "number" ? measured : (performance.now() - start) / 1000;
}

/** The median, and the quartiles around it. */
export function spread(values) {
  return {
    median: quantile(values, 0.5),
    low: quantile(values, 0.25),
    high: quantile(values, 0.75),
  };
}

export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * part;
  const [below, above] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}
