import { deno } from "../programs.mjs";
import { conformance } from "./conformance.mjs";

// The tests read their vectors and write their report; the package itself needs no permission.
conformance("deno", [
  deno,
  "run",
  "--no-prompt",
  "--node-modules-dir=manual",
  "--allow-read",
  "--allow-write",
  "--allow-env",
]);
