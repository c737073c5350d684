import type { Engine } from "./engine.js";

/** The engine's whole memory as it is now: a view from before a growth is detached, and has no length. */
export function view(engine: Engine): Uint8Array<ArrayBuffer> {
  if (!engine.view?.length) engine.view = new Uint8Array(engine.core.memory.buffer as ArrayBuffer);
  return engine.view;
}

/** From here on, in bytes, filling an array with zeros first costs more than a view does. */
const LONG = 4096;

/** Bytes of the engine's memory, in an array of their own. */
export function copyOut(engine: Engine, at: number, len: number): Uint8Array<ArrayBuffer> {
  const memory = view(engine);
  // slice() makes zeros before it copies; the constructor does not.
  return len < LONG ? memory.slice(at, at + len) : new Uint8Array(memory.subarray(at, at + len));
}
