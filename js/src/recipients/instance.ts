/** The three modules of keys: loading, calls, and what a trap leaves. */
import { instantiate } from "../engine/generated/keys-glue.js";
import { AgeRtError, HeaderParseError, InvalidKeyError, NotSupportedError } from "../index.js";
import { noRandom } from "../random.js";
import { hybridModule, p256Module, recipientsModule } from "./module.js";

/**
 * What the bindings in `src/wasm/recipients.rs`, `hybrid.rs` and `p256.rs` give: integers in,
 * integers out.
 */
interface Instance {
  readonly memory: WebAssembly.Memory;
  readonly exports: Record<string, (len: number) => number>;
  end(): void;
}

/** No error: the stanza is for somebody else. */
const NO_MATCH = -1;
/** An error's result is this minus its code's place in the list of codes. */
const FIRST_ERROR = -16;
/** Those codes that these modules know (`src/error/code.rs`). */
const NO_RANDOM = 3;
const OUT_OF_MEMORY = 4;
const INVALID_HEADER = 16;
const INVALID_RECIPIENT = 28;

/** One module, compiled at its first use, and its one instance. */
export class KeyModule {
  private instance: Promise<Instance> | undefined;

  constructor(private readonly source: () => Promise<WebAssembly.Module>) {}

  /**
   * Loads the module unless it is there: concurrent calls share one load, and the next call after a
   * failure tries again.
   */
  async ready(): Promise<Calls> {
    const loading = (this.instance ??= this.load());
    try {
      const instance = await loading;
      return (name, parts, lengths) => this.call(loading, instance, name, parts, lengths);
    } catch (error) {
      this.forget(loading);
      throw error;
    }
  }

  private async load(): Promise<Instance> {
    if (typeof WebAssembly !== "object")
      throw new NotSupportedError("no-webassembly", "This host has no WebAssembly");
    try {
      return instantiate(await this.source()) as Instance;
    } catch (error) {
      // The file did not come, or the host cannot unpack it: that is said already.
      if (error instanceof NotSupportedError) throw error;
      // These bytes are known to be good, so that only a policy or the lack of memory is left.
      throw error instanceof RangeError ? outOfMemory(error) : blocked(error);
    }
  }

  private forget(loading: Promise<Instance>): void {
    if (this.instance === loading) this.instance = undefined;
  }

  private call(
    loading: Promise<Instance>,
    instance: Instance,
    name: string,
    parts: readonly Uint8Array[],
    lengths: readonly number[],
  ): Uint8Array<ArrayBuffer>[] | null {
    // Somebody else's call has trapped meanwhile. Its memory is wiped, tables of the ciphers too:
    // what it computes now would be no cryptography.
    if (this.instance !== loading) throw trapped(undefined);
    let slot: Uint8Array | undefined;
    let used = 0;
    try {
      const at = (instance.exports["slot"] as (len: number) => number)(0) >>> 0;
      slot = new Uint8Array(instance.memory.buffer, at);
      for (const part of parts) {
        slot.set(part, used);
        used += part.length;
      }
      const result = (instance.exports[name] as (len: number) => number)(used);
      if (result === NO_MATCH) return null;
      if (result < 0) throw failure(FIRST_ERROR - result);
      // The memory may have grown meanwhile.
      slot = new Uint8Array(instance.memory.buffer, at);
      used = Math.max(used, result);
      let from = 0;
      return lengths.map((len) => (slot as Uint8Array).slice(from, (from += len))) as Out[];
    } catch (error) {
      if (error instanceof AgeRtError) throw error;
      // A trap: nothing in the instance can be relied on any more.
      this.forget(loading);
      instance.end();
      throw trapped(error);
    } finally {
      if (slot?.length) slot.fill(0, 0, used);
    }
  }
}

type Out = Uint8Array<ArrayBuffer>;

/**
 * Calls the function `name` with its arguments, one after the other; what it gives, cut into these
 * lengths. Null: for somebody else.
 */
export type Calls = (
  name: string,
  parts: readonly Uint8Array[],
  lengths: readonly number[],
) => Out[] | null;

export const recipients = /* @__PURE__ */ new KeyModule(recipientsModule);
/** The KEMs of post-quantum keys, X25519 of the hybrid included. No file key comes there. */
export const hybrid = /* @__PURE__ */ new KeyModule(hybridModule);
export const p256 = /* @__PURE__ */ new KeyModule(p256Module);

function failure(code: number): AgeRtError {
  switch (code) {
    case NO_RANDOM:
      return noRandom();
    case OUT_OF_MEMORY:
      return outOfMemory();
    case INVALID_HEADER:
      return malformed("its share is a point of low order");
    case INVALID_RECIPIENT:
      return new InvalidKeyError(
        "invalid-recipient",
        "The recipient is no public key that can be encrypted to: its point is not on the curve, or of low order",
      );
    default:
      return trapped(undefined);
  }
}

/** The file names one of our types, and then breaks its rules. */
export function malformed(what: string): HeaderParseError {
  return new HeaderParseError(
    "invalid-header",
    `A stanza of the header is malformed: ${what}. The file is damaged`,
  );
}

function blocked(cause: unknown): NotSupportedError {
  return new NotSupportedError(
    "wasm-blocked",
    "This page or host forbids to compile WebAssembly: allow 'wasm-unsafe-eval' in the Content-Security-Policy",
    { cause },
  );
}

function outOfMemory(cause?: unknown): NotSupportedError {
  return new NotSupportedError("out-of-memory", "The host has no memory left", { cause });
}

function trapped(cause: unknown): AgeRtError {
  return new AgeRtError(
    "internal",
    "The WebAssembly module of keys failed: a fault of age-rt-wasm, not of your data",
    { cause },
  );
}
