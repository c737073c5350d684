import { host } from "../judge.mjs";
import { consumer } from "../project.mjs";
import { bun, printed } from "../programs.mjs";

const folder = consumer("runtimes", "node", "bun");

host(120, "Bun", () => printed(bun, ["import.mjs"], folder));
