/** Makes this process one whose host has no workers: import it before the package. */
delete process.getBuiltinModule;
if (process.getBuiltinModule || globalThis.Worker)
  throw new Error("this Node has workers by other ways too: take them away here");
