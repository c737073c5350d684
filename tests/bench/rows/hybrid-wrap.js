import { keysAgainstTypage } from "../lib/keys.js";

export default {
  name: "hybrid-wrap",
  title: "wrap a file key for one hybrid recipient vs `age-encryption`",
  atLeast: 4,
  run: (options) => keysAgainstTypage("hybrid", "wrap", options),
};
