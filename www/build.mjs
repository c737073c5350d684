/** Builds the demo page: a folder that any static file server can hand out, under any path. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { build } from "esbuild";

/**
 * What the page may do. A server that can send headers may send the same as one, with
 * frame-ancestors 'none'.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "style-src 'self'",
  "img-src 'self' data:",
  // Previews that the service worker answers.
  "media-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  // The service worker's downloads start in a frame.
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types age-rt-wasm age-rt-page",
].join("; ");

/**
 * The same for the page as one file, which has no origin: what is in it is named by its hash, and
 * it reaches nothing.
 */
const policyOfCopy = (script, style) =>
  [
    "default-src 'none'",
    `script-src '${hashSource(script)}' 'wasm-unsafe-eval'`,
    "worker-src blob:",
    `style-src '${hashSource(style)}'`,
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types age-rt-wasm age-rt-page",
  ].join("; ");

const SUMS = "SHA256SUMS";
const COPY = "age-page.html";
/** Served as text: what a browser makes of Markdown is up to the server. */
const DOCUMENTS = ["PROTOCOL", "SECURITY"];

/** The engines that have 128-bit vectors in WebAssembly, which the package needs anyway. */
const TARGET = ["es2022", "chrome91", "firefox102", "safari16.4"];

/**
 * @param {{ pkgDir: string, outDir: string, root: string }} options - the built package, where the
 * page goes, and the repository's root.
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
  const licences = await notices(root);
  const strength = await bundle({
    ...common,
    format: "iife",
    entryPoints: ["strength/worker.ts"],
    banner: { js: licences.strength },
  });
  const strengthName = `strength-${digest(strength, "hex").slice(0, 16)}.js`;
  const ofPage = {
    ...common,
    alias: {
      ...Object.fromEntries(
        ["passphrase", "recipients", "reader", "header", "session"].map((entry) => [
          `age-rt-wasm/${entry}`,
          join(pkgDir, "dist", `${entry}.js`),
        ]),
      ),
      "age-rt-wasm": pkgDir,
    },
  };
  const [{ script, first, later }, alone, style, texts, icon, page, { version }, documents] =
    await Promise.all([
      scripts(
        {
          ...ofPage,
          define: {
            STRENGTH: JSON.stringify({ url: strengthName, integrity: integrity(strength) }),
          },
        },
        licences.zip,
      ),
      bundle({
        ...ofPage,
        entryPoints: ["src/main.ts"],
        define: { STRENGTH: JSON.stringify({ url: "", integrity: "" }) },
        banner: { js: licences.zip },
      }),
      bundle({ ...common, entryPoints: ["style.css"] }),
      strings(common),
      readFile(join(www, "icon.svg")),
      readFile(join(www, "index.html"), "utf8"),
      readFile(join(pkgDir, "package.json"), "utf8").then(JSON.parse),
      Promise.all(
        DOCUMENTS.map(async (name) => [`${name}.txt`, await readFile(join(root, `${name}.md`))]),
      ),
    ]);

  const assets = {
    script: [`main-${digest(script, "hex").slice(0, 16)}.js`, script],
    style: [`style-${digest(style, "hex").slice(0, 16)}.css`, style],
    icon: [`icon-${digest(icon, "hex").slice(0, 16)}.svg`, icon],
  };
  const manifest = Buffer.from(JSON.stringify(manifestOf(texts, assets.icon[0])));
  const manifestName = `page-${digest(manifest, "hex").slice(0, 16)}.webmanifest`;
  const build = { version, sums: SUMS, copy: COPY, hash: digest(script, "hex").slice(0, 16) };
  const preloads = first.map(
    ([name, contents]) =>
      `<link rel="modulepreload" href="${name}" integrity="${integrity(contents)}">`,
  );
  const html = filled(page, {
    ...texts,
    build: {
      ...build,
      policy: POLICY,
      icon: assets.icon[0],
      manifest: manifestName,
      script: assets.script[0],
      scriptIntegrity: integrity(script),
      style: assets.style[0],
      styleIntegrity: integrity(style),
    },
  }).replace("<!-- preloads -->", preloads.join("\n    "));
  const files = ["./", manifestName, ...[...Object.values(assets), ...first].map(([name]) => name)];
  const worker = await bundle({
    ...common,
    format: "iife",
    entryPoints: ["service-worker/worker.ts"],
    define: {
      FILES: JSON.stringify(files),
      LATER: JSON.stringify([strengthName, ...later.map(([name]) => name)]),
      VERSION: JSON.stringify(digest(html, "hex").slice(0, 16)),
    },
  });

  await rm(outDir, { recursive: true, force: true });
  await mkdir(outDir, { recursive: true });
  const written = [
    ["index.html", html],
    ["service-worker.js", worker],
    [strengthName, strength],
    [manifestName, manifest],
    [COPY, oneFile(page, { texts, build, script: alone, style, icon, strength })],
    ...Object.values(assets),
    ...first,
    ...later,
    ...documents,
  ];
  // In the format of sha256sum, for those who want to know whether what a server sends is what they
  // built.
  written.push([
    SUMS,
    written
      .map(([name, contents]) => `${digest(contents, "hex")}  ${name}\n`)
      .sort()
      .join(""),
  ]);
  await Promise.all(written.map(([name, contents]) => writeFile(join(outDir, name), contents)));
}

/**
 * The page's script, in the parts that its dynamic imports make of it.
 *
 * @returns the entry, what it imports at once, and what comes when it is wanted.
 */
async function scripts(options, licence) {
  const { outputFiles, metafile } = await build({
    ...options,
    entryPoints: { main: "src/main.ts" },
    outdir: "out",
    splitting: true,
    chunkNames: "part-[hash]",
    metafile: true,
    legalComments: "inline",
  });
  const contents = new Map(
    outputFiles.map((file) => {
      const path = `out/${basename(file.path)}`;
      const isOfOthers = Object.keys(metafile.outputs[path].inputs).some((input) =>
        input.includes("@zip.js"),
      );
      return [
        path,
        isOfOthers ? Buffer.concat([Buffer.from(`${licence}\n`), file.contents]) : file.contents,
      ];
    }),
  );
  const atOnce = new Set(["out/main.js"]);
  for (const path of atOnce)
    for (const { path: imported, kind } of metafile.outputs[path].imports)
      if (kind === "import-statement") atOnce.add(imported);
  const named = ([path, bytes]) => [basename(path), bytes];
  return {
    script: contents.get("out/main.js"),
    first: [...contents].filter(([path]) => atOnce.has(path) && path !== "out/main.js").map(named),
    later: [...contents].filter(([path]) => !atOnce.has(path)).map(named),
  };
}

/**
 * What a system needs to know to install the page, to offer it for .age files, and to share files
 * with it.
 */
function manifestOf({ page }, icon) {
  return {
    id: "./",
    name: page.heading,
    short_name: page.shortName,
    description: page.description,
    start_url: "./",
    scope: "./",
    display: "standalone",
    background_color: "#f6f4ef",
    theme_color: "#f6f4ef",
    icons: [{ src: icon, sizes: "any", type: "image/svg+xml", purpose: "any" }],
    file_handlers: [{ action: "./", accept: { "application/vnd.age": [".age"] } }],
    share_target: {
      action: "share",
      method: "POST",
      enctype: "multipart/form-data",
      params: { files: [{ name: "files", accept: ["*/*"] }] },
    },
  };
}

/** The page with all its parts in it, to be kept beside a file. */
function oneFile(page, { texts, build, script, style, icon, strength }) {
  const code = Buffer.from(script).toString().replaceAll("</script", "<\\/script");
  const css = Buffer.from(style).toString();
  const data = `data:image/svg+xml;base64,${Buffer.from(icon).toString("base64")}`;
  const tags = [
    [/\n.*<link rel="manifest"[^>]*>/, ""],
    [/\n.*<!-- preloads -->/, ""],
    [/<link rel="stylesheet"[^>]*>/, () => `<style>${css}</style>`],
    [/<script type="module"[^>]*><\/script>/, ""],
    [/\n.*data-served.*/g, ""],
    // At the end: a script within the page does not wait for what follows it unless it is a module,
    // which this is.
    [
      /<\/body>/,
      () =>
        `<script type="text/plain" id="strength-source">${Buffer.from(strength).toString().replaceAll("</script", "<\\/script")}</script><script type="module">${code}</script></body>`,
    ],
  ];
  const html = filled(
    page,
    {
      ...texts,
      build: { ...build, policy: policyOfCopy(code, css), icon: data },
    },
    (path) =>
      [
        "build.manifest",
        "build.style",
        "build.styleIntegrity",
        "build.script",
        "build.scriptIntegrity",
      ].includes(path),
  );
  return tags.reduce((text, [from, to]) => text.replace(from, to), html);
}

async function bundle(options) {
  const { outputFiles } = await build(options);
  return outputFiles[0].contents;
}

/** What the licences of others' code ask for. */
async function notices(root) {
  const read = (...path) => readFile(join(root, "node_modules", ...path), "utf8");
  const [core, zip] = await Promise.all([
    read("@zxcvbn-ts", "core", "LICENSE.txt"),
    read("@zip.js", "zip.js", "LICENSE"),
  ]);
  return {
    strength: `/*! zxcvbn-ts: MIT License. ${core.match(/^Copyright.*/gm).join(" ")} */`,
    zip: `/*! zip.js. ${zip.trim()} */`,
  };
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
function filled(page, values, isLeftOut = () => false) {
  return page.replace(/\{\{([\w.]+)\}\}/g, (_, path) => {
    if (isLeftOut(path)) return "";
    const value = path.split(".").reduce((group, key) => group?.[key], values);
    if (typeof value !== "string")
      throw new Error(`index.html asks for {{${path}}}, which strings.ts does not have`);
    return value.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
  });
}

function integrity(contents) {
  return `sha384-${digest(contents, "base64", "sha384")}`;
}

function hashSource(contents) {
  return `sha256-${digest(contents, "base64")}`;
}

function digest(contents, encoding, algorithm = "sha256") {
  return createHash(algorithm).update(contents).digest(encoding);
}
