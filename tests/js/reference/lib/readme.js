/**
 * The Python examples in the documentation that the reference implementation installs with itself.
 */
import { execFileSync } from "node:child_process";
import { python } from "../../lib/repository.js";

const PRINT =
  'import importlib.metadata as m; d = m.distribution("age-rt"); print(d.version); print(d.read_text("METADATA"))';
const [version, ...lines] = execFileSync(python(), ["-c", PRINT], { encoding: "utf8" }).split("\n");
const blocks = [...lines.join("\n").matchAll(/^```python\n(.*?)^```$/gms)].map(([, block]) =>
  block.trim(),
);

export { version };

/** Blocks that only say how something is called: no line in them is a statement. */
const isSignature = (block) =>
  /^(async )?[\w.]+\([^\n]*\)( -> [\w[\]| ,]+)?$|^(\w+\([^\n]*|\w+:.*)(\n(\w+\([^\n]*|\w+:.*))*$/.test(
    block,
  );

export const signatures = blocks.filter(isSignature);
export const examples = blocks.filter((block) => !isSignature(block));
