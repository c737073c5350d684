/**
 * `npm run first-hour [-- --quick | --write]`: what a developer meets in a first hour with this
 * package and with `age-encryption`, side by side: what a page loads, how long it stands still,
 * what is known before the first byte, sizes, errors, CommonJS.
 *
 * Fails where the other is ahead. `--quick` lowers the work factor: then no time counts. `--write`
 * puts the table into BENCHMARKS.md.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { main, output, root } from "../../js/tooling/lib/run.mjs";
import { serve } from "../../js/tooling/lib/serve.mjs";
import { launch } from "../js/browser/engines.mjs";
import * as ours from "./first-hour/ours.js";
import * as theirs from "./first-hour/theirs.js";
import { withTable } from "./lib/document.js";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
const PASSPHRASE = "a passphrase";
/** The standard of both. */
const WORK_FACTOR = values.quick ? 10 : 18;
const TURNS = values.quick ? 1 : 5;
const here = join(root, "tests", "bench", "first-hour");

/**
 * What a page with one encryption and one decryption loads: minified as applications are, after
 * gzip.
 */
async function bundle(text) {
  const { outputFiles } = await build({
    stdin: { contents: text, resolveDir: here },
    ...{ bundle: true, minify: true, format: "esm", target: "es2022", write: false },
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length / 1000;
}

const APPLICATIONS = {
  ours: `import { decrypt, encrypt } from "age-rt-wasm";
    globalThis.app = async (text, passphrase) => decrypt(await encrypt(text, passphrase), passphrase);`,
  theirs: `import { Decrypter, Encrypter } from "age-encryption";
    globalThis.app = async (text, passphrase) => {
      const e = new Encrypter();
      e.setPassphrase(passphrase);
      const d = new Decrypter();
      d.addPassphrase(passphrase);
      return d.decrypt(await e.encrypt(text));
    };`,
};

async function longestTasks() {
  const { outputFiles } = await build({
    entryPoints: [join(here, "page.js")],
    ...{ bundle: true, minify: true, format: "esm", target: "es2022", write: false },
  });
  const script = outputFiles[0].text;
  const server = await serve(
    {},
    {
      page(url, response) {
        const isScript = url.pathname === "/page.js";
        response.writeHead(200, { "Content-Type": isScript ? "text/javascript" : "text/html" });
        response.end(
          isScript ? script : '<!doctype html><script type="module" src="/page.js"></script>',
        );
        return true;
      },
    },
  );
  const browser = await launch("chromium");
  const times = { ours: [], theirs: [] };
  try {
    // In turn, each in a page of its own: nothing is warm.
    for (let i = 0; i < TURNS; i += 1)
      for (const which of ["ours", "theirs"]) {
        const page = await browser.newPage();
        await page.goto(`http://localhost:${server.address().port}/`, { waitUntil: "load" });
        times[which].push(
          await page.evaluate((...args) => globalThis.longestTask(...args), which, WORK_FACTOR),
        );
        await page.close();
      }
  } finally {
    await browser.close();
    await new Promise((resolve) => server.close(resolve).closeAllConnections());
  }
  return [median(times.ours), median(times.theirs)];
}

function median(numbers) {
  return numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

/** How long the size of a file takes to know, before it is encrypted; and whether it is right. */
async function sizes(them) {
  const started = performance.now();
  const told = await them.sizeOf(100_000, PASSPHRASE, WORK_FACTOR);
  const ms = performance.now() - started;
  const { length } = await them.encrypted(new Uint8Array(100_000), PASSPHRASE, WORK_FACTOR);
  return { ms, right: told === length };
}

/** Files that do not open, each for a reason of its own. */
async function faulty() {
  const quick = await ours.encrypted(new Uint8Array(100), PASSPHRASE, 1);
  const changed = (at) => quick.map((byte, i) => (i === at ? byte ^ 1 : byte));
  const macAt = new TextDecoder("latin1").decode(quick).indexOf("\n--- ") + 10;
  const text = (bytes) => new TextEncoder().encode(bytes);
  const stanza = "-> X25519 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
  const body = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";
  return [
    ["a wrong passphrase", quick, "another"],
    ["a header that was cut", quick.subarray(0, 100)],
    ["a header whose MAC was changed", changed(macAt)],
    ["a chunk that was changed", changed(quick.length - 1)],
    ["another kind of file", text("text, and not encrypted at all\n")],
    [
      "a file for a key",
      text(`age-encryption.org/v1\n${stanza}${body}--- ${body}0123456789abcdef0123456789abcdef`),
    ],
    [
      "a work factor above the limit",
      text(new TextDecoder("latin1").decode(quick).replace(/^(-> scrypt \S+) 1$/m, "$1 30")),
    ],
    ["a broken armor", text("-----BEGIN AGE ENCRYPTED FILE-----\n*\n"), PASSPHRASE, true],
  ];
}

async function codes(them) {
  const found = [];
  for (const [, file, passphrase = PASSPHRASE, armored] of await faulty())
    found.push(await them.fault(file, passphrase, armored));
  return found;
}

/**
 * Without what newer Nodes have for ES modules: as in Node until 20.18, in Jest, and in Electron's
 * older releases.
 */
function requires(specifier) {
  try {
    execFileSync(
      process.execPath,
      ["--no-experimental-require-module", "-e", `require(${JSON.stringify(specifier)})`],
      { cwd: root, stdio: "ignore" },
    );
    return true;
  } catch {
    return false;
  }
}

main(async () => {
  const rows = [];
  /** @param isAhead - whether ours is ahead, or undefined where nothing counts. */
  const row = (what, mine, other, isAhead) => rows.push({ what, mine, other, isAhead });
  const kb = (number) => `${number.toFixed(1)} KB`;
  const ms = (number) => `${number < 0.1 ? "under 0.1" : number.toFixed(number < 10 ? 1 : 0)} ms`;

  const [a, b] = [await bundle(APPLICATIONS.ours), await bundle(APPLICATIONS.theirs)];
  row("Bundle of a page that encrypts and decrypts, gzip", kb(a), kb(b), a < b);

  const [mine, other] = await longestTasks();
  row(
    "Longest task of a page in Chromium meanwhile, passphrase",
    ms(mine),
    ms(other),
    values.quick ? undefined : mine < other,
  );

  const file = await ours.encrypted(new Uint8Array(100_000), PASSPHRASE, WORK_FACTOR);
  const [known, knownThere] = [
    await ours.known(file, PASSPHRASE),
    await theirs.known(file, PASSPHRASE),
  ];
  const all = (facts) => Object.keys(facts).join(", ");
  for (const facts of [known, knownThere])
    if (facts["the plaintext's size"] !== 100_000) throw new Error("a size was wrong");
  row(
    "Known before the first byte of a stream",
    all(known),
    all(knownThere),
    Object.keys(knownThere).every((fact) => fact in known) &&
      Object.keys(known).length > Object.keys(knownThere).length,
  );

  const [sized, sizedThere] = [await sizes(ours), await sizes(theirs)];
  const size = ({ ms: took, right }) => `${right ? "exact" : "wrong"}, after ${ms(took)}`;
  row(
    "Size of a file, before it is encrypted",
    size(sized),
    size(sizedThere),
    sized.right && (values.quick || sized.ms < sizedThere.ms),
  );

  const [told, toldThere] = [await codes(ours), await codes(theirs)];
  const distinct = (found) => new Set(found.filter(Boolean)).size;
  row(
    `Of ${told.length} ways not to open, told apart by a code or a class`,
    String(distinct(told)),
    String(distinct(toldThere)),
    distinct(told) === told.length && distinct(told) > distinct(toldThere),
  );

  const [required, requiredThere] = [requires("age-rt-wasm"), requires("age-encryption")];
  const yes = (is) => (is ? "yes" : "no, ES modules only");
  row(
    "CommonJS, without Node's `require()` of ES modules",
    yes(required),
    yes(requiredThere),
    required,
  );

  const where = `Node ${process.versions.node}, ${cpus()[0]?.model ?? "unknown processor"}, ${new Date().toISOString().slice(0, 10)}, at commit ${output("git", ["rev-parse", "--short", "HEAD"]) ?? "an unknown commit"}.`;
  const table = [
    where,
    "",
    `| | ${ours.name} | ${theirs.name} |`,
    "| --- | --- | --- |",
    ...rows.map(({ what, mine, other }) => `| ${what} | ${mine} | ${other} |`),
  ].join("\n");
  console.log(`\n${table}${values.quick ? "\n\nQuick: no time counts." : ""}`);
  if (values.write && !values.quick) {
    const path = join(root, "BENCHMARKS.md");
    writeFileSync(path, withTable(readFileSync(path, "utf8"), "first-hour", table));
  }
  const behind = rows.filter(({ isAhead }) => isAhead === false).map(({ what }) => what);
  if (behind.length > 0) throw new Error(`The other is ahead: ${behind.join("; ")}`);
});
