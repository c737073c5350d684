import * as age from "age-rt-wasm";
import { job } from "./job.mjs";

console.log(JSON.stringify(await job(age)));
