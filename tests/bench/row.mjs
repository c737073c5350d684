/** One row in a process of its own: `node row.mjs <row> [quick]`. Prints its result as JSON. */
import { init } from "age-rt-wasm";

const [name, mode] = process.argv.slice(2);
const { default: row } = await import(`./rows/${name}.js`);
await init();
const result = await row.run({ quick: mode === "quick" });
const { run, ...about } = row;
console.log(JSON.stringify({ ...about, result }));
process.exit();
