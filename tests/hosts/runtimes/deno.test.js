import { host } from "../judge.mjs";
import { consumer } from "../project.mjs";
import { deno, printed } from "../programs.mjs";

const folder = consumer("runtimes", "node", "deno");

// Without any permission: reading the modules of the program needs none.
host(121, "Deno", () =>
  printed(deno, ["run", "--no-prompt", "--node-modules-dir=manual", "import.mjs"], folder),
);
