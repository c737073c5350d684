import { consumer } from "../project.mjs";
import { host } from "../judge.mjs";
import { nodes, printed } from "../programs.mjs";

const folder = consumer("runtimes", "node");

let order = 100;
for (const [major, node] of Object.entries(nodes)) {
  host(order++, `Node ${major}, \`import\``, () => printed(node, ["import.mjs"], folder));
  host(order++, `Node ${major}, \`require\``, () => printed(node, ["require.cjs"], folder));
}
