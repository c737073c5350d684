/**
 * `npm run fuzz [seconds per target]`: cargo-fuzz on the core, five minutes a target unless told
 * otherwise.
 *
 * Starts from tests/fuzz/corpus and what earlier runs found; `--keep` adds to the corpus the
 * smallest set of inputs that reaches what was new. A finding fails the run, and lies in
 * tests/fuzz/artifacts: it becomes a named line of the corpus, which the stable tests replay.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, root, run, tools } from "../lib/run.mjs";
import { cargoTool } from "../lib/setup.mjs";

const NIGHTLY = "nightly-2026-05-20";
const CARGO_FUZZ = "0.13.2";
const TARGETS = ["header", "decoder", "base64", "framing"];

main(async () => {
  const seconds = Number(process.argv.slice(2).find((argument) => /^\d+$/.test(argument)) ?? 300);
  run("rustup", [
    "toolchain",
    "install",
    NIGHTLY,
    "--profile",
    "minimal",
    "--component",
    "rust-src",
    "--no-self-update",
  ]);
  cargoTool("cargo-fuzz", "cargo-fuzz", CARGO_FUZZ);
  const lines = [];
  for (const target of TARGETS) {
    const corpus = join(root, "tests", "fuzz", "corpus", `${target}.txt`);
    const [kept, found, smallest] = ["kept", "found", "smallest"].map((name) =>
      join(root, "target", "fuzz", name, target),
    );
    for (const folder of [kept, smallest]) rmSync(folder, { recursive: true, force: true });
    for (const folder of [kept, found, smallest]) mkdirSync(folder, { recursive: true });
    const inputs = readFileSync(corpus, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.split(" "));
    inputs.forEach(([, input], i) =>
      writeFileSync(join(kept, String(i)), Buffer.from(input, "base64")),
    );
    const text = fuzz(
      target,
      [found, kept],
      [`-max_total_time=${seconds}`, "-max_len=4096", "-timeout=20", "-print_final_stats=1"],
    );
    if (process.argv.includes("--keep")) {
      fuzz(target, [smallest, kept, found], ["-set_cover_merge=1", "-max_len=4096"]);
      const named = inputs.filter(([name]) => name !== "-");
      const others = readdirSync(smallest)
        .sort()
        .map((name) => ["-", readFileSync(join(smallest, name)).toString("base64")]);
      const lines = [
        ...named,
        ...others.filter(([, input]) => !named.some(([, other]) => other === input)),
      ];
      writeFileSync(corpus, lines.map((line) => `${line.join(" ")}\n`).join(""));
    }
    const last = (pattern) => [...text.matchAll(pattern)].at(-1)?.[1];
    lines.push(
      `${target}: ${last(/number_of_executed_units: (\d+)/g)} runs in ${seconds} s, ${last(/cov: (\d+)/g)} edges, ${readdirSync(found).length} inputs found, no finding`,
    );
  }
  console.log(`\n${lines.join("\n")}`);
});

function fuzz(target, folders, options) {
  const args = [
    `+${NIGHTLY}`,
    "fuzz",
    "run",
    "--fuzz-dir",
    join(root, "tests", "fuzz"),
    "--target-dir",
    join(root, "target", "fuzz", "build"),
    target,
    ...folders,
    "--",
    ...options,
  ];
  const { status, stderr } = spawnSync("nice", ["-n", "19", "cargo", ...args], {
    cwd: root,
    encoding: "utf8",
    stdio: ["ignore", "inherit", "pipe"],
    maxBuffer: 2 ** 30,
    env: { ...process.env, PATH: `${join(tools, "bin")}:${process.env.PATH}` },
  });
  if (status !== 0)
    throw new Failure(`${stderr.slice(-5000)}\n${target}: see tests/fuzz/artifacts`);
  return stderr;
}
