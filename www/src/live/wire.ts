/**
 * The wire of one direction: it lets every chunk be seen, and does to one of them what an attacker
 * could.
 */

export type Fault = "drop" | "repeat" | "swap" | "flip-length" | "flip" | "flip-tag";
/** What an attacker plays who opens a connection of their own. */
export type Attack = "replay" | "reflect";

/** What passes: the header with its nonce first, then chunks. */
export interface Passing {
  /** Undefined for the header. */
  readonly index: number | undefined;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly final: boolean;
  readonly mark: Fault | Attack | undefined;
}

export interface WireEvents {
  /** Asked for every chunk; what it gives is done to that one. */
  readonly takeFault?: () => Fault | undefined;
  readonly onPassing: (passing: Passing) => void;
  /** What all of it is. */
  readonly attack?: Attack;
}

/**
 * Bytes of the length in front of every chunk, of the tag at its end, and of the nonce behind the
 * header.
 */
export const LENGTH = 4;
export const TAG = 16;
const NONCE = 16;

export class Wire {
  /**
   * Set by the sender when the next chunk is its last: only the nonce says so, and that is not
   * sent.
   */
  closing = false;
  /** All that was sent, as it was sent. */
  readonly sent: Uint8Array<ArrayBuffer>[] = [];
  readonly #events: WireEvents;
  #count = -1;
  #held: Passing | undefined;

  constructor(events: WireEvents) {
    this.#events = events;
  }

  /**
   * @param bytes - whole chunks; of the first, the header and the nonce too.
   *
   * @returns what is delivered.
   */
  pass(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
    // A copy: a chunk's memory may be gone once the receiver has it.
    this.sent.push(bytes.slice());
    const delivered: Uint8Array<ArrayBuffer>[] = [];
    for (let at = 0; at < bytes.length;) {
      const end = this.#count < 0 ? headerLength(bytes) + NONCE : at + chunkLength(bytes, at);
      this.#one(bytes.slice(at, end), delivered);
      at = end;
    }
    return delivered;
  }

  #one(bytes: Uint8Array<ArrayBuffer>, delivered: Uint8Array<ArrayBuffer>[]): void {
    const { takeFault, onPassing, attack } = this.#events;
    const index = this.#count < 0 ? undefined : this.#count;
    this.#count += 1;
    const fault = index === undefined || this.#held ? undefined : takeFault?.();
    const passing: Passing = {
      index,
      bytes: changed(bytes, fault),
      final: this.closing,
      mark: this.#held ? "swap" : (fault ?? attack),
    };
    if (fault === "swap") {
      this.#held = passing;
      return;
    }
    onPassing(passing);
    if (fault === "drop") return;
    delivered.push(passing.bytes);
    const second = fault === "repeat" ? { ...passing, bytes: bytes.slice() } : this.#held;
    this.#held = undefined;
    if (!second) return;
    onPassing(second);
    delivered.push(second.bytes);
  }
}

/** Its last line is the one that begins with "---". */
export function headerLength(bytes: Uint8Array): number {
  const text = String.fromCharCode(...bytes);
  return text.indexOf("\n", text.indexOf("\n---") + 1) + 1;
}

function chunkLength(bytes: Uint8Array<ArrayBuffer>, at: number): number {
  return LENGTH + new DataView(bytes.buffer, bytes.byteOffset + at).getUint32(0);
}

/**
 * With one bit the other way round: of the length, of what was encrypted, or of the tag, which is
 * all there is where the message is empty.
 */
function changed(
  bytes: Uint8Array<ArrayBuffer>,
  fault: Fault | undefined,
): Uint8Array<ArrayBuffer> {
  if (fault !== "flip-length" && fault !== "flip" && fault !== "flip-tag") return bytes;
  const at = { "flip-length": 0, flip: LENGTH, "flip-tag": bytes.length - 1 }[fault];
  const other = bytes.slice();
  other[at] = (other[at] ?? 0) ^ 1;
  return other;
}
