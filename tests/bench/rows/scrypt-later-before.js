import { later } from "../lib/scrypt-before.js";

export default later({
  name: "scrypt-later-before",
  title: "later ones in the same process or page vs the release before",
  atLeastIn: { node: 1.35, chromium: 1.3, firefox: 1.3, webkit: 1.3 },
});
