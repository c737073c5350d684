/**
 * As much of CBOR as the identity of a passkey needs: RFC 8949 with lengths of at most 16 bits,
 * each in its shortest form.
 */

const UNSIGNED = 0;
const BYTES = 2;
const TEXT = 3;
const ARRAY = 4;

/** What the identity of a passkey says. */
export interface Credential {
  readonly id: Uint8Array<ArrayBuffer>;
  /** The domain that it belongs to. */
  readonly rpId: string;
  /** How the authenticator is reached, as WebAuthn has it: hints. */
  readonly transports: readonly string[];
}

const VERSION = 1;

/**
 * uint 1, bytes (credential), text (domain), array of text (transports), one after the other.
 *
 * @throws RangeError for one that does not fit.
 */
export function encodeCredential({ id, rpId, transports }: Credential): Uint8Array {
  const text = (each: string): number[] => {
    const bytes = new TextEncoder().encode(each);
    return [...head(TEXT, bytes.length), ...bytes];
  };
  return Uint8Array.from([
    ...head(UNSIGNED, VERSION),
    ...head(BYTES, id.length),
    ...id,
    ...text(rpId),
    ...head(ARRAY, transports.length),
    ...transports.flatMap(text),
  ]);
}

/** Undefined for what is none, or of another version. */
export function decodeCredential(bytes: Uint8Array<ArrayBuffer>): Credential | undefined {
  let at = 0;
  const argument = (major: number): number => {
    const first = bytes[at] ?? -1;
    const minor = first & 31;
    const extra = minor < 24 ? 0 : minor - 23;
    if (first >> 5 !== major || extra > 2 || at + extra >= bytes.length) throw MALFORMED;
    const argument =
      extra === 0
        ? minor
        : bytes.subarray(at + 1, at + 1 + extra).reduce((sum, byte) => (sum << 8) | byte, 0);
    at += 1 + extra;
    return argument;
  };
  const string = (major: number): Uint8Array<ArrayBuffer> => {
    const length = argument(major);
    if (at + length > bytes.length) throw MALFORMED;
    return bytes.slice(at, (at += length));
  };
  const text = (): string =>
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(string(TEXT));
  try {
    if (argument(UNSIGNED) !== VERSION) return undefined;
    const credential = {
      id: string(BYTES),
      rpId: text(),
      transports: Array.from({ length: argument(ARRAY) }, text),
    };
    return at === bytes.length && credential.id.length > 0 ? credential : undefined;
  } catch {
    return undefined;
  }
}

const MALFORMED = /* @__PURE__ */ new Error("CBOR");

function head(major: number, argument: number): number[] {
  const first = major << 5;
  if (argument < 24) return [first | argument];
  if (argument < 0x100) return [first | 24, argument];
  if (argument < 0x10000) return [first | 25, argument >> 8, argument & 0xff];
  throw new RangeError("The credential is too long for an identity");
}
