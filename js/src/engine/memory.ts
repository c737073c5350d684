import { lengthOf } from "../bytes.js";
import { type Engine, trap } from "./engine.js";

/**
 * The engine's whole memory as it is now: a view from before a growth is detached, and has no
 * length.
 */
export function view(engine: Engine): Uint8Array<ArrayBuffer> {
  if (!engine.view?.length) engine.view = new Uint8Array(engine.core.memory.buffer as ArrayBuffer);
  return engine.view;
}

/** From here on, in bytes, filling an array with zeros first costs more than a view does. */
const LONG = 4096;

/**
 * Bytes of the engine's memory, in an array of their own.
 *
 * @throws as a trap for what is no place in it: slice() counts negative numbers from the end, and
 * would give out what others keep there.
 */
export function copyOut(engine: Engine, at: number, len: number): Uint8Array<ArrayBuffer> {
  const memory = view(engine);
  if (!(at >= 0 && len >= 0 && at + len <= memory.length)) throw trap(engine, new RangeError());
  // slice() makes zeros before it copies; the constructor does not.
  return len < LONG ? memory.slice(at, at + len) : new Uint8Array(memory.subarray(at, at + len));
}

/**
 * Writes `bytes` into the engine's memory, where there is room for `len`.
 *
 * @throws TypeError if they are not as many as that: a subclass may say one length and have
 * another, and set() goes by the latter.
 */
export function copyIn(engine: Engine, at: number, bytes: Uint8Array, len: number): void {
  if (lengthOf.call(bytes) !== len) throw new TypeError("The array's length is not its own");
  view(engine).set(bytes, at);
}
