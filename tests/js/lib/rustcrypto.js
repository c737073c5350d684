/**
 * Imported before a test file: loads the package's other module, so that every test after it runs
 * on that one.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { init } from "age-rt-wasm";

const path = fileURLToPath(import.meta.resolve("age-rt-wasm/age_rt.rustcrypto.wasm"));
const module = await WebAssembly.compile(readFileSync(path));
await init(module);

// A package that begins anew, after a trap, would take the module that it carries: it gets this one
// again.
WebAssembly.compile = async () => module;
