import { keysAgainstTypage } from "../lib/keys.js";

export default {
  name: "hybrid-unwrap",
  title: "unwrap a file key for one hybrid recipient vs `age-encryption`",
  atLeast: 4,
  run: (options) => keysAgainstTypage("hybrid", "unwrap", options),
};
