/**
 * What a page loads of the package: a small application, minified as applications are, after gzip.
 */
import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "./run.mjs";

/** Everything that `tests/types/api.d.ts` began with, but for the sockets. */
const EVERYTHING = [
  ...["init", "configure", "isSupported", "encrypt", "decrypt", "armor", "dearmor"],
  ...["AgeRtEncryptStream", "AgeRtDecryptStream", "AgeEncryptStream", "AgeDecryptStream"],
  ...["AgeAutoDecryptStream", "AgeRtEncoder", "AgeEncoder", "AgeRtDecoder", "AgeDecoder"],
  ...["AgeAutoDecoder", "iterEncodeChunks", "aiterEncodeChunks", "iterDecodeCallable"],
  ...["aiterDecodeCallable", "iterDecodeChunks", "aiterDecodeChunks", "encodeBytes"],
  ...["decodeBytes", "encodeFile", "decodeFile", "ciphertextSize", "plaintextSize"],
  ...["AgeRtError", "NotSupportedError", "StateError", "SocketError", "DecodeError"],
  ...["HeaderParseError", "ChunkAuthenticationError", "WrongPassphraseError"],
  ...["StreamTruncatedError", "InsufficientDataError"],
];

/**
 * What each part of the surface may add to the first release, in bytes. A part that outgrows its
 * line has to earn a larger one.
 */
const ADDED = {
  "options checked by name, the nearest one named; progress; one listener a signal": 900,
  "keys: two questions, stanzas in and out, recipients and identities": 4_000,
  "an age file that a shell has rewritten is told as that": 350,
  "armor in pieces of any size, and told by itself": 1_500,
  "faults: claims, Blobs of any realm, sources that change, what to use instead": 900,
  "a file that shrinks under its handle; `using` where an engine has no Symbol.dispose": 150,
  "opened, toBlob, messages": 550,
  "hosts without streams, without a worker, with two copies of the package": 1_050,
  "workers: the option, the worker's share of the text, its exports, and the way to the file that a stream with workers loads": 2_700,
  "the derivation in slices, in less memory, with its progress; work factors to 22": 1_024,
  "two ways to mix, of which a derivation finds the faster": 600,
  "another header for the same file key, within the module": 650,
  "a header of 1 MiB, read in turns": 60,
  "bytes as they were at the call; what every object has is no option; keys that frameworks leave alone; streams of tiny messages": 300,
};
/**
 * What a page with one stream that decrypts does not load of that: armor, Blobs as sources, the
 * recipients' side of keys, decoders' classes, the sources of `init()`.
 */
const SPARED = 4_700;
/** What building the modules alone took away, beside what may be added. */
const SAVED = 500;
const added = Object.values(ADDED).reduce((sum, bytes) => sum + bytes);

/**
 * What is weighed, with its limit in bytes: the first release's weight, and what was added. The
 * bounds that were set, 27,900 and 31,800, are not met: ARCHITECTURE.md says where the bytes are.
 */
export const WEIGHTS = [
  {
    what: "AgeDecryptStream alone",
    names: ["AgeDecryptStream"],
    limit: 27_950 + added - SPARED - SAVED,
  },
  { what: "everything but sockets", names: EVERYTHING, limit: 31_850 + added - SAVED },
];

/** The surface of keys, but for passkeys. */
const KEYS = [
  ...["recipient", "identity", "generateIdentity", "recipientOf", "identityFile"],
  ...["readIdentities", "readRecipients", "sshIdentity", "cryptoKeyIdentity"],
];

/**
 * What keys add to a page that has the main entry: with their module, and without those of
 * post-quantum keys and of P-256, which are files of their own. The bound is 24,000 bytes.
 */
export const KEY_WEIGHTS = [
  { what: "recipient() and identity()", names: ["recipient", "identity"], limit: 16_700 },
  { what: "keys of every kind", names: KEYS, limit: 19_650 },
  { what: "keys of every kind and passkeys", names: [...KEYS, "passkeys"], limit: 21_800 },
];

/**
 * The modules that are loaded for the first key of their kind, each as the file that it is in. The
 * bound of P-256's is 16,000 bytes.
 */
export const KEY_FILES = [
  { what: "the module of post-quantum keys", file: "age_rt_hybrid.wasm.text.js", limit: 12_300 },
  { what: "P-256's module", file: "age_rt_p256.wasm.text.js", limit: 11_700 },
];

/** The main entry, in whatever folder it is, and those files. */
export const BESIDE_KEYS = ["*/index.js", ...KEY_FILES.map(({ file }) => `*/${file}`)];

/**
 * @returns the bytes of a page that imports `names` (undefined: all) from `entry`, raw and after
 * gzip -9: without what it loads later, if at all, and without the files that are `external`.
 */
export async function weight(names, entry = "age-rt-wasm", external = []) {
  const { build } = await import("esbuild");
  const { outputFiles, metafile } = await build({
    stdin: {
      contents: `export ${names ? `{ ${names.join(", ")} }` : "*"} from ${JSON.stringify(entry)}`,
      resolveDir: root,
    },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    write: false,
    splitting: true,
    outdir: root,
    absWorkingDir: root,
    metafile: true,
    external,
  });
  const { outputs } = metafile;
  const loaded = new Set(
    Object.keys(outputs).filter((name) => outputs[name].entryPoint === "<stdin>"),
  );
  for (const name of loaded)
    for (const { path, kind, external: apart } of outputs[name].imports)
      if (kind === "import-statement" && !apart) loaded.add(path);
  const contents = Buffer.concat(
    outputFiles.filter(({ path }) => loaded.has(relative(root, path))).map((file) => file.contents),
  );
  return { raw: contents.length, gzip: gzipSync(contents, { level: 9 }).length };
}
