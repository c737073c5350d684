import { later } from "../lib/scrypt-before.js";

export default later({
  name: "scrypt-later-before-256",
  title: "later ones, in 256 MiB, vs the release before",
  atLeastIn: { node: 1.45 },
  memory: 256 * 2 ** 20,
});
