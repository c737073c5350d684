import { scrypt } from "node:crypto";
import { promisify } from "node:util";
import { compare } from "../lib/compare.js";
import { LOG_N, ourDerivations, SCRYPT } from "../lib/derivation.js";
import { noise, PASSPHRASE } from "../lib/streams.js";

export default {
  name: "scrypt-node-crypto",
  title: "scrypt 2^18 as a stream's user sees it vs `node:crypto` (native)",
  atLeast: 1,
  async run({ quick, before }) {
    const logN = quick ? 10 : LOG_N;
    const derive = promisify(scrypt);
    const salt = noise(16);
    const theirs = async () =>
      void (await derive(PASSPHRASE, salt, 32, {
        N: 2 ** logN,
        ...SCRYPT,
        maxmem: 2 ** (logN + 11),
      }));
    return compare({ ...ourDerivations(logN, before), theirs }, { rounds: 9, quick });
  },
};
