/** Beside an earlier release: with `--before TARBALL` only. */
const pageBeforeRows = [
  "scrypt-first-before",
  "scrypt-later-before",
  "scrypt-first-before-256",
  "scrypt-later-before-256",
  "scrypt-first-before-64",
  "workers-encrypt-before",
  "workers-decrypt-before",
];
export const beforeRows = [...pageBeforeRows, "scrypt-memory-before"];

/**
 * Rows that with `--before TARBALL` run our side by the earlier release too, in the same rounds:
 * did what met its bound then meet it now?
 */
export const besideRows = [
  "chunks-noble",
  "chunks-node-crypto",
  "age-encrypt",
  "age-decrypt",
  "age-rt-libsodium",
  "scrypt-node-crypto",
  "scrypt-noble",
  "scrypt-hash-wasm",
  "short-python",
  "short-streams",
  "closed-loop",
  "start-up",
];

/** Streams with workers, which need a long while, and more than one core. */
const workersRows = [
  "workers-encrypt-typage",
  "workers-decrypt-typage",
  "workers-auto-encrypt",
  "workers-auto-decrypt",
  "blob-decrypt",
];

/** What only Chromium tells of its pages. */
export const chromiumRows = ["workers-busy"];

/**
 * The rows, in the order of the table. Node's modules are loaded by the rows that need them, so
 * that a page can load the others.
 */
export const browserRows = [
  "chunks-noble",
  "age-encrypt",
  "age-decrypt",
  "age-rt-libsodium",
  "armor",
  "scrypt-noble",
  "scrypt-hash-wasm",
  "scrypt-slices",
  ...pageBeforeRows,
  "short-streams",
  "closed-loop",
  "fresh-array",
  ...workersRows,
];

/** Whose work is all on one thread of this process. */
export const profiledRows = [
  "chunks-noble",
  "chunks-node-crypto",
  "age-encrypt",
  "age-decrypt",
  "age-rt-libsodium",
  "armor",
  "short-streams",
  "closed-loop",
];

/** What age's own programs are needed for. */
export const programRows = [
  "file-encrypt-age",
  "file-decrypt-age",
  "file-encrypt-rage",
  "file-decrypt-rage",
  "command-encrypt-age",
  "command-decrypt-age",
  "command-encrypt-age-256",
  "command-decrypt-age-256",
  "command-memory",
];

/** Of `age-rt-wasm/recipients`. */
export const keyRows = [
  "x25519-wrap",
  "x25519-unwrap",
  "hybrid-wrap",
  "hybrid-unwrap",
  "first-message-x25519",
  "first-message-hybrid",
  "search-hundred",
  "search-mebibyte",
  "memory-keys",
];

export const nodeRows = [
  "chunks-noble",
  "chunks-node-crypto",
  "age-encrypt",
  "age-decrypt",
  "age-rt-libsodium",
  "armor",
  "scrypt-node-crypto",
  "scrypt-node-crypto-256",
  "scrypt-noble",
  "scrypt-hash-wasm",
  "scrypt-slices",
  ...beforeRows,
  "short-python",
  "short-streams",
  "closed-loop",
  "closed-loop-p50",
  "closed-loop-p99",
  "session",
  "command-live-p50",
  "command-live-p99",
  "fresh-array",
  ...workersRows,
  ...keyRows,
  ...programRows,
  "weight",
  "memory",
  "workers-memory",
  "start-up",
  "growth",
  "growth-long",
];
