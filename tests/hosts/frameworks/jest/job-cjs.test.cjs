const age = require("age-rt-wasm");
const { writeFileSync } = require("node:fs");
const { job } = require("./job.cjs");

test("the job", async () => {
  const report = await job(age);
  writeFileSync("report.json", JSON.stringify(report));
  for (const { error } of Object.values(report)) expect(error).toBeUndefined();
}, 300_000);
