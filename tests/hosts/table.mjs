/**
 * One table, host × job, collected from what each host's test records, and the same table in
 * HOSTS.md.
 *
 * `node tests/hosts/table.mjs` prints it and ends with status 1 unless every job passed and
 * HOSTS.md has exactly this table; `--write` puts it there.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../../js/tooling/lib/run.mjs";

const results = join(root, "target", "hosts", "results");
const document = join(root, "HOSTS.md");
const [BEGIN, END] = ["<!-- hosts: begin -->", "<!-- hosts: end -->"];

/** What every host does, by the name under which it is recorded. */
export const JOBS = {
  encrypt: "Encrypt",
  decrypt: "Decrypt",
  wrongPassphrase: "Wrong passphrase",
  stream: "1 MiB stream",
  derivation: "Key derivation",
};

/** The only cells of a green table. A derivation says where it was seen to run. */
const PASSED = "✓";
const DERIVATIONS = ["worker", "calling thread"];

/** Forgets what earlier runs recorded. */
export function clear() {
  rmSync(results, { recursive: true, force: true });
}

/**
 * Records what a host did.
 *
 * @param order its place in the table: runtimes from 100, frameworks from 200, bundlers and pages
 * from 300
 * @param host its name in the table: "Node 20, `import`"
 * @param jobs by the names of JOBS: true or what went wrong; `derivation`: one of DERIVATIONS or
 * what went wrong
 */
export function record(order, host, jobs) {
  mkdirSync(results, { recursive: true });
  const path = join(results, `${order}.json`);
  const before = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")).host : host;
  if (before !== host) throw new Error(`${before} and ${host} want the same place in the table`);
  writeFileSync(path, JSON.stringify({ host, jobs }));
}

function rows() {
  return readdirSync(results)
    .sort((a, b) => Number.parseInt(a) - Number.parseInt(b))
    .map((name) => JSON.parse(readFileSync(join(results, name), "utf8")));
}

function cell(job, result) {
  if (job === "derivation" ? DERIVATIONS.includes(result) : result === true)
    return job === "derivation" ? result : PASSED;
  return `FAILED: ${String(result ?? "not run").replace(/[\n|]/g, " ")}`;
}

function markdown(hosts) {
  const lines = [
    ["Host", ...Object.values(JOBS)],
    ["---", ...Object.keys(JOBS).map(() => "---")],
  ];
  for (const { host, jobs } of hosts)
    lines.push([host, ...Object.keys(JOBS).map((job) => cell(job, jobs[job]))]);
  return lines.map((line) => `| ${line.join(" | ")} |`).join("\n");
}

function check(write) {
  const table = markdown(rows());
  console.log(`${table}\n`);
  const text = readFileSync(document, "utf8");
  const [start, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (start < 0 || end < start) throw new Error("HOSTS.md has no place for the table");
  if (write)
    writeFileSync(document, `${text.slice(0, start)}${BEGIN}\n\n${table}\n\n${text.slice(end)}`);
  const inDocument = write ? table : text.slice(start + BEGIN.length, end).trim();
  const wrong = [];
  if (table.includes("FAILED")) wrong.push("a job failed");
  if (inDocument !== table)
    wrong.push("HOSTS.md has another table (node tests/hosts/table.mjs --write)");
  for (const line of wrong) console.log(`not ok table: ${line}`);
  console.log(`${wrong.length === 0 ? 1 : 0} passed, ${wrong.length} failed`);
  if (wrong.length > 0) process.exitCode = 1;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href)
  check(process.argv.includes("--write"));
