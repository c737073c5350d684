/** Prints how long loading a package of this name and its init() take, in milliseconds. */
const [name] = process.argv.slice(2);
const start = performance.now();
const { init } = await import(name);
const loaded = performance.now();
await init();
console.log(JSON.stringify({ load: loaded - start, init: performance.now() - loaded }));
