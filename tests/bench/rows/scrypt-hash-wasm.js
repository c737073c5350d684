import { scrypt } from "hash-wasm";
import { compare } from "../lib/compare.js";
import { LOG_N, ourDerivations, SCRYPT } from "../lib/derivation.js";
import { noise, PASSPHRASE } from "../lib/streams.js";

export default {
  name: "scrypt-hash-wasm",
  title: "scrypt 2^18 as a stream's user sees it vs `hash-wasm` on the calling thread",
  atLeast: 1.5,
  async run({ quick, before }) {
    const logN = quick ? 10 : LOG_N;
    const { r, p } = SCRYPT;
    const options = {
      password: PASSPHRASE,
      salt: noise(16),
      costFactor: 2 ** logN,
      blockSize: r,
      parallelism: p,
      hashLength: 32,
    };
    const theirs = async () => void (await scrypt(options));
    return compare({ ...ourDerivations(logN, before), theirs }, { rounds: 9, quick });
  },
};
