/**
 * Runs one file of portable tests in this host and writes what came out to its second argument:
 * `run-file.mjs <url of the tests> <path>`.
 */
import { writeFileSync } from "node:fs";
import { run } from "./tests/js/harness.js";

const [url, path] = process.argv.slice(2);
await import(url);
writeFileSync(path, JSON.stringify(await run()));
