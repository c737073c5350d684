import { first } from "../lib/scrypt-before.js";

export default first({
  name: "scrypt-first-before",
  title: "the first scrypt 2^18 of a process or page vs the release before",
  atLeastIn: { node: 1.75, chromium: 1.7, firefox: 2.8 },
});
