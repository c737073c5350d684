/**
 * Watches WebAssembly instances: import it before the package. What an object in WebAssembly holds
 * no garbage collector frees in time, so the tests ask the instances themselves. Runs in pages too.
 */
const instances = [];
const Native = WebAssembly.Instance;

WebAssembly.Instance = class Instance extends Native {
  constructor(...args) {
    super(...args);
    // Weakly: the tests also see that instances go.
    instances.push(new WeakRef(this));
  }
};

/** Instances made so far, those that are gone included. */
export function instancesMade() {
  return instances.length;
}

export function instancesAlive() {
  return instances.filter((instance) => instance.deref()).length;
}

/**
 * Encoders and decoders that nobody has freed yet. Throws if nothing was watched: 0 would say
 * nothing.
 */
export function liveObjects() {
  const watched = instances.map((instance) => instance.deref()?.exports).filter(Boolean);
  if (watched.length === 0)
    throw new Error(
      "no instance was seen: is the package loaded by now, and this module before it?",
    );
  return watched.reduce((sum, exports) => sum + exports.liveObjects(), 0);
}
