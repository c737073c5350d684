const age = require("age-rt-wasm");

import("./job.mjs").then(async ({ job }) => console.log(JSON.stringify(await job(age))));
