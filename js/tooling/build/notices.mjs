/**
 * The notices of what is compiled into the modules: most licences ask that their text goes with the
 * program.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { Failure, output } from "../lib/run.mjs";

/** Everything that some module of the package holds: the keys', and the main one's other form. */
const FEATURES = "recipients,hybrid,p256,rustcrypto";
/** Where a crate lets us choose, the first of these that it has. */
const TEXTS = [/^LICENSE-MIT/i, /^LICENSE(\.(md|txt))?$/i];
/** What comes on top of that, where a licence says AND. */
const MORE = /^LICENSE-UNICODE/i;

/** Crates in any of the modules, in the order of their names, with their licences. */
export function linkedCrates() {
  const asked = [
    ...["tree", "--locked", "--features", FEATURES],
    ...["--edges", "normal,no-proc-macro", "--target", "wasm32-unknown-unknown"],
    ...["--prefix", "none", "--format", "{p}|{l}"],
  ];
  const tree = output("cargo", [...asked, "--offline"]) ?? output("cargo", asked);
  if (!tree) throw new Failure("cargo does not tell what the modules are made of");
  const lines = new Set(tree.split("\n").map((line) => line.replace(" (*)", "")));
  return [...lines]
    .filter((line) => !line.startsWith("age-rt-wasm "))
    .map((line) => {
      const [, name, version, licence] = /^(\S+) v([^\s|]+).*\|(.*)$/.exec(line);
      return { name, version, licence };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Where cargo has its sources: they were compiled before. */
function folderOf({ name, version }) {
  const registries = join(process.env.CARGO_HOME ?? join(homedir(), ".cargo"), "registry", "src");
  const folders = readdirSync(registries).map((each) =>
    join(registries, each, `${name}-${version}`),
  );
  const folder = folders.find((each) => existsSync(each));
  if (folder === undefined) throw new Failure(`the sources of ${name} ${version} are not there`);
  return folder;
}

function textOf(crate) {
  const folder = folderOf(crate);
  const files = readdirSync(folder).sort();
  const chosen = TEXTS.map((text) => files.find((file) => text.test(file))).find(Boolean);
  if (chosen === undefined) throw new Failure(`${crate.name} has no text of its licence`);
  const more = crate.licence.includes(" AND ") ? files.filter((file) => MORE.test(file)) : [];
  return [chosen, ...more]
    .map((file) => readFileSync(join(folder, file), "utf8").replace(/\r\n/g, "\n").trim())
    .join("\n\n");
}

/** All of them in one text, each licence once, with the crates whose it is. */
export function notices() {
  const sharing = new Map();
  for (const crate of linkedCrates()) {
    const text = textOf(crate);
    sharing.set(text, [...(sharing.get(text) ?? []), crate]);
  }
  const parts = [...sharing].map(([text, crates]) => {
    const names = crates.map(({ name, version, licence }) => `${name} ${version} (${licence})`);
    return `${"-".repeat(72)}\n${names.join("\n")}\n\n${text}\n`;
  });
  return [
    "The WebAssembly modules of this package contain the Rust crates below, and parts of Rust's own",
    "libraries (MIT or Apache-2.0, https://www.rust-lang.org/policies/licenses). Where a crate lets",
    "one choose, it is used under the licence whose text follows. dist/passphrase.js names the source",
    "and the licence of its words itself.",
    "",
    ...parts,
  ].join("\n");
}
