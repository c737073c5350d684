/** A consumer in TypeScript, without skipLibCheck: compiled, then run as it came out. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { host } from "../judge.mjs";
import { consumer } from "../project.mjs";
import { nodes, output, printed, tsc } from "../programs.mjs";

const WAYS = [
  [
    "TypeScript, `node16`, `import`",
    "consumer.mts",
    { module: "node16", moduleResolution: "node16" },
  ],
  [
    "TypeScript, `node16`, `require`",
    "consumer.cts",
    { module: "node16", moduleResolution: "node16" },
  ],
  ["TypeScript, `bundler`", "consumer.mts", { module: "esnext", moduleResolution: "bundler" }],
];

for (const [i, [name, file, options]] of WAYS.entries()) {
  host(110 + i, name, async () => {
    const folder = consumer("runtimes", "typescript", `typescript-${i}`);
    cpSync(join(folder, "consumer.ts"), join(folder, file));
    const compilerOptions = {
      ...options,
      target: "es2022",
      lib: ["es2022"],
      types: ["node"],
      strict: true,
      skipLibCheck: false,
    };
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ compilerOptions, files: [file] }),
    );
    await output(nodes[24], [tsc, "-p", folder], folder);
    return printed(nodes[24], [file.replace("ts", "js")], folder);
  });
}
