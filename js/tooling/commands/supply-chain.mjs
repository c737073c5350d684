/**
 * `npm run supply-chain`: licences, sources and doubled versions of what the package is built from,
 * by cargo-deny and license-checker.
 */
import { join } from "node:path";
import { main, root, run } from "../lib/run.mjs";
import { npmTools } from "../lib/npm-tools.mjs";
import { cargoTool, toolchain } from "../lib/setup.mjs";

const CARGO_DENY = "0.20.2";
/**
 * Of tools that build and test. Of theirs the package holds one thing, the word list of
 * @scure/bip39 (MIT).
 */
const NPM_LICENCES = [
  "MIT",
  "ISC",
  "0BSD",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "BlueOak-1.0.0",
  "CC0-1.0",
  "CC-BY-3.0",
  "CC-BY-4.0",
  "Python-2.0",
  "Unlicense",
  "MIT-0",
  "MPL-2.0",
  "LGPL-3.0-only",
];

main(async () => {
  cargoTool("cargo-deny", "cargo-deny", CARGO_DENY);
  const deny = [
    `+${toolchain().channel}`,
    "deny",
    "--locked",
    "--exclude-dev",
    "--config",
    join(root, "tests", "tools", "deny.toml"),
    "check",
  ];
  run("cargo", [...deny, "bans", "licenses", "sources"]);
  // RustSec's advisories lie on GitHub: asked for by name, where that can be reached.
  if (process.argv.includes("--advisories")) run("cargo", [...deny, "advisories"]);
  run(join(npmTools(), "license-checker-rseidelsohn"), [
    "--start",
    root,
    "--excludePrivatePackages",
    "--summary",
    "--onlyAllow",
    NPM_LICENCES.join(";"),
  ]);
  console.log(`\nNothing to object to`);
});
