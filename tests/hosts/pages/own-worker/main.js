import * as age from "age-rt-wasm";
import { job } from "./job.mjs";

age.configure({
  worker: () => new Worker(new URL("./kdf-worker.js", import.meta.url), { type: "module" }),
});
globalThis.report = job(age);
