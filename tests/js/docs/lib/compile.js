/**
 * Every example in JavaScript or TypeScript compiles as TypeScript, strictly: with the DOM's types
 * alone, and with Node's beside them. What the reader has (`passphrase`, `file`, …) is declared;
 * examples of a page's own files and of Node's modules go where they belong.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { root } from "../../lib/repository.js";
import { blocks, withImports } from "./blocks.js";
import * as age from "age-rt-wasm";

/** What stands for the reader's own things. */
const GIVEN = {
  passphrase: "string",
  mine: "string",
  theirs: "string",
  url: "string",
  origin: "string",
  file: "File",
  encrypted: "Blob",
  chunks: "Uint8Array<ArrayBuffer>[]",
  source: "ReadableStream<Uint8Array<ArrayBuffer>>",
  destination: "WritableStream<Uint8Array<ArrayBuffer>>",
  handle: "{ createWritable(): Promise<WritableStream<Uint8Array<ArrayBuffer>>> }",
  connection: "RTCPeerConnection",
  server:
    '{ on(event: "connection", listener: (socket: import("age-rt-wasm").WebSocketLike) => void): void }',
  show: "(chunk: Uint8Array) => void",
};

/**
 * What fails to compile: `where: message`, one a line.
 *
 * @param examples - as blocks.js gives them.
 * @param name - of the folder that they are written to.
 */
export function complaints(examples = blocks, name = "example-types") {
  const folder = join(root, "target", name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const found = [];
  const languages = new Map();
  const files = { dom: new Map(), node: new Map() };
  for (const [i, { where, language, code }] of examples.entries()) {
    if (!["js", "ts"].includes(language)) continue;
    const text = withImports(code, Object.keys(age));
    const declared = Object.entries(GIVEN)
      .filter(([name]) => !new RegExp(`(?:const|let|function) ${name}\\b`).test(text))
      .map(([name, type]) => `declare const ${name}: ${type};`);
    const file = join(folder, `${i}.ts`);
    writeFileSync(file, `${text}\n${declared.join("\n")}\nexport {};\n`);
    languages.set(file, language);
    files.node.set(file, where);
    if (!/from "node:|process\./.test(text)) files.dom.set(file, where);
  }
  for (const [kind, language, types] of [
    ["dom", "js", []],
    ["dom", "ts", []],
    ["node", "js", ["node"]],
    ["node", "ts", ["node"]],
  ]) {
    const named = [...files[kind].keys()].filter((file) => languages.get(file) === language);
    // JavaScript has no way to say that a body is there, or what a parameter is.
    const typed = language === "ts";
    const program = ts.createProgram(named, {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      moduleDetection: ts.ModuleDetectionKind.Force,
      lib: [
        "lib.es2022.d.ts",
        "lib.dom.d.ts",
        "lib.dom.iterable.d.ts",
        "lib.esnext.disposable.d.ts",
      ],
      types,
      strict: true,
      strictNullChecks: typed,
      exactOptionalPropertyTypes: typed,
      noImplicitAny: typed,
      useUnknownInCatchVariables: typed,
      noEmit: true,
      skipLibCheck: true,
    });
    for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
      const where = files[kind].get(diagnostic.file?.fileName) ?? diagnostic.file?.fileName;
      const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
      found.push(`${where} (${kind}): TS${diagnostic.code} ${message}`);
    }
  }
  return { compiled: files.node.size, found };
}
