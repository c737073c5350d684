/**
 * What the types of recipients have in common: their stanzas, and the search for the one that
 * opens.
 */
import { lengthOf } from "../bytes.js";
import { nextTurn } from "../engine/host.js";
import { decodeBase64 } from "./base64.js";
import { malformed } from "./instance.js";
import type { Stanza } from "../keys/recipient.js";

/** Bytes of a file key, and of a sealed one. */
export const FILE_KEY_LENGTH = 16;
export const BODY_LENGTH = 32;

/** A stanza's body and its arguments behind the type, of exactly these lengths. */
export interface Parsed {
  readonly values: Uint8Array[];
  readonly body: Uint8Array;
}

/**
 * @throws HeaderParseError `invalid-header` for a stanza of this type that breaks the type's rules.
 * A body of another length could hold many keys, and tell which of them was used.
 */
export function parse(stanza: Stanza, lengths: readonly number[], bodyLength?: number): Parsed {
  const [type, ...texts] = stanza.args;
  const values = texts.map((text, i) => decodeBase64(text, lengths[i] ?? -1));
  if (texts.length !== lengths.length || values.some((value) => !value))
    throw malformed(`the arguments of ${type} are not what they must be`);
  if (bodyLength !== undefined && lengthOf.call(stanza.body) !== bodyLength)
    throw malformed(`the body of ${type} has not ${bodyLength} bytes`);
  return { values: values as Uint8Array[], body: stanza.body };
}

/** Whether there is a stanza of a type. For a file without one, no module is loaded. */
export function hasAny(stanzas: readonly Stanza[], type: string): boolean {
  return stanzas.some(({ args }) => args[0] === type);
}

/**
 * Tries each stanza of a type until one opens. A header may have thousands of them, so that the
 * thread is given free between, and an abort heard.
 */
export async function firstThatOpens(
  stanzas: readonly Stanza[],
  type: string,
  signal: AbortSignal | undefined,
  open: (stanza: Stanza) => Uint8Array | null | Promise<Uint8Array | null>,
): Promise<Uint8Array | null> {
  for (const stanza of stanzas) {
    if (stanza.args[0] !== type) continue;
    if (isSliceSpent()) {
      await nextTurn();
      signal?.throwIfAborted();
    }
    const fileKey = await open(stanza);
    if (fileKey) return fileKey;
  }
  return null;
}

/** Milliseconds that the thread is held at most: half of what a page has between two frames. */
const SLICE_MS = 8;

/**
 * When the present task has held the thread for long enough: of all identities that are tried in
 * it, one after the other.
 */
let sliceEnd: number | undefined;

function isSliceSpent(): boolean {
  if (sliceEnd === undefined) {
    sliceEnd = performance.now() + SLICE_MS;
    void nextTurn().then(() => {
      sliceEnd = undefined;
    });
  }
  return performance.now() >= sliceEnd;
}
