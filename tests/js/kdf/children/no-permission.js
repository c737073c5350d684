/** Derives in a process whose permissions exclude workers. */
import { Worker } from "node:worker_threads";
import { decrypt, encrypt } from "age-rt-wasm";
import { report } from "../../lib/child.js";

let refusal = "none";
try {
  await new Worker("", { eval: true }).terminate();
} catch (error) {
  refusal = error.code;
}
const text = new TextDecoder().decode(
  await decrypt(await encrypt("text", "a passphrase", { workFactor: 10 }), "a passphrase"),
);
report({ refusal, text });
