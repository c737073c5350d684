/** Prints how long loading the package and its init() take, in milliseconds. */
const start = performance.now();
const { init } = await import("age-rt-wasm");
const loaded = performance.now();
await init();
console.log(JSON.stringify({ load: loaded - start, init: performance.now() - loaded }));
