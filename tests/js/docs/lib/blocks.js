/**
 * The code examples of the documents: fenced blocks in the READMEs, in what is shipped with them
 * and in BENCHMARKS.md, and those of the sources' `@example` tags.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../lib/repository.js";

/** The npm README, and what it leaves to documents beside it in the package. */
export const shipped = [
  ...["README.md", "SOCKETS.md", "KEYS.md", "COMMAND.md"].map((name) => `pkg-template/${name}`),
  "HOSTS.md",
];

const FENCE = /^```(\w*)\n(.*?)^```$/gms;

function read(path) {
  return readFileSync(join(root, path), "utf8");
}

/** @param path - what `where` names. */
export function blocksIn(path, text) {
  return [...text.matchAll(FENCE)].map(({ 1: language, 2: code, index }) => {
    const line = text.slice(0, index).split("\n").length + 1;
    return { where: `${path}:${line}`, language, code };
  });
}

/** The text of the documentation comments, with every line where it was. */
function comments(source) {
  let inside = false;
  return source
    .split("\n")
    .map((line) => {
      if (/^\s*\/\*\*/.test(line)) inside = true;
      const text = inside ? line.replace(/^\s*(\/\*\*|\*\/|\*) ?/, "") : "";
      if (line.includes("*/")) inside = false;
      return text;
    })
    .join("\n");
}

const sources = readdirSync(join(root, "js", "src"), { recursive: true })
  .filter((name) => name.endsWith(".ts") && !name.includes("generated"))
  .sort()
  .map((name) => `js/src/${name}`);

/** where: file and line; language; code. */
export const blocks = [
  ...["README.md", "BENCHMARKS.md", ...shipped].flatMap((path) => blocksIn(path, read(path))),
  ...sources.flatMap((path) => blocksIn(path, comments(read(path)))),
];

/** Classes and functions that the sources of the package's entries document without an example. */
export function withoutExample(names) {
  const documented = new Set();
  for (const path of sources) {
    for (const [, comment, name] of read(path).matchAll(
      /\/\*\*((?:(?!\*\/).)*)\*\/\n(?:\/\/[^\n]*\n)*export (?:abstract )?(?:async )?(?:class|function\*?) (\w+)/gs,
    )) {
      if (comment.includes("@example")) documented.add(name);
    }
  }
  return names.filter((name) => !documented.has(name));
}

/** Examples that need a page around them. */
export function runsInPage({ language, code }) {
  return (
    language === "html" ||
    /new Worker\(|age-rt-wasm\/worker|createDataChannel|document\./.test(code)
  );
}

/**
 * What the comments after `console.log(…)` or `print(…)` say, in their order; several values of one
 * line are joined by "then".
 */
export function promised(code) {
  return [...code.matchAll(/(?:console\.log\(.*\).*; \/\/|print\(.*\)  #) (.*)$/gm)].flatMap(
    ([, said]) => said.split(", then "),
  );
}

/** Examples of the API's documentation need not say where the package's names come from. */
export function withImports(code, names) {
  if (/from "age-rt-wasm"/.test(code)) return code;
  // Functions where they are called: examples have variables of the same names.
  const used = names.filter((name) =>
    new RegExp(/^[A-Z]/.test(name) ? `\\b${name}\\b` : `(?<!\\w|(?<!\\.)\\.)${name}\\(`).test(code),
  );
  return `import { ${used.join(", ")} } from "age-rt-wasm";\n${code}`;
}
