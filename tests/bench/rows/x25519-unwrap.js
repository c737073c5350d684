import { keysAgainstTypage } from "../lib/keys.js";

export default {
  name: "x25519-unwrap",
  title: "unwrap a file key for one X25519 recipient vs `age-encryption`",
  atLeast: 2.5,
  run: (options) => keysAgainstTypage("X25519", "unwrap", options),
};
