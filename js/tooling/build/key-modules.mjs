/**
 * Makes the three modules of keys out of the same crate with other features, so that the main one
 * does not grow by a byte.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { inflateRawSync } from "node:zlib";
import { factory } from "./glue.mjs";
import { Failure, root, run } from "../lib/run.mjs";
import { toolchain } from "../lib/setup.mjs";

const TARGET = "wasm32-unknown-unknown";

/**
 * The library as a module alone. Cargo.toml has it as a Rust library too, for the tests. Where both
 * are made at once, the linker keeps what other crates might call, and so all that only a panic's
 * message needs.
 */
export const MODULE_ONLY = ["--lib", "--crate-type", "cdylib"];

/** Each module by its name: `age_rt_NAME.wasm`, and the feature that says what it exports. */
export const KEY_MODULES = {
  recipients: "module-recipients",
  hybrid: "module-hybrid",
  p256: "module-p256",
};

/**
 * What wraps a few bytes hashes a few blocks: rounds in a loop, and calls where copies would be
 * faster by nothing that is felt.
 */
const SMALL = [
  ...["--cfg", 'sha2_backend="soft"', "--cfg", 'sha2_backend_soft="compact"'],
  "-Cllvm-args=--inline-threshold=20",
];

/** The files that come of it. */
export function keyModuleOutputs(generated, work) {
  return [
    ...["js", "d.ts"].map((extension) => join(generated, `keys-glue.${extension}`)),
    ...Object.keys(KEY_MODULES).flatMap((name) => [
      ...["js", "d.ts"].map((extension) => join(generated, `${name}-inline.${extension}`)),
      join(work, `age_rt_${name}.wasm`),
    ]),
  ];
}

export async function keyModules({ generated, work, remap }) {
  const [{ default: zopfli }, { withoutMessages, withoutTexts }] = await Promise.all([
    import("@gfx/zopfli"),
    import("./panics.mjs"),
  ]);
  const { channel } = toolchain();
  mkdirSync(generated, { recursive: true });
  let glue;
  for (const [name, feature] of Object.entries(KEY_MODULES)) {
    // A folder of its own: in the main module's, each of the builds would throw away what the
    // one before has made.
    const target = join(root, "target", "keys", name);
    run("cargo", [
      `+${channel}`,
      ...["rustc", ...MODULE_ONLY, "--profile", "keys", "--target", TARGET],
      ...["--target-dir", target],
      ...["--no-default-features", "--features", feature],
      ...["--locked", "--quiet", "--config", remap],
      ...["--config", `target.${TARGET}.rustflags=${JSON.stringify(SMALL)}`],
    ]);
    const bindings = join(work, `bindings-${name}`);
    rmSync(bindings, { recursive: true, force: true });
    run("wasm-bindgen", [
      join(target, TARGET, "keys", "age_rt.wasm"),
      ...["--target", "web", "--omit-default-module-path", "--remove-producers-section"],
      ...["--out-dir", bindings],
    ]);
    const silent = join(work, `silent-${name}.wasm`);
    writeFileSync(
      silent,
      withoutMessages(readFileSync(join(bindings, "age_rt_bg.wasm")), { formatsNothing: true }),
    );
    const optimised = join(work, `age_rt_${name}.wasm`);
    run(join(root, "node_modules", ".bin", "wasm-opt"), [
      ...["-Oz", "--converge", "--strip-target-features", "--strip-debug"],
      ...[silent, "-o", optimised],
    ]);
    const bytes = withoutTexts(readFileSync(optimised));
    await WebAssembly.compile(bytes);
    writeFileSync(optimised, bytes);
    const packed = Buffer.from(await promisify(zopfli.deflate)(bytes, {}));
    if (!inflateRawSync(packed).equals(bytes))
      throw new Failure(`The packed module ${name} does not unpack to itself`);
    const file = (kind, text) => writeFileSync(join(generated, `${name}-${kind}`), text);
    file("inline.js", `export default ${JSON.stringify(packed.toString("base64"))};\n`);
    file("inline.d.ts", "declare const text: string;\nexport default text;\n");
    // What is said of each function goes with the functions, which are called without any glue.
    const bound = factory(readFileSync(join(bindings, "age_rt.js"), "utf8")).replace(
      /^\/\*\*\n(?: \*.*\n)+\n?/gm,
      "",
    );
    // One text of bindings serves all of them.
    if (bound !== (glue ??= bound))
      throw new Failure(`The module ${name} wants other bindings than the ones before`);
    console.log(`age_rt_${name}.wasm: ${bytes.length} bytes, packed ${packed.length}`);
  }
  writeFileSync(join(generated, "keys-glue.js"), glue);
  writeFileSync(
    join(generated, "keys-glue.d.ts"),
    "export function instantiate(module: WebAssembly.Module): unknown;\n",
  );
}
