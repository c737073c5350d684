/**
 * Installs what the build and the tests need and the machine lacks. Uses Node's own modules only:
 * it runs before npm has installed anything.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure, output, root, run, tools, which } from "./run.mjs";

/** rage as the interoperability tests were written against it. */
const RAGE_VERSION = "0.12.1";

/** The browsers, for `distributionPackages()`. */
export const ENGINE_PACKAGES = {
  chromium: [
    { name: "chromium", programs: ["chromium", "chromium-browser", "google-chrome", "chrome"] },
  ],
  firefox: [{ name: "firefox-esr", programs: ["firefox-esr", "firefox"] }],
  webkit: [
    { name: "webkit2gtk-driver", programs: ["WebKitWebDriver"] },
    { name: "xvfb", programs: ["Xvfb"] },
  ],
};

/** What every build needs: npm packages, the Rust toolchain, wasm-bindgen. */
export function setupBuild() {
  npmPackages();
  rustToolchain();
  cargoTool("wasm-bindgen", "wasm-bindgen-cli", lockedVersion("wasm-bindgen"));
}

function npmPackages() {
  const installed = join(root, "node_modules", ".package-lock.json");
  const lock = join(root, "package-lock.json");
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  run("npm", ["ci", "--no-audit", "--no-fund"]);
}

function rustToolchain() {
  if (!which("rustup"))
    throw new Failure("rustup is missing: install it from https://rustup.rs, then run this again.");
  const { channel, components, targets } = toolchain();
  const has =
    output("rustup", ["target", "list", "--toolchain", channel, "--installed"])?.split("\n") ?? [];
  const parts =
    output("rustup", ["component", "list", "--toolchain", channel, "--installed"]) ?? "";
  if (
    targets.every((target) => has.includes(target)) &&
    components.every((part) => parts.includes(part))
  )
    return;
  run("rustup", [
    "toolchain",
    "install",
    channel,
    "--profile",
    "minimal",
    ...components.flatMap((part) => ["--component", part]),
    ...targets.flatMap((target) => ["--target", target]),
  ]);
}

/** The pinned toolchain, from the file that cargo reads too. */
export function toolchain() {
  const text = readFileSync(join(root, "rust-toolchain.toml"), "utf8");
  const list = (key) =>
    [
      ...(new RegExp(`${key}\\s*=\\s*\\[([^\\]]*)\\]`).exec(text)?.[1] ?? "").matchAll(
        /"([^"]+)"/g,
      ),
    ].map((match) => match[1]);
  return {
    channel: /channel\s*=\s*"([^"]+)"/.exec(text)[1],
    components: list("components"),
    targets: list("targets"),
  };
}

function lockedVersion(name) {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  return new RegExp(`name = "${name}"\nversion = "([^"]+)"`).exec(lock)[1];
}

/**
 * Tools that cannot be built from the versions that their authors locked. wasm-bindgen-cli 0.2.130
 * names webpki-roots 1.0.11, for a driver of browsers that the build does not use. crates.io had no
 * such version when this was tried. What it makes is in the package: `npm run reproduce` shows a
 * difference.
 */
const UNLOCKED = new Set(["wasm-bindgen-cli"]);

/**
 * A program from crates.io in exactly this version, with the dependencies that its authors locked:
 * an attacker cannot slip in a newer one.
 */
export function cargoTool(program, crate, version) {
  const own = join(tools, "bin", program);
  const found = output(which(program) ?? own, ["--version"]);
  if (found?.split(/\s+/).some((word) => word.replace(/^v/, "") === version)) return;
  console.log(`Installing ${crate} ${version} (some minutes, once)`);
  run("cargo", [
    `+${toolchain().channel}`,
    "install",
    crate,
    "--version",
    version,
    "--root",
    tools,
    "--quiet",
    ...(UNLOCKED.has(crate) ? [] : ["--locked"]),
  ]);
}

/** A program from the distribution, installed where that is possible. */
export function distributionPackages(packages) {
  const missing = packages.filter(({ programs }) => !which(...programs)).map(({ name }) => name);
  if (missing.length === 0) return;
  const apt = which("apt-get");
  const sudo = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const mayInstall = apt && (sudo.length === 0 || output("sudo", ["-n", "true"]) !== undefined);
  if (!mayInstall)
    throw new Failure(
      `Missing: ${missing.join(", ")}. Install ${missing.length > 1 ? "them" : "it"} with your system's package manager (Debian: apt-get install ${missing.join(" ")}), then run this again.`,
    );
  const [command, ...prefix] = [...sudo, "apt-get"];
  const options = { env: { DEBIAN_FRONTEND: "noninteractive" } };
  run(command, [...prefix, "update", "-qq"], options);
  run(command, [...prefix, "install", "-y", "-qq", "--no-install-recommends", ...missing], options);
}

/**
 * nginx, unpacked from Debian's package and not installed: an installed one would start, and listen
 * on port 80.
 */
export function nginxProgram() {
  const own = join(tools, "nginx", "usr", "sbin", "nginx");
  const found = which("nginx") ?? (existsSync(own) ? own : undefined);
  if (found) return found;
  const folder = join(tools, "nginx");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  if (!which("apt-get") || !which("dpkg"))
    throw new Failure("nginx is missing: install it with your system's package manager.");
  if (process.getuid?.() === 0) run("apt-get", ["update", "-qq"]);
  run("apt-get", ["download", "-qq", "nginx"], { cwd: folder });
  const [archive] = readdirSync(folder).filter((name) => name.endsWith(".deb"));
  run("dpkg", ["-x", archive, "."], { cwd: folder });
  return own;
}

/** The command-line programs that everyone else opens files with. */
export function agePrograms() {
  distributionPackages([{ name: "age", programs: ["age"] }]);
  cargoTool("rage", "rage", RAGE_VERSION);
}

/** A Python with the reference implementation of age-rt. */
export function pythonReference() {
  const venv = join(root, "target", "venv");
  const python = join(venv, "bin", "python");
  if (
    output(python, ["-c", "import age_rt, importlib.metadata as m; print(m.version('age-rt'))"]) ===
    "0.2.2"
  )
    return python;
  const system = which("python3");
  if (!system)
    throw new Failure(
      "python3 is missing: install it with your system's package manager, then run this again.",
    );
  run(system, ["-m", "venv", venv]);
  run(python, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "age-rt==0.2.2"]);
  return python;
}

/** The same Python, with WebSocket libraries that the reference implementation is served with. */
export function pythonWebSockets() {
  const python = pythonReference();
  const installed =
    "import importlib.metadata as m; print(m.version('websockets'), m.version('aiohttp'))";
  if (output(python, ["-c", installed]) === "15.0.1 3.14.5") return;
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  run(python, [...install, "websockets==15.0.1", "aiohttp==3.14.5"]);
}

/** The same Python, with rage's crate as a peer for keys of every type. */
export function pythonPyrage() {
  const python = pythonReference();
  const installed = "import importlib.metadata as m; print(m.version('pyrage'))";
  if (output(python, ["-c", installed]) === "1.4.0") return;
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
  run(python, [...install, "pyrage==1.4.0"]);
}
