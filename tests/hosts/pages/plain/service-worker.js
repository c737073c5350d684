importScripts("./age-rt-wasm/dist/age-rt.iife.js", "./job.js");

addEventListener("message", (event) => {
  event.waitUntil(job(ageRt).then((report) => event.ports[0].postMessage(report)));
});
