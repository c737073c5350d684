/**
 * Runs the tests of tests/js/faults on any packed package, and prints a table: point, red or green.
 * `node js/tooling/commands/against.mjs TARBALL [POINT …]`
 *
 * In a copy of the tests, with a node_modules of its own where the package is the given one: a
 * checkout's own package stays where it is.
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
import { run as runTests } from "node:test";
import { Failure, main, root, run } from "../lib/run.mjs";

/** One file a point, named by its number and its rule. */
const FOLDER = join("tests", "js", "faults");
/** A test that waits for ever on the package of old is red as well. */
const TIMEOUT_MS = 120_000;
/** What a copy of the checkout has of its own; everything else is the same file. */
const COPIED = ["tests", "js", "target", "node_modules"];
const NOT_COPIED = new Set([...COPIED, ".git"]);

main(async () => {
  const [packed, ...points] = process.argv.slice(2);
  if (!packed || !existsSync(packed))
    throw new Failure("Which package? node js/tooling/commands/against.mjs TARBALL [POINT …]");
  const place = checkoutWith(resolve(packed));
  const files = readdirSync(join(place, FOLDER))
    .filter((name) => name.endsWith(".test.js"))
    .filter((name) => points.length === 0 || points.includes(String(pointOf(name))))
    .sort();
  if (files.length === 0) throw new Failure(`No test of point ${points.join(", ")}`);
  const seen = new Map(files.map((name) => [name, { passed: 0, failed: [] }]));
  await new Promise((done, fail) => {
    const stream = runTests({
      files: files.map((name) => join(place, FOLDER, name)),
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

  console.log(`\n${basename(packed)}\n\n| point | rule | |\n|---|---|---|`);
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

function linkAll(from, to, except) {
  for (const name of readdirSync(from))
    if (!except.has(name)) symlinkSync(join(from, name), join(to, name));
}
