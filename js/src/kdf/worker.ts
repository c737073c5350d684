/**
 * The package's worker: says that it is there, and does what it is sent.
 *
 * A derivation, of which it takes one: it answers with the key or an error's number; before it,
 * where somebody wants to know, with the fraction that is done. It is terminated then, which is
 * what gives scrypt's memory back. Or chunks of age files, of as many files as come.
 *
 * A script without imports, so that one text serves as classic and as module worker, from a URL, a
 * blob or a string.
 */
import { type ChunksBatch, type ChunksBegin, type ChunksEnd, runChunks } from "./chunks.js";
import { kdfInstance, type KdfWork, runKdf } from "./run.js";

/** What the worker is sent to derive. */
export interface WorkerJob extends KdfWork {
  readonly module: WebAssembly.Module;
  /** Milliseconds between two fractions. */
  readonly every: number;
}

const port = self as unknown as {
  onmessage: ((event: { data: WorkerJob | ChunksBegin | ChunksBatch | ChunksEnd }) => void) | null;
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
};

port.onmessage = ({ data }) => {
  if ("file" in data)
    return runChunks(data, (reply, transfer) => port.postMessage(reply, transfer));
  const run = runKdf(kdfInstance(data.module), data);
  let step = run.next();
  data.passphrase.fill(0);
  for (let told = performance.now(); !step.done; step = run.next()) {
    const now = performance.now();
    if (now - told < data.every) continue;
    told = now;
    port.postMessage(step.value);
  }
  if (typeof step.value === "number") port.postMessage(step.value);
  else port.postMessage(step.value, [step.value.buffer]);
};
port.postMessage("ready");
