import { first } from "../lib/scrypt-before.js";

export default first({
  name: "scrypt-first-before-64",
  title: "the first scrypt 2^18, in 64 MiB, vs the release before in its 256 MiB",
  atLeastIn: { node: 1.5 },
  memory: 64 * 2 ** 20,
});
