import { host } from "../judge.mjs";
import { nodes, printed } from "../programs.mjs";
import { consumer } from "../project.mjs";

const folder = consumer("frameworks", "server");

host(200, "React on the server", () => printed(nodes[24], ["render.mjs"], folder));
