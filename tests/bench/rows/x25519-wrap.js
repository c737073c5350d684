import { keysAgainstTypage } from "../lib/keys.js";

export default {
  name: "x25519-wrap",
  title: "wrap a file key for one X25519 recipient vs `age-encryption`",
  atLeast: 2.5,
  run: (options) => keysAgainstTypage("X25519", "wrap", options),
};
