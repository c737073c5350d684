/** A generator for tests of Node, of the class that the portable tests have. */
import { randomInt } from "node:crypto";
import { Random } from "../portable/lib/random.js";

export { Random };

/**
 * A generator of its own for this test. A test that fails prints its seed, and `SEED=… npm test`
 * repeats it.
 */
export function seeded(test) {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 32));
  test.diagnostic(`SEED=${seed}`);
  return new Random(seed);
}
