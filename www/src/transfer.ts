/** One file on its way through a cipher to where it is saved. Knows no page. */
import type { Destination, Saved } from "./destinations/destination.js";
import {
  ChangedSourceError,
  DialogDismissedError,
  DownloadStoppedError,
  SavingError,
  TooLargeError,
} from "./errors.js";
import { turn } from "./turn.js";

/**
 * How long the page may be kept busy at a time, in milliseconds: well below what a person notices.
 */
const STRETCH = 8;

export type Stage = "deriving" | "choosing" | "working" | "saving";

/** What is read. */
export interface Source {
  /** In bytes, where it is known beforehand. */
  readonly size: number | undefined;
  /** In bytes, as good as it can be guessed. */
  readonly about: number;
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

export interface Transfer {
  readonly source: Source;
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
  /** Of what there is to be read, where it is known by now. */
  total: number | undefined;

  constructor(total?: number) {
    this.total = total;
  }
}

/**
 * @throws the signal's reason, an error of the package or of the source, DialogDismissedError, or
 * what kept it from being saved; nothing is left behind then.
 */
export async function transfer(
  { source, cipher, open, signal, onStage }: Transfer,
  progress: Progress,
): Promise<Saved> {
  const output = new Output(open, signal, onStage, progress);
  onStage("deriving");
  try {
    await source
      .stream()
      .pipeThrough(counter(progress, source.size))
      .pipeThrough(cipher)
      .pipeTo(new WritableStream(output), { signal });
  } catch (error) {
    // Cancelled too late: the file was complete by then.
    if (output.saved) return output.saved;
    await output.discard();
    throw error;
  }
  return output.saved as Saved;
}

/**
 * @param size - what the source has said, if it has: browsers end a file that shrinks without a
 * word.
 */
function counter(
  progress: Progress,
  size: number | undefined,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let since = performance.now();
  return new TransformStream({
    async transform(chunk, controller) {
      progress.read += chunk.length;
      controller.enqueue(chunk);
      // While the disk delivers, promises alone would keep the page from ever being drawn.
      if (performance.now() - since < STRETCH) return;
      await turn();
      since = performance.now();
    },
    flush() {
      if (size !== undefined && progress.read !== size) throw new ChangedSourceError();
    },
  });
}

/** Opens the destination at the first chunk, or at the end of an empty result. */
class Output implements UnderlyingSink<Uint8Array<ArrayBuffer>> {
  /** Set when it is closed. */
  saved: Saved | undefined;
  #opening: Promise<Destination> | undefined;
  readonly #open: () => Promise<Destination>;
  readonly #onStage: (stage: Stage) => void;
  readonly #progress: Progress;
  /**
   * A stream waits for a write that is under way before it aborts, but a dialog or a paused
   * download may take for ever.
   */
  readonly #aborted: Promise<never>;

  constructor(
    open: () => Promise<Destination>,
    signal: AbortSignal,
    onStage: (stage: Stage) => void,
    progress: Progress,
  ) {
    this.#open = open;
    this.#onStage = onStage;
    this.#progress = progress;
    this.#aborted = new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
    this.#aborted.catch(() => undefined);
  }

  async write(chunk: Uint8Array<ArrayBuffer>): Promise<void> {
    const destination = await this.#destination();
    // Some destinations take the chunk's memory away.
    const { length } = chunk;
    await Promise.race([whileSaving(destination.write(chunk)), this.#aborted]);
    this.#progress.written += length;
  }

  async close(): Promise<void> {
    const destination = await this.#destination();
    this.#onStage("saving");
    this.saved = await whileSaving(destination.close());
  }

  /** Removes what was written, now or, where a dialog is still open, when it is answered. */
  async discard(): Promise<void> {
    const discarded = this.#opening?.then((destination) => destination.abort());
    await Promise.race([discarded, this.#aborted]).catch(() => undefined);
  }

  async #destination(): Promise<Destination> {
    if (!this.#opening) {
      this.#onStage("choosing");
      this.#opening = whileSaving(this.#open());
      await Promise.race([this.#opening, this.#aborted]);
      this.#onStage("working");
    }
    return Promise.race([this.#opening, this.#aborted]);
  }
}

/**
 * Tells what keeps a result from being saved from everything else, a blocked file's AbortError from
 * a person's.
 */
export async function whileSaving<T>(step: Promise<T>): Promise<T> {
  try {
    return await step;
  } catch (error) {
    const known = [DialogDismissedError, DownloadStoppedError, TooLargeError];
    if (known.some((kind) => error instanceof kind)) throw error;
    throw new SavingError(undefined, { cause: error });
  }
}
