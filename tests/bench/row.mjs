/** One row in a process of its own: `node row.mjs <row> [quick | profile]`. Prints its result as JSON. */
import { init } from "age-rt-wasm";
import { insteadOfComparing } from "./lib/compare.js";

const [name, mode] = process.argv.slice(2);
const { default: row } = await import(`./rows/${name}.js`);
await init();
if (mode === "profile") insteadOfComparing((await import("./lib/profile.js")).profile);
const result = await row.run({ quick: mode === "quick" });
const { run, ...about } = row;
console.log(JSON.stringify({ ...about, result }));
process.exit();
