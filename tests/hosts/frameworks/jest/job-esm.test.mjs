import * as age from "age-rt-wasm";
import { writeFileSync } from "node:fs";
import { job } from "./job.mjs";

test("the job", async () => {
  const report = await job(age);
  writeFileSync("report.json", JSON.stringify(report));
  for (const { error } of Object.values(report)) expect(error).toBeUndefined();
}, 300_000);
