/**
 * The derivation's worker: says that it is there, takes one job, answers with the key or an error's number. It is terminated then,
 * which is what gives scrypt's memory back.
 *
 * A script without imports, so that one text serves as classic and as module worker, from a URL, a blob or a string.
 */
import { kdfInstance, type KdfJob, runKdf } from "./run.js";

const port = self as unknown as {
  onmessage: ((event: { data: KdfJob & { module: WebAssembly.Module } }) => void) | null;
  postMessage(message: unknown, transfer?: ArrayBuffer[]): void;
};

port.onmessage = ({ data }) => {
  const result = runKdf(kdfInstance(data.module), data);
  data.passphrase.fill(0);
  if (typeof result === "number") port.postMessage(result);
  else port.postMessage(result, [result.buffer]);
};
port.postMessage("ready");
