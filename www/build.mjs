/** Builds the demo page: a folder that any static file server can hand out, under any path. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";

/** What the page may do. A server that can send headers may send the same as one, with frame-ancestors 'none'. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  // The service worker's downloads start in a frame.
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types age-rt-wasm age-rt-page",
].join("; ");

const SUMS = "SHA256SUMS";

/** The engines that have 128-bit vectors in WebAssembly, which the package needs anyway. */
const TARGET = ["es2022", "chrome91", "firefox102", "safari16.4"];

/**
 * @param {{ pkgDir: string, outDir: string, root: string }} options - the built package, where the page goes, and the repository's root.
 */
export default async function buildPage({ pkgDir, outDir, root }) {
  const www = join(root, "www");
  const common = {
    bundle: true,
    minify: true,
    format: "esm",
    target: TARGET,
    write: false,
    logLevel: "warning",
    absWorkingDir: www,
  };
  const strength = await bundle({
    ...common,
    format: "iife",
    entryPoints: ["strength/worker.ts"],
    banner: { js: await notice(root) },
  });
  const strengthName = `strength-${digest(strength, "hex").slice(0, 16)}.js`;
  const [script, style, texts, icon, page, { version }] = await Promise.all([
    bundle({
      ...common,
      entryPoints: ["src/main.ts"],
      alias: {
        "age-rt-wasm/passphrase": join(pkgDir, "dist", "passphrase.js"),
        "age-rt-wasm": pkgDir,
      },
      define: { STRENGTH: JSON.stringify({ url: strengthName, integrity: integrity(strength) }) },
    }),
    bundle({ ...common, entryPoints: ["style.css"] }),
    strings(common),
    readFile(join(www, "icon.svg")),
    readFile(join(www, "index.html"), "utf8"),
    readFile(join(pkgDir, "package.json"), "utf8").then(JSON.parse),
  ]);

  const assets = {
    script: [`main-${digest(script, "hex").slice(0, 16)}.js`, script],
    style: [`style-${digest(style, "hex").slice(0, 16)}.css`, style],
    icon: [`icon-${digest(icon, "hex").slice(0, 16)}.svg`, icon],
  };
  const html = filled(page, {
    ...texts,
    build: {
      policy: POLICY,
      version,
      sums: SUMS,
      hash: digest(script, "hex").slice(0, 16),
      icon: assets.icon[0],
      script: assets.script[0],
      scriptIntegrity: integrity(script),
      style: assets.style[0],
      styleIntegrity: integrity(style),
    },
  });
  const files = ["./", ...Object.values(assets).map(([name]) => name)];
  const worker = await bundle({
    ...common,
    format: "iife",
    entryPoints: ["service-worker/worker.ts"],
    define: {
      FILES: JSON.stringify(files),
      LATER: JSON.stringify([strengthName]),
      VERSION: JSON.stringify(digest(html, "hex").slice(0, 16)),
    },
  });

  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const written = [
    ["index.html", html],
    ["service-worker.js", worker],
    [strengthName, strength],
    ...Object.values(assets),
  ];
  // In the format of sha256sum, for those who want to know whether what a server sends is what they built.
  written.push([
    SUMS,
    written
      .map(([name, contents]) => `${digest(contents, "hex")}  ${name}\n`)
      .sort()
      .join(""),
  ]);
  await Promise.all(written.map(([name, contents]) => writeFile(join(outDir, name), contents)));
}

async function bundle(options) {
  const { outputFiles } = await build(options);
  return outputFiles[0].contents;
}

/** What the licence of others' code asks for. */
async function notice(root) {
  const text = await readFile(
    join(root, "node_modules", "@zxcvbn-ts", "core", "LICENSE.txt"),
    "utf8",
  );
  return `/*! zxcvbn-ts: MIT License. ${text.match(/^Copyright.*/gm).join(" ")} */`;
}

/** The page's texts, out of the one file that has them. */
async function strings(common) {
  const code = await bundle({ ...common, entryPoints: ["src/strings.ts"] });
  const module = await import(
    `data:text/javascript;base64,${Buffer.from(code).toString("base64")}`
  );
  return module.strings;
}

/** Puts the texts in. @throws Error for a name that is none. */
function filled(page, values) {
  return page.replace(/\{\{([\w.]+)\}\}/g, (_, path) => {
    const value = path.split(".").reduce((group, key) => group?.[key], values);
    if (typeof value !== "string")
      throw new Error(`index.html asks for {{${path}}}, which strings.ts does not have`);
    return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  });
}

function integrity(contents) {
  return `sha384-${digest(contents, "base64", "sha384")}`;
}

function digest(contents, encoding, algorithm = "sha256") {
  return createHash(algorithm).update(contents).digest(encoding);
}
