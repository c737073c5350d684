import { configure } from "age-rt-wasm";
import row from "./scrypt-node-crypto.js";

export default {
  name: "scrypt-node-crypto-256",
  title: "the same, in 256 MiB, vs `node:crypto`",
  atLeast: 1.1,
  run(options) {
    configure({ memory: 256 * 2 ** 20 });
    return row.run(options);
  },
};
