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
 * Runs the sides in turn, each first as often as the others, and compares those of one round.
 *
 * @param sides - functions that do the same amount of work; each may return the seconds that it
 * took where it has measured them itself. `before` is our side by an earlier release, if there is
 * one: it is held against the same rival, and against ours.
 * @returns the ratios of the rival's time to ours, and each side's median in seconds.
 */
export async function compare({ ours, theirs, before }, { rounds, quick }) {
  if (instead) return instead(ours, rounds);
  const sides = Object.entries({ ours, theirs, ...(before && { before }) });
  const warmUps = quick ? 0 : 2;
  const times = { ours: [], theirs: [], before: [] };
  for (let round = -warmUps; round < (quick ? 1 : rounds); round += 1) {
    for (const [side, work] of sides) {
      const taken = await seconds(work);
      if (round >= 0) times[side].push(taken);
    }
    sides.push(sides.shift());
  }
  const ratios = (slow, fast) => {
    const values = times[slow].map((time, round) => time / times[fast][round]);
    return { ...spread(values), rounds: values.length };
  };
  return {
    ...ratios("theirs", "ours"),
    oursSeconds: quantile(times.ours, 0.5),
    theirsSeconds: quantile(times.theirs, 0.5),
    ...(before && {
      beforeSeconds: quantile(times.before, 0.5),
      further: [
        { title: BESIDE.itself, unit: "×", sameBound: true, ...ratios("theirs", "before") },
        { title: BESIDE.ours, unit: "×", ...ratios("before", "ours") },
      ],
    }),
  };
}

/** What the further lines of a row are called where an earlier release ran beside this one. */
export const BESIDE = {
  itself: "the same by the release before, in the same rounds",
  ours: "this release vs the release before",
};

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
