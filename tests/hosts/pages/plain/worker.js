import * as age from "./age-rt-wasm/dist/index.js";
import { job } from "./job.mjs";

postMessage(await job(age));
