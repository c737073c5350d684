/**
 * Our derivation beside that of an earlier release, which `--before TARBALL` has put beside this
 * package. Portable.
 */
import * as now from "age-rt-wasm";
import { compare, seconds } from "./compare.js";
import { derivationOf, LOG_N } from "./derivation.js";

const logNOf = (quick) => (quick ? 10 : LOG_N);

/** The package of one side, loaded and, where it is ours, allowed so much memory. */
async function packageOf(side, memory) {
  const age = side === "ours" ? now : await import("age-rt-wasm-before");
  await age.init();
  if (side === "ours" && memory) now.configure({ memory });
  return age;
}

/** The first derivation of a process or page, each in one of its own. */
export function first({ memory, ...about }) {
  return {
    ...about,
    async side(side, { quick }) {
      return seconds(derivationOf(await packageOf(side, memory), logNOf(quick)));
    },
    run: ({ quick, fresh }) =>
      compare({ ours: () => fresh("ours"), theirs: () => fresh("theirs") }, { rounds: 9, quick }),
  };
}

/** Later ones, both packages in one process or page. */
export function later({ memory, ...about }) {
  return {
    ...about,
    async run({ quick }) {
      const [ours, theirs] = [await packageOf("ours", memory), await packageOf("theirs")];
      const logN = logNOf(quick);
      return compare(
        { ours: derivationOf(ours, logN), theirs: derivationOf(theirs, logN) },
        { rounds: 9, quick },
      );
    },
  };
}
