/** One file on its way through a cipher to where it is saved. Knows no page. */
import type { Destination, Saved } from "./destinations/destination.js";

export type Stage = "deriving" | "choosing" | "working" | "saving";

export interface Transfer {
  readonly source: Blob;
  readonly cipher: ReadableWritablePair<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;
  /** Called once there is something to save, so that a wrong passphrase leaves nothing behind. */
  readonly open: () => Promise<Destination>;
  readonly signal: AbortSignal;
  readonly onStage: (stage: Stage) => void;
}

/** How far it has come, in bytes. */
export class Progress {
  /** Taken from the source. */
  read = 0;
  /** Given to the destination: when decrypting, every one of them verified. */
  written = 0;
}

/** @throws the signal's reason, an error of the package, of the source or of the destination; nothing is left behind then. */
export async function transfer({ source, cipher, open, signal, onStage }: Transfer, progress: Progress): Promise<Saved> {
  const output = new Output(open, signal, onStage, progress);
  onStage("deriving");
  await source.stream().pipeThrough(counter(progress)).pipeThrough(cipher, { signal }).pipeTo(new WritableStream(output), { signal });
  return output.saved;
}

function counter(progress: Progress): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new TransformStream({
    transform(chunk, controller) {
      progress.read += chunk.length;
      controller.enqueue(chunk);
    },
  });
}

/** Opens the destination at the first chunk, or at the end of an empty result. */
class Output implements UnderlyingSink<Uint8Array<ArrayBuffer>> {
  saved: Saved = {};
  #destination: Promise<Destination> | undefined;
  readonly #open: () => Promise<Destination>;
  readonly #signal: AbortSignal;
  readonly #onStage: (stage: Stage) => void;
  readonly #progress: Progress;

  constructor(open: () => Promise<Destination>, signal: AbortSignal, onStage: (stage: Stage) => void, progress: Progress) {
    this.#open = open;
    this.#signal = signal;
    this.#onStage = onStage;
    this.#progress = progress;
  }

  async write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    const destination = await this.#opened();
    // Some destinations take the chunk's memory away.
    const { length } = chunk;
    await destination.write(chunk);
    this.#progress.written += length;
  }

  async close(): Promise<void> {
    const destination = await this.#opened();
    this.#onStage("saving");
    try {
      this.saved = await destination.close();
    } catch (error) {
      await destination.abort();
      throw error;
    }
  }

  async abort(): Promise<void> {
    // Where it was never opened, or could not be, there is nothing to remove.
    const destination = await this.#destination?.catch(() => undefined);
    await destination?.abort();
  }

  #opened(): Promise<Destination> {
    this.#destination ??= this.#openNow();
    return this.#destination;
  }

  async #openNow(): Promise<Destination> {
    this.#onStage("choosing");
    const opening = this.#open();
    const aborted = new Promise<never>((_, reject) => {
      this.#signal.addEventListener("abort", () => reject(this.#signal.reason as Error), { once: true });
    });
    try {
      // A dialog cannot be closed from here; what it gives after a cancellation is removed again.
      const destination = await Promise.race([opening, aborted]);
      this.#onStage("working");
      return destination;
    } catch (error) {
      void opening.then((late) => late.abort(), () => undefined);
      throw error;
    }
  }
}
