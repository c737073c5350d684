/**
 * One row in a process of its own: `node row.mjs <row> [quick | whole | profile] [side]`. Prints
 * its result as JSON, or that of one side.
 */
import { init } from "age-rt-wasm";
import { child } from "./lib/child.js";
import { insteadOfComparing } from "./lib/compare.js";

const [name, mode = "whole", side] = process.argv.slice(2);
const { default: row } = await import(`./rows/${name}.js`);
const quick = mode === "quick";
await init();
if (mode === "profile") insteadOfComparing((await import("./lib/profile.js")).profile);
if (side) {
  console.log(JSON.stringify(await row.side(side, { quick })));
} else {
  const fresh = (side) => child("../row.mjs", [name, mode, side]);
  const result = await row.run({ quick, fresh });
  const { run, side: _, ...about } = row;
  console.log(JSON.stringify({ ...about, result }));
}
process.exit();
