import { armor as theirs } from "age-encryption";
import { armor, dearmor } from "age-rt-wasm";
import { compare } from "../lib/compare.js";
import { MIB, noise } from "../lib/streams.js";

export default {
  name: "armor",
  title: "`armor` and `dearmor`, 64 MiB, vs `age-encryption`",
  atLeast: 3,
  async run({ quick }) {
    const bytes = noise((quick ? 1 : 64) * MIB);
    const check = ({ length }) => {
      if (length !== bytes.length) throw new Error(`${length} bytes came out`);
    };
    return compare(
      {
        ours: async () => check(dearmor(armor(bytes))),
        theirs: async () => check(theirs.decode(theirs.encode(bytes))),
      },
      { rounds: 5, quick },
    );
  },
};
