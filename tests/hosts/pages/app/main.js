import * as age from "age-rt-wasm";
import { job } from "./job.mjs";

globalThis.report = job(age);
