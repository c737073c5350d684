/**
 * The cores behind the public encoders and decoders. Streams know those objects by this alone, and
 * load none of their classes.
 */
import type { Format } from "../options.js";
import { plainError } from "../engine/core-errors.js";

/** What encoders' and decoders' cores have in common. */
interface Core {
  /** An iterator that has started works with it. */
  claimed: boolean;
  readonly freed: boolean;
  /**
   * @throws what it has failed with; TypeError if it was used: one encoder or decoder is one
   * stream.
   */
  checkUnused(): void;
}

/** The cores of all public objects of one kind, out of reach for everyone else. */
export class Kept<C extends Core> {
  readonly #all = new WeakMap<object, { readonly format: Format | "auto"; core: C | undefined }>();
  readonly #method: string;
  readonly #expected: string;

  /**
   * @param method - a method that only these objects have.
   * @param expected - what callers should have handed in, for the message.
   */
  constructor(method: string, expected: string) {
    this.#method = method;
    this.#expected = expected;
  }

  add(object: object, format: Format | "auto", core: C): void {
    this.#all.set(object, { format, core });
  }

  /** Whether `value` is such an object, for this format. */
  has(value: unknown, format: Format | "auto"): boolean {
    return this.#all.get(value as object)?.format === format;
  }

  /** @throws TypeError for anything else; StateError `freed`. */
  of(object: object): C {
    const kept = this.#all.get(object);
    if (!kept) throw new TypeError(this.mistake(object, this.#expected));
    if (!kept.core || kept.core.freed) throw plainError("freed");
    return kept.core;
  }

  /** For a call between iterations. @throws as `of()`; StateError `in-use`. */
  unclaimed(object: object): C {
    const core = this.of(object);
    if (core.claimed) throw plainError("in-use");
    return core;
  }

  /**
   * For an iterator that starts, until it gives the core up: two would each get, or seal, a part of
   * the stream.
   *
   * @throws as `unclaimed()`.
   */
  claim(object: object): C {
    const core = this.unclaimed(object);
    core.claimed = true;
    return core;
  }

  /**
   * For a stream, which owns the core from now on: for everyone else the object is freed.
   *
   * @throws as `unclaimed()`; TypeError if it was used.
   */
  take(object: object): C {
    const core = this.unclaimed(object);
    core.checkUnused();
    (this.#all.get(object) as { core: C | undefined }).core = undefined;
    return core;
  }

  /** The object itself, which may be of any other kind, or have no core any more. */
  peek(object: object): C | undefined {
    return this.#all.get(object)?.core;
  }

  /**
   * What to say of a value that is not what was expected, although it may look like such an object.
   */
  mistake(value: unknown, expected: string): string {
    const ours = this.#all.has(value as object);
    if (
      ours ||
      typeof (value as Record<string, unknown> | null | undefined)?.[this.#method] !== "function"
    )
      return `Expected ${expected}`;
    return "This object is of another copy of age-rt-wasm, or behind a proxy: load the package once, and keep the object out of reactive state (markRaw() in Vue)";
  }
}
