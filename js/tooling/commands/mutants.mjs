/**
 * `npm run mutants [minutes]`: changes the core's format, stream, decoder, encoder, AEAD and scrypt
 * in every way that cargo-mutants knows, and asks whether a test notices. Stops after an hour
 * unless told otherwise; those that no test noticed are listed, and fail the run. With `--write`
 * the figures go into SECURITY.md.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeFigure } from "../lib/figures.mjs";
import { Failure, main, output, root, tools } from "../lib/run.mjs";
import { cargoTool, toolchain } from "../lib/setup.mjs";

const CARGO_MUTANTS = "27.1.0";
const FILES = [
  "src/format/**",
  "src/stream/**",
  "src/decoder.rs",
  "src/encoder.rs",
  "src/crypto/aead.rs",
  "src/crypto/romix.rs",
  "src/crypto/scrypt.rs",
  "src/crypto/simd/chacha20.rs",
  "src/crypto/simd/poly1305.rs",
];
/** Those that take seconds: the others find the same, later. */
const TESTS = [
  "--lib",
  "--test",
  "truncation",
  "--test",
  "corruption",
  "--test",
  "header",
  "--test",
  "misuse",
  "--test",
  "roundtrip",
  "--test",
  "texts",
  "--test",
  "push",
  "--test",
  "limits",
  "--test",
  "derivation",
  "--",
  "--skip",
  "known_answers",
  "--skip",
  "the_largest_chunk_size",
  "--skip",
  "every_work_factor",
];

/**
 * What no test can notice, with the reason: `file: what was replaced`, as cargo-mutants names it
 * without the line.
 */
const EQUIVALENT = {};

/** What shows in WebAssembly's memory alone, with the test that finds it there. */
const ELSEWHERE = {
  "src/crypto/aead.rs: replace <impl Drop for Start<'_>>::drop with ()":
    "tests/js/assurance/secrets/secrets-memory.test.js",
  "src/crypto/aead.rs: replace wipe with ()": "tests/js/assurance/secrets/secrets-memory.test.js",
  "src/format/parser.rs: replace > with < in HeaderParser::keep":
    "tests/js/assurance/attacks/hostile.test.js, headers without an end",
  "src/decoder.rs: replace <impl Drop for Decoder<I>>::drop with ()":
    "tests/js/assurance/secrets/secrets-memory.test.js",
  "src/encoder.rs: replace <impl Drop for Encoder>::drop with ()":
    "tests/js/assurance/secrets/secrets-memory.test.js",
};

main(async () => {
  const minutes = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? 60);
  cargoTool("cargo-mutants", "cargo-mutants", CARGO_MUTANTS);
  const out = join(root, "target", "mutants");
  const args = [
    `+${toolchain().channel}`,
    "mutants",
    ...FILES.flatMap((file) => ["-f", file]),
    "-o",
    out,
    "--timeout",
    "120",
    "--shuffle",
    "--colors",
    "never",
    "--",
    "--locked",
    ...TESTS,
  ];
  // Half of a build for the shipped speed, and tests that still take seconds.
  const env = {
    ...process.env,
    PATH: `${join(tools, "bin")}:${process.env.PATH}`,
    CARGO_PROFILE_TEST_OPT_LEVEL: "1",
    CARGO_PROFILE_TEST_DEBUG: "0",
    CARGO_PROFILE_DEV_DEBUG: "0",
  };
  const every = output("cargo", [...args.slice(0, args.indexOf("-o")), "--list"]);
  const child = spawn("cargo", args, { cwd: root, stdio: "inherit", env });
  const timer = setTimeout(() => child.kill("SIGINT"), minutes * 60_000);
  await new Promise((resolve) => child.on("close", resolve));
  clearTimeout(timer);

  const list = (name) => {
    const path = join(out, "mutants.out", `${name}.txt`);
    return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
  };
  const named = (line) => line.replace(/:\d+:\d+:/, ":");
  const [caught, timeout, unviable, missed] = ["caught", "timeout", "unviable", "missed"].map(list);
  const [same, elsewhere] = [EQUIVALENT, ELSEWHERE].map((explained) =>
    missed.filter((line) => named(line) in explained),
  );
  const unexplained = missed.filter((line) => !same.includes(line) && !elsewhere.includes(line));
  console.log(
    `\n${caught.length} noticed, ${elsewhere.length} noticed in WebAssembly, ${timeout.length} never ended, ${unviable.length} did not compile, ${same.length} mean the same, ${unexplained.length} unnoticed`,
  );
  if (caught.length === 0) throw new Failure("Nothing was noticed: the tests did not run");
  if (unexplained.length > 0) throw new Failure(unexplained.join("\n"));
  const tried = caught.length + timeout.length + unviable.length + missed.length;
  const kinds = [
    `${caught.length} fail a test`,
    `${timeout.length} make a test run for ever`,
    `${unviable.length} do not compile`,
    `${elsewhere.length} show in WebAssembly only, where a test finds them`,
    `${same.length} mean the same`,
  ];
  const all = every?.split("\n").length;
  writeFigure("npm run mutants", `${tried} of ${all} tried, in random order: ${kinds.join(", ")}`);
});
