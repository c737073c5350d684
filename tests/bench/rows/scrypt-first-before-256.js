import { first } from "../lib/scrypt-before.js";

export default first({
  name: "scrypt-first-before-256",
  title: "the first scrypt 2^18, in 256 MiB, vs the release before",
  atLeastIn: { node: 1.9 },
  memory: 256 * 2 ** 20,
});
