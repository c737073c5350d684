/**
 * Runs the tests of tests/js/faults on any packed package, and prints a table: point, red or green.
 *
 *     node js/tooling/commands/against.mjs TARBALL [--page COMMIT] [POINT …]
 *
 * With `--page` those of the page run too, on the page of that commit, built with the given
 * package. All of it in a copy of the tests, with a node_modules of its own where the package is
 * the given one: a checkout's own package stays where it is.
 */
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { basename, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { run as runTests } from "node:test";
import { Failure, main, root, run } from "../lib/run.mjs";

/** One file a point, named by its number and its rule. */
const FOLDER = join("tests", "js", "faults");
/** Those of the page, by the same names. */
const PAGE = join(FOLDER, "page");
/** A test that waits for ever on the package of old is red as well. */
const TIMEOUT_MS = 120_000;
/** How long the page may take for anything, in milliseconds. */
const PATIENCE_MS = 15_000;
/** Points that no package can be asked about, and where they are tested. */
const ELSEWHERE = {
  30: "of documents, and of servers: tests/js/sockets/{handing-over,peer-limits,nginx}.test.js",
  33: "of SECURITY.md, which is in no package: tests/js/docs/figures.test.js",
};
/** What a copy of the checkout has of its own; everything else is the same file. */
const COPIED = ["tests", "js", "target", "node_modules", "www"];
const NOT_COPIED = new Set([...COPIED, ".git"]);

main(async () => {
  const { values, positionals } = parseArgs({
    options: { page: { type: "string" } },
    allowPositionals: true,
  });
  const [packed, ...points] = positionals;
  if (!packed || !existsSync(packed))
    throw new Failure("Which package? npm run against -- TARBALL [--page COMMIT] [POINT …]");
  const place = checkoutWith(resolve(packed));
  if (values.page) await buildPage(place, values.page);
  const asked = (point) => points.length === 0 || points.includes(String(point));
  const files = (values.page ? [FOLDER, PAGE] : [FOLDER])
    .flatMap((folder) => readdirSync(join(place, folder)).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(".test.js") && asked(pointOf(basename(path))))
    .sort((a, b) => pointOf(basename(a)) - pointOf(basename(b)));
  if (files.length === 0) throw new Failure(`No test of point ${points.join(", ")}`);
  process.env.PATIENCE_MS = String(PATIENCE_MS);
  const seen = new Map(files.map((path) => [basename(path), { passed: 0, failed: [] }]));
  await new Promise((done, fail) => {
    const stream = runTests({
      files: files.map((path) => join(place, path)),
      concurrency: 2,
      timeout: TIMEOUT_MS,
    });
    stream.on("test:pass", ({ file, details }) => {
      if (details?.type !== "suite") count(seen, file).passed += 1;
    });
    stream.on("test:fail", ({ file, name, details }) => {
      if (details?.type !== "suite") count(seen, file ?? name).failed.push([name, details.error]);
    });
    stream.on("end", done).on("error", fail);
    stream.resume();
  });

  const page = values.page ? `, page of ${values.page}` : "";
  console.log(`\n${basename(packed)}${page}\n\n| point | rule | |\n|---|---|---|`);
  let red = 0;
  const reasons = [];
  for (const [name, { passed, failed }] of seen) {
    const isRed = failed.length > 0 || passed === 0;
    if (isRed) red += 1;
    const tests = `${passed} of ${passed + failed.length} tests pass`;
    console.log(`| ${pointOf(name)} | ${ruleOf(name)} | ${isRed ? "red" : "green"}: ${tests} |`);
    for (const [test, error] of failed)
      reasons.push(`${pointOf(name)}. ${basename(test)}: ${firstLine(error)}`);
  }
  for (const [point, where] of Object.entries(ELSEWHERE))
    if (asked(point)) console.log(`| ${point} | ${where} | — |`);
  console.log(`\n${reasons.join("\n")}\n\n${seen.size - red} green, ${red} red`);
  if (red > 0) process.exitCode = 1;
});

function count(seen, file) {
  const name = basename(file ?? "");
  if (!seen.has(name)) seen.set(name, { passed: 0, failed: [] });
  return seen.get(name);
}

function pointOf(name) {
  return Number.parseInt(name, 10);
}

function ruleOf(name) {
  return name
    .replace(/^\d+-/, "")
    .replace(/\.test\.js$/, "")
    .replaceAll("-", " ");
}

function firstLine(error) {
  const { message } = error?.cause instanceof Error ? error.cause : (error ?? {});
  return String(message ?? error).split("\n")[0];
}

/**
 * A checkout whose package is `packed`: its tests and tools copied, everything else linked to.
 *
 * @returns its path
 */
function checkoutWith(packed) {
  const id = createHash("sha256").update(readFileSync(packed)).digest("hex").slice(0, 12);
  const place = join(root, "target", "against", id);
  rmSync(place, { recursive: true, force: true });
  const modules = join(place, "node_modules");
  const home = join(modules, "age-rt-wasm");
  mkdirSync(home, { recursive: true });
  run("tar", ["-xzf", packed, "-C", home, "--strip-components=1"]);
  linkAll(join(root, "node_modules"), modules, new Set(["age-rt-wasm"]));
  linkAll(root, place, NOT_COPIED);
  for (const name of ["tests", "js"])
    cpSync(join(root, name), join(place, name), { recursive: true });
  const target = join(place, "target");
  mkdirSync(join(target, "packed"), { recursive: true });
  cpSync(packed, join(target, "packed", basename(packed)));
  linkAll(join(root, "target"), target, new Set(["packed", "against"]));
  return place;
}

/** The page of a commit, as its own program builds it. */
async function buildPage(place, commit) {
  const archive = join(place, "target", "page.tar");
  run("git", ["archive", "--output", archive, commit, "www"], { cwd: root });
  run("tar", ["-xf", archive, "-C", place]);
  const { default: build } = await import(pathToFileURL(join(place, "www", "build.mjs")).href);
  const pkgDir = join(place, "node_modules", "age-rt-wasm");
  await build({ pkgDir, outDir: join(place, "www", "dist"), root: place });
}

function linkAll(from, to, except) {
  for (const name of readdirSync(from))
    if (!except.has(name)) symlinkSync(join(from, name), join(to, name));
}
