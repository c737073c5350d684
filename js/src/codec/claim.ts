/** Encoders and decoders belong to one iterator at a time: two would each get, or seal, a part of the stream. */
import { plainError } from "../engine/core-errors.js";

interface Claimable {
  /** An iterator that has started works with it. */
  claimed: boolean;
}

/** @throws StateError `in-use`. */
export function unclaimed<C extends Claimable>(core: C): C {
  if (core.claimed) throw plainError("in-use");
  return core;
}

/** For an iterator that starts, until it gives it up. @throws StateError `in-use`. */
export function claim<C extends Claimable>(core: C): C {
  unclaimed(core).claimed = true;
  return core;
}
