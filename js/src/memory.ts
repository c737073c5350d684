import type { Engine } from "./init.js";

/** The engine's whole memory as it is now: a view from before a growth is detached, and has no length. */
export function view(engine: Engine): Uint8Array<ArrayBuffer> {
  if (!engine.view?.length) engine.view = new Uint8Array(engine.core.memory.buffer as ArrayBuffer);
  return engine.view;
}
