import { scrypt } from "@noble/hashes/scrypt.js";
import { compare } from "../lib/compare.js";
import { LOG_N, ourDerivations, SCRYPT } from "../lib/derivation.js";
import { noise, PASSPHRASE } from "../lib/streams.js";

export default {
  name: "scrypt-noble",
  title: "scrypt 2^18 as a stream's user sees it vs `@noble/hashes` on the calling thread",
  atLeast: 1.6,
  async run({ quick, before }) {
    const logN = quick ? 10 : LOG_N;
    const salt = noise(16);
    const theirs = () => void scrypt(PASSPHRASE, salt, { N: 2 ** logN, ...SCRYPT, dkLen: 32 });
    return compare({ ...ourDerivations(logN, before), theirs }, { rounds: 9, quick });
  },
};
