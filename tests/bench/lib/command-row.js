/** Rows of the command of the package, as a process, beside the program `age`. */
import { execFile, spawn } from "node:child_process";
import { mkdtemp, open, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { program, python, root } from "../../js/lib/repository.js";
import { compare, quantile, spread } from "./compare.js";
import { MIB, PASSPHRASE } from "./streams.js";

const COMMAND = join(root, "node_modules", "age-rt-wasm", "dist", "command.js");
const OURS = [process.execPath, COMMAND];

/** Prints the largest resident memory of a program, in KiB. */
const PEAK = `
import resource, subprocess, sys
status = subprocess.call(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(status)`;

async function run([name, ...args]) {
  const { stdout } = await promisify(execFile)(name, args);
  return stdout;
}

/** A key, a file of `length` bytes that no disk compresses, and the same encrypted by age. */
async function prepared(folder, length) {
  const paths = Object.fromEntries(
    ["key", "plain", "sealed", "output"].map((name) => [name, join(folder, name)]),
  );
  await run([...OURS, "keygen", "-o", paths.key]);
  const [recipient] = /age1\w+/.exec(await readFile(paths.key, "utf8"));
  const piece = crypto.getRandomValues(new Uint8Array(65_536));
  const file = await open(paths.plain, "w");
  for (let at = 0; at < length; at += MIB)
    await file.writev(Array.from({ length: MIB / piece.length }, () => piece));
  await file.close();
  await run([age(), "-r", recipient, "-o", paths.sealed, paths.plain]);
  return { ...paths, recipient };
}

function age() {
  return program("age", "`npm run bench` installs it");
}

/** What both are told: the flags are the same. */
function words(task, { key, recipient, plain, sealed, output }) {
  return task === "encrypt"
    ? ["-r", recipient, "-o", output, plain]
    : ["-d", "-i", key, "-o", output, sealed];
}

async function withFiles({ quick }, mib, work) {
  const length = (quick ? 1 : mib) * MIB;
  const folder = await mkdtemp(join(tmpdir(), "age-rt-wasm-"));
  try {
    return await work(await prepared(folder, length), length);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A row: a file to a file, from the start of the process to its end. */
export function commandRow(task, mib = 1024) {
  const size = mib < 1024 ? `${mib} MiB` : `${mib / 1024} GiB`;
  return {
    name: `command-${task}-age${mib < 1024 ? `-${mib}` : ""}`,
    title: `a file of ${size}, ${task}ed for an X25519 key by \`npx age-rt-wasm\`, the start of Node included, vs by the program \`age\``,
    atLeast: 0.5,
    run: (options) =>
      withFiles(options, mib, async (files, length) => {
        const timed = async (command) => {
          await rm(files.output, { force: true });
          await run([...command, ...words(task, files)]);
          const { size } = await stat(files.output);
          if (task === "encrypt" ? size <= length : size !== length)
            throw new Error(`${size} bytes came out of ${command.join(" ")}`);
        };
        const sides = { ours: () => timed(OURS), theirs: () => timed([age()]) };
        return compare(sides, { rounds: 5, quick: options.quick });
      }),
  };
}

/** A row: the memory that this takes at its highest, both ways. */
export const memoryRow = {
  name: "command-memory",
  title:
    "resident memory of `npx age-rt-wasm` at its highest, a file of 1 GiB encrypted for an X25519 key",
  unit: "MiB",
  atMost: 150,
  run: (options) =>
    withFiles(options, 1024, async (files) => {
      const peak = async (task) => {
        const values = [];
        for (let round = 0; round < (options.quick ? 1 : 3); round += 1) {
          await rm(files.output, { force: true });
          values.push(
            Number(await run([python(), "-c", PEAK, ...OURS, ...words(task, files)])) / 1024,
          );
        }
        return { ...spread(values), rounds: values.length };
      };
      return {
        ...(await peak("encrypt")),
        further: [{ title: "and decrypted", unit: "MiB", atMost: 150, ...(await peak("decrypt")) }],
      };
    }),
};

/**
 * A row: from writing a line into `-e --rt` to reading it out of `-d --rt`, behind a pipe, the next
 * only when the last has come out.
 */
export function liveRow(percent) {
  return {
    name: `command-live-p${percent}`,
    title: `from writing a line of 100 bytes into \`npx age-rt-wasm -e --rt\` to reading it out of \`-d --rt\` behind a pipe: p${percent}`,
    unit: "ms",
    async run({ quick }) {
      const rounds = [];
      for (let round = 0; round < (quick ? 1 : 5); round += 1)
        rounds.push(quantile(await lines(quick ? 20 : 2000), percent / 100));
      return { ...spread(rounds), rounds: rounds.length };
    },
  };
}

/** How long each line took, in milliseconds; a hundred before them are not counted. */
async function lines(count) {
  const [node, command] = OURS.map((word) => `'${word}'`);
  const line = `${node} ${command} -e -j batchpass --rt | ${node} ${command} -d -j batchpass --rt`;
  const child = spawn("sh", ["-c", line], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, AGE_PASSPHRASE: PASSPHRASE, AGE_PASSPHRASE_WORK_FACTOR: "1" },
  });
  let waiting = 0;
  let arrived;
  child.stdout.on("data", ({ length }) => {
    waiting -= length;
    if (waiting === 0) arrived();
  });
  const times = [];
  const text = `${"x".repeat(99)}\n`;
  for (let at = -100; at < count; at += 1) {
    const start = performance.now();
    const all = new Promise((resolve) => (arrived = resolve));
    waiting = text.length;
    child.stdin.write(text);
    await all;
    if (at >= 0) times.push(performance.now() - start);
  }
  const ended = new Promise((resolve) => child.on("close", resolve));
  child.stdin.end();
  if ((await ended) !== 0) throw new Error("the live stream failed");
  return times;
}
