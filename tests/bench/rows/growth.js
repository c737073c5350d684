import { growth } from "../lib/growth.js";

export default {
  name: "growth",
  title: "cost of a GiB in age v1 streams of 64 MiB and of 1 GiB, apart",
  unit: "%",
  atMost: 15,
  run: ({ quick }) =>
    quick ? growth([1, 2], { rounds: 1, repeats: 2 }) : growth([64, 1024], { rounds: 7 }),
};
