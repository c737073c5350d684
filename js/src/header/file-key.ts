/** The file key of a header, for those who keep headers apart from payloads. */
import { type Bytes, type Out, toBytes } from "../bytes.js";
import { InvalidKeyError } from "../errors.js";
import { HeaderKeys } from "../index.js";
import type { DecryptKey, Identity } from "../keys/recipient.js";
import { type DecryptOptions, readOptions } from "../options.js";
import { follow } from "../signal.js";
import { readHeader } from "./read.js";

const FILE_KEY_LEN = 16;

/**
 * The file key that a header holds. Whoever has it can read the file's payload, change it, and make
 * other headers for it. Keep it as you keep the passphrase, and overwrite it once you do not need
 * it. The header's MAC is checked.
 *
 * @param header - What {@link splitHeader} gives; what follows a header, as in a whole file, is not
 * looked at.
 * @returns 16 bytes.
 * @throws (rejects) HeaderParseError, WrongPassphraseError, StreamTruncatedError, DecodeError;
 * NotSupportedError; TypeError, RangeError; the signal's reason; what an identity throws.
 *
 * @example
 * ```js
 * import { decryptHeader, fileKeyIdentity, splitHeader } from "age-rt-wasm/header";
 *
 * const { header } = await splitHeader(encrypted);
 * const fileKey = await decryptHeader(header, passphrase);
 * // Without a second derivation:
 * show(await decrypt(encrypted, fileKeyIdentity(fileKey)));
 * fileKey.fill(0);
 * ```
 */
export async function decryptHeader(
  header: Bytes,
  key: DecryptKey,
  options?: Pick<DecryptOptions, "maxWorkFactor" | "signal" | "onDerivation">,
): Promise<Out> {
  const bytes = toBytes(header);
  const read = readOptions(options, ["maxWorkFactor", "signal", "onDerivation"]);
  const keys = new HeaderKeys(key, [], read);
  const abort = new AbortController();
  const ignoreSignal = follow(read.signal, (reason) => abort.abort(reason));
  try {
    await keys.begin(abort.signal);
    const { header: own, end } = await readHeader(bytes);
    await end();
    keys.take(own);
    return await keys.fileKey(abort.signal);
  } finally {
    ignoreSignal();
    keys.drop();
  }
}

/**
 * Opens the one file whose file key this is, without any derivation: a retry, a resumed download,
 * or a second reader. The header's MAC is checked with it, so that another file, or a changed
 * header, is `header-mac`. Nothing of the key is shown by `toString()`, JSON or a console.
 *
 * @param fileKey - What {@link decryptHeader} gives. It is copied: overwrite your own once it is
 * not needed.
 * @throws InvalidKeyError `invalid-identity` for what has not 16 bytes; TypeError.
 *
 * @example
 * ```js
 * import { decryptHeader, fileKeyIdentity, splitHeader } from "age-rt-wasm/header";
 * import { AgeReader } from "age-rt-wasm/reader";
 *
 * const { header } = await splitHeader(encrypted);
 * const key = fileKeyIdentity(await decryptHeader(header, passphrase));
 * const readers = await Promise.all([AgeReader.open(encrypted, key), AgeReader.open(encrypted, key)]);
 * console.log(readers.map(({ size }) => size).join()); // 180000,180000
 * ```
 */
export function fileKeyIdentity(fileKey: Bytes): Identity {
  const own = new Uint8Array(toBytes(fileKey));
  if (own.length !== FILE_KEY_LEN)
    throw new InvalidKeyError(
      "invalid-identity",
      `A file key has ${FILE_KEY_LEN} bytes, and this has ${own.length}`,
    );
  // A copy each time: what an identity gives is wiped.
  return Object.freeze({ unwrapFileKey: () => own.slice() });
}
