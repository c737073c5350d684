/**
 * Estimates passphrases, off the page's thread. What it takes for that is heavier than the page and
 * comes when it is first asked for.
 */
import { byId } from "./dom.js";
import { trusted } from "./script-urls.js";

/** Put here by the build. */
declare const STRENGTH: { readonly url: string; readonly integrity: string };

let script: Promise<string> | undefined;

export class Strength {
  #worker: Promise<Worker> | undefined;

  /**
   * Resolves to the bits that it is worth against those who know how people choose. Rejects if the
   * estimator cannot be had. Ask one at a time.
   */
  async bits(passphrase: string): Promise<number> {
    const worker = await (this.#worker ??= start());
    return new Promise((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
      worker.onerror = reject;
      worker.postMessage(passphrase);
    });
  }

  /** Ends the worker, and with it what it has seen. */
  stop(): void {
    this.#worker?.then(
      (worker) => worker.terminate(),
      () => undefined,
    );
    this.#worker = undefined;
  }
}

/** By way of a blob: no browser checks the hash of a worker's script itself. */
async function start(): Promise<Worker> {
  try {
    script ??= load();
    return new Worker(trusted(await script));
  } catch (error) {
    // Offline now is not offline for ever.
    script = undefined;
    throw error;
  }
}

async function load(): Promise<string> {
  return URL.createObjectURL(new Blob([await source()], { type: "text/javascript" }));
}

/** The page as one file has it in itself. */
async function source(): Promise<Blob | string> {
  if (STRENGTH.url === "") return byId("strength-source", HTMLScriptElement).text;
  return (await fetch(STRENGTH.url, { integrity: STRENGTH.integrity })).blob();
}
