import { weight, WEIGHTS } from "../../../js/tooling/lib/weight.mjs";

const [alone, everything] = WEIGHTS;

export default {
  name: "weight",
  title: "page weight, gzip, everything but sockets",
  unit: "KB",
  atMost: 26,
  async run() {
    const median = (await weight(everything.names)).gzip / 1000;
    return {
      median,
      low: median,
      high: median,
      alone: (await weight(alone.names)).gzip / 1000,
      theirs: (await weight(undefined, "age-encryption")).gzip / 1000,
    };
  },
};
