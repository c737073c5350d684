/** The wire of one direction: it lets every chunk be seen, and does to one of them what an attacker could. */

export type Fault = "drop" | "repeat" | "swap" | "flip";

/** What passes: the header with its nonce first, then chunks. */
export interface Passing {
  /** Undefined for the header. */
  readonly index: number | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly final: boolean;
  readonly fault: Fault | undefined;
}

/** Bytes of the length in front of every chunk, and of the tag at its end. */
export const LENGTH = 4;
export const TAG = 16;

export class Wire implements Transformer<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  /** Set by the sender when the next chunk is its last: only the nonce says so, and that is not sent. */
  closing = false;
  readonly #takeFault: () => Fault | undefined;
  readonly #onPassing: (passing: Passing) => void;
  #count = -1;
  #held: Passing | undefined;

  /** @param takeFault - asked at every chunk; what it gives is done to that chunk. */
  constructor(takeFault: () => Fault | undefined, onPassing: (passing: Passing) => void) {
    this.#takeFault = takeFault;
    this.#onPassing = onPassing;
  }

  transform(
    bytes: Uint8Array<ArrayBuffer>,
    controller: TransformStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): void {
    const index = this.#count < 0 ? undefined : this.#count;
    this.#count += 1;
    const fault = index === undefined || this.#held ? undefined : this.#takeFault();
    const passing: Passing = {
      index,
      bytes: fault === "flip" ? flipped(bytes) : bytes,
      final: this.closing,
      fault: this.#held ? "swap" : fault,
    };
    if (fault === "swap") {
      this.#held = passing;
      return;
    }
    this.#onPassing(passing);
    if (fault === "drop") return;
    controller.enqueue(passing.bytes);
    // A copy: a chunk's memory may be gone once the receiver has it.
    if (fault === "repeat") this.#pass({ ...passing, bytes: bytes.slice() }, controller);
    if (this.#held) {
      this.#pass(this.#held, controller);
      this.#held = undefined;
    }
  }

  #pass(
    passing: Passing,
    controller: TransformStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ): void {
    this.#onPassing(passing);
    controller.enqueue(passing.bytes);
  }
}

/** One bit of what was encrypted; of the tag, where the message is empty. */
function flipped(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const changed = bytes.slice();
  changed[LENGTH] = (changed[LENGTH] ?? 0) ^ 1;
  return changed;
}
