/**
 * Builds everything and runs the tests; with names of parts, only those. Ends with the sum of all
 * tests.
 *
 * Parts: rust, rustcrypto, wasm, types, docs, node, browser, policies, interop, command, hosts,
 * memory, sockets, demo, assurance, bench; and large, only when it is named.
 */
import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { project } from "../../../tests/hosts/project.mjs";
import { clear } from "../../../tests/hosts/table.mjs";
import { besideRows } from "../../../tests/bench/rows/index.js";
import { build } from "../build/build.mjs";
import { failures } from "../lib/failures.mjs";
import { installPacked, tarball } from "../lib/packed.mjs";
import { Failure, main, root, run, which } from "../lib/run.mjs";
import {
  agePrograms,
  distributionPackages,
  ENGINE_PACKAGES,
  pythonPyrage,
  pythonReference,
  pythonWebSockets,
  toolchain,
} from "../lib/setup.mjs";

const TARGET = "wasm32-unknown-unknown";

const [chromium] = ENGINE_PACKAGES.chromium;
const chromedriver = { name: "chromium-driver", programs: ["chromedriver"] };

/** Parts that run only when they are named. */
const LONG = new Set(["large"]);

const sum = { passed: 0, failed: 0 };
const lines = [];

/** What failed, for the end: a record of a long run may keep no more than that. */
const failed = [];

const parts = {
  async rust() {
    await cargo("fmt", "--check");
    await cargo("clippy", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings");
    await cargo(
      "clippy",
      "--all-targets",
      "--locked",
      "--quiet",
      "--target",
      TARGET,
      "--",
      "-D",
      "warnings",
    );
    await tested("cargo", [`+${toolchain().channel}`, "test", "--locked", "--quiet"], cargoCount);
  },

  /** The same on the crates' cryptography: natively, and as the package's other module. */
  async rustcrypto() {
    const feature = ["--features", "rustcrypto", "--locked", "--quiet"];
    await cargo("clippy", "--all-targets", ...feature, "--", "-D", "warnings");
    await tested("cargo", [`+${toolchain().channel}`, "test", ...feature], cargoCount);
    const files = [
      "portable/vectors-streams",
      "assurance/interop/cctv",
      "assurance/secrets/secrets-memory",
    ];
    // The first watches instances from their beginning on, for the last of the files.
    const before = ["assurance/lib/instances", "lib/rustcrypto"];
    await nodeTestFiles(
      files.map((name) => `tests/js/${name}.test.js`),
      before.flatMap((name) => ["--import", `./tests/js/${name}.js`]),
    );
  },

  /** The bindings, in Node and in Chromium. */
  async wasm() {
    distributionPackages([chromium, chromedriver]);
    // Not --quiet: cargo would hand it on to the runner, which does not know it.
    const args = [
      `+${toolchain().channel}`,
      "test",
      "--locked",
      "--target",
      TARGET,
      "--lib",
      "--test",
      "wasm",
    ];
    await tested("cargo", args, cargoCount);
    await tested("cargo", args, cargoCount, {
      WASM_BINDGEN_USE_BROWSER: "1",
      CHROMEDRIVER: which("chromedriver"),
    });
  },

  async types() {
    // As rustfmt is checked.
    await tested(join(root, "node_modules", ".bin", "prettier"), ["--check", "."]);
    for (const project of ["js", "js/src/command", "www", "www/service-worker", "www/strength"]) {
      await tested("node", [
        join(root, "node_modules", "typescript", "bin", "tsc"),
        "-p",
        join(root, project),
      ]);
    }
    run("node", ["tests/types/surface.mjs"]);
    // The package as its users compile against it: the oldest TypeScript that knows
    // Uint8Array<ArrayBuffer>, this one, and the newest.
    for (const typescript of ["typescript-5.7", "typescript", "typescript-7"]) {
      for (const project of ["dom", "webworker", "node", "both", "commonjs"]) {
        console.log(`${typescript}: ${project}`);
        await tested("node", [
          join(root, "node_modules", typescript, "bin", "tsc"),
          "-p",
          join(root, "tests", "types", project),
        ]);
      }
    }
    const bin = (name) => join(root, "node_modules", ".bin", name);
    await tested(bin("publint"), ["run", "--strict", tarball()], (text, status) =>
      status === 0 && text.includes("All good!") ? [1, 0] : [0, 1],
    );
    await tested(bin("attw"), [tarball()]);
  },

  async docs() {
    pythonReference();
    distributionPackages([chromium]);
    await tested("npm", ["run", "docs", "--silent"]);
    await nodeTests("tests/js/docs");
  },

  async node() {
    // The derivation's tests start it themselves, to measure what it takes.
    distributionPackages([chromium]);
    await nodeTests(
      ...["tests/js/portable", "tests/js/node", "tests/js/kdf", "tests/js/faults"],
      "tests/js/workers",
    );
    // The same tests once more, of streams that have two workers.
    await tested(
      "node",
      [
        ...["--import", join(root, "tests", "js", "workers", "lib", "register.js")],
        ...["--test", "--test-concurrency=2", "--test-reporter=spec"],
        ...WITH_WORKERS.map((name) => join(root, "tests", "js", "portable", `${name}.test.js`)),
      ],
      nodeCount,
    );
  },

  async browser() {
    distributionPackages(Object.values(ENGINE_PACKAGES).flat());
    await tested("node", ["tests/js/browser/run.mjs"], plainCount);
  },

  async policies() {
    distributionPackages(Object.values(ENGINE_PACKAGES).flat());
    await nodeTests("tests/js/policies");
  },

  async interop() {
    pythonPyrage();
    agePrograms();
    await nodeTests("tests/js/interop", "tests/js/reference");
  },

  /** `npx age-rt-wasm`: at a terminal, with pipes and files, and on each runtime. */
  async command() {
    pythonReference();
    agePrograms();
    distributionPackages([{ name: "openssh-client", programs: ["ssh-keygen"] }]);
    project("runtimes");
    await nodeTests("tests/js/command");
  },

  /**
   * Other runtimes, frameworks, bundlers and pages, from the tarball: one table, which HOSTS.md
   * repeats.
   */
  async hosts() {
    distributionPackages(Object.values(ENGINE_PACKAGES).flat());
    // For a file of `age -p`, which asks at a terminal.
    pythonReference();
    agePrograms();
    clear();
    for (const group of ["runtimes", "frameworks", "pages"]) project(group);
    await nodeTests(
      "tests/hosts/conformance",
      "tests/hosts/runtimes",
      "tests/hosts/frameworks",
      "tests/hosts/pages",
    );
    await tested("node", ["tests/hosts/table.mjs"], plainCount);
  },

  async memory() {
    await nodeTests("tests/js/memory");
  },

  /**
   * That every row runs; how fast is for `npm run bench` to say, on a machine that does nothing
   * else.
   */
  async bench() {
    pythonReference();
    distributionPackages([chromium]);
    await tested("node", ["tests/bench/run.mjs", "--quick"]);
    await tested("node", ["tests/bench/run.mjs", "--quick", "--browser", "chromium"]);
    // This package stands for the earlier release. The name differs: npm packs the next over it.
    const before = join(root, "target", "before.tgz");
    cpSync(tarball(), before);
    await tested("node", ["tests/bench/run.mjs", "--quick", ...besideRows, "--before", before]);
    await tested("node", ["tests/bench/first-hour.mjs", "--quick"]);
  },

  async sockets() {
    pythonWebSockets();
    // openssl makes the certificate that HTTP/2 takes.
    distributionPackages([
      ...Object.values(ENGINE_PACKAGES).flat(),
      { name: "openssl", programs: ["openssl"] },
    ]);
    project("runtimes");
    project("handlers");
    await nodeTests("tests/js/sockets", "tests/js/session");
  },

  async demo() {
    pythonReference();
    distributionPackages(Object.values(ENGINE_PACKAGES).flat());
    agePrograms();
    await nodeTests("tests/js/demo", "tests/js/faults/page");
    await tested("node", ["tests/js/demo/lighthouse/run.mjs"]);
  },

  /**
   * The demo page with files of 1 and 4 GiB: for a machine that does nothing else, with 14 GiB of
   * disk.
   */
  async large() {
    distributionPackages([...ENGINE_PACKAGES.chromium, ...ENGINE_PACKAGES.firefox]);
    for (const name of ["smooth", "memory", "zip64"])
      await tested(
        "node",
        ["--test", "--test-reporter=spec", `tests/js/demo/large/${name}.test.js`],
        nodeCount,
      );
  },

  /** What a cautious reader asks for beyond that: SECURITY.md says which promise each shows. */
  async assurance() {
    pythonReference();
    await tested(
      "cargo",
      [
        `+${toolchain().channel}`,
        "test",
        "--locked",
        "--target",
        TARGET,
        "--test",
        "cctv",
        "--test",
        "properties",
      ],
      cargoCount,
    );
    const rooms = ["attacks", "build", "interop", "secrets"];
    await nodeTests(...rooms.map((room) => `tests/js/assurance/${room}`));
  },
};

main(async () => {
  const wanted = process.argv.slice(2);
  for (const name of wanted)
    if (!(name in parts))
      throw new Failure(`No part is called ${name}; there are ${Object.keys(parts).join(", ")}`);
  await build();
  installPacked();
  for (const [name, part] of Object.entries(parts)) {
    if (wanted.length > 0 ? !wanted.includes(name) : LONG.has(name)) continue;
    const before = { ...sum };
    const start = Date.now();
    console.log(`\n# ${name}`);
    try {
      await part();
    } catch (error) {
      sum.failed += 1;
      console.error(error instanceof Failure ? error.message : error);
      failed.push(`${name}: ${error instanceof Failure ? error.message : error.stack}`);
    }
    lines.push(
      `${name}: ${sum.passed - before.passed} passed, ${sum.failed - before.failed} failed (${Math.round((Date.now() - start) / 1000)} s)`,
    );
  }
  for (const text of failed) console.log(`\n# failed\n${text}`);
  console.log(`\n${lines.join("\n")}\n\n${sum.passed} passed, ${sum.failed} failed`);
  if (sum.failed > 0) process.exit(1);
});

async function cargo(...args) {
  await tested("cargo", [`+${toolchain().channel}`, ...args]);
}

async function nodeTests(...folders) {
  const files = folders.flatMap((folder) => testFiles(join(root, folder)));
  if (files.length === 0) throw new Failure(`No test files in ${folders.join(", ")}`);
  await nodeTestFiles(files);
}

async function nodeTestFiles(files, options = []) {
  await tested(
    "node",
    [...options, "--test", "--test-concurrency=2", "--test-reporter=spec", ...files],
    nodeCount,
  );
}

/**
 * Portable tests of what holds of streams with workers too. The others count the chunks that come
 * out, of which workers make fewer.
 */
const WITH_WORKERS = [
  ...["collect", "corruption", "one-call", "piping", "rejections", "round-trip", "sizes"],
  ...["stream-sizes", "trailing-data"],
];

function testFiles(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith(".test.js"))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Runs a program, shows what it prints, and adds what it counted; a program without a count is one
 * test.
 */
async function tested(
  command,
  args,
  count = (text, status) => (status === 0 ? [1, 0] : [0, 1]),
  env = {},
) {
  const bin = join(root, "target", "tools", "bin");
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...env, PATH: `${bin}:${process.env.PATH}` },
  });
  let text = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (piece) => {
    text += piece;
    process.stdout.write(piece);
  });
  const status = await new Promise((resolve, reject) =>
    child.on("error", reject).on("close", resolve),
  );
  const [passed, red] = count(text, status);
  sum.passed += passed;
  // A run that fails without a failed test has failed all the same, and one that ran nothing shows
  // nothing.
  const misses = red || (status !== 0 || passed === 0 ? 1 : 0);
  sum.failed += misses;
  if (misses > 0) failed.push(`${command} ${args.slice(0, 4).join(" ")}\n${failures(text)}`);
}

function add(text, pattern) {
  return [...text.matchAll(pattern)].reduce((total, [, number]) => total + Number(number), 0);
}

function cargoCount(text) {
  return [
    add(text, /test result: \w+\. (\d+) passed/g),
    add(text, /test result: \w+\. \d+ passed; (\d+) failed/g),
  ];
}

function nodeCount(text) {
  return [
    add(text, /^ℹ pass (\d+)$/gm),
    add(text, /^ℹ fail (\d+)$/gm) + add(text, /^ℹ (?:cancelled|skipped|todo) (\d+)$/gm),
  ];
}

function plainCount(text) {
  return [add(text, /^(\d+) passed, \d+ failed$/gm), add(text, /^\d+ passed, (\d+) failed$/gm)];
}
