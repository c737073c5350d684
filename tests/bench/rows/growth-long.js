import { growth } from "../lib/growth.js";

export default {
  name: "growth-long",
  title: "cost of a GiB in age v1 streams of 64 MiB, 1 GiB and 8 GiB, apart",
  unit: "%",
  atMost: 15,
  /** Only when it is named. */
  long: true,
  run: ({ quick }) =>
    quick ? growth([1, 2, 3], { rounds: 1, repeats: 2 }) : growth([64, 1024, 8192], { rounds: 5 }),
};
