import type { Engine } from "./init.js";

const views = /* @__PURE__ */ new WeakMap<Engine, Uint8Array<ArrayBuffer>>();

/** The engine's whole memory as it is now: a view from before a growth is detached, and has no length. */
export function view(engine: Engine): Uint8Array<ArrayBuffer> {
  let bytes = views.get(engine);
  if (!bytes?.length) {
    bytes = new Uint8Array(engine.core.memory.buffer as ArrayBuffer);
    views.set(engine, bytes);
  }
  return bytes;
}
