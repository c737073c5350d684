import { closedLoop, identity, MESSAGES, ours } from "../lib/closed-loop.js";
import { compare } from "../lib/compare.js";

export default {
  name: "closed-loop",
  title:
    "10,000 messages of 100 bytes, each written when the last has come out, through encrypt and decrypt streams vs through two identity TransformStreams",
  atLeast: 0.25,
  run({ quick, before }) {
    const messages = quick ? 100 : MESSAGES;
    return compare(
      {
        ours: () => closedLoop(ours(), messages),
        before: before && (() => closedLoop(ours(before), messages)),
        theirs: () => closedLoop(identity(), messages),
      },
      { rounds: 15, quick },
    );
  },
};
