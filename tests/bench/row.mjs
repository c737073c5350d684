/**
 * One row in a process of its own: `node row.mjs <row> [quick | whole | profile] [--before]
 * [side]`. Prints its result as JSON, or that of one side. With `--before`, rows of `besideRows`
 * run our side by the earlier release too, which lies beside this package.
 */
import { init } from "age-rt-wasm";
import { child } from "./lib/child.js";
import { insteadOfComparing } from "./lib/compare.js";

const BEFORE = "--before";
const words = process.argv.slice(2);
const [name, mode = "whole", side] = words.filter((word) => word !== BEFORE);
const { default: row } = await import(`./rows/${name}.js`);
const quick = mode === "quick";
await init();
const before = words.includes(BEFORE) ? await import("age-rt-wasm-before") : undefined;
await before?.init();
if (mode === "profile") insteadOfComparing((await import("./lib/profile.js")).profile);
if (side) {
  console.log(JSON.stringify(await row.side(side, { quick })));
} else {
  const fresh = (side) => child("../row.mjs", [name, mode, side]);
  const result = await row.run({ quick, fresh, before });
  const { run, side: _, ...about } = row;
  console.log(JSON.stringify({ ...about, result }));
}
process.exit();
