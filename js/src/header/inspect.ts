import { type Bytes, type Out, toBytes } from "../bytes.js";
import { isBlob } from "../codec/blob.js";
import { chunksOf, TAG_LEN } from "../sizes.js";
import { collected, readHeader, sizeOf } from "./read.js";

const NONCE_LEN = 16;
const CHUNK_LEN = 65_536;
const AGE = "age-encryption.org/";

/** Types that a later quantum computer opens, and types that it does not. */
const CLASSIC = new Set(["X25519", "ssh-rsa", "ssh-ed25519", "piv-p256", "p256tag"]);
const POSTQUANTUM = new Set([
  "scrypt",
  "mlkem768x25519",
  "mlkem768p256tag",
  "age-encryption.org/fido2prf",
]);

/**
 * What a file says of itself. Its first four names and `sizes` are those of `age-inspect --json`.
 */
export interface Inspection {
  /** The first line, without parameters: `age-encryption.org/v1`. */
  version: string;
  /** Which of the two formats the first line names. */
  format: "age" | "age-rt";
  /**
   * Whether the file is safe if an attacker records it now and has a quantum computer later: `no`
   * if one of its recipients can be broken.
   */
  postquantum: "yes" | "no" | "unknown";
  /** Whether the file is armored text. */
  armor: boolean;
  /** The types of the stanzas, in order. Anybody can add some that open nothing. */
  stanza_types: string[];
  /** scrypt's log2(N), for a file with a passphrase. */
  workFactor?: number;
  /** How many stanzas there are. */
  recipients: number;
  /**
   * In bytes, of an age file whose size is known; header, armor, overhead, payload and padding sum
   * to it.
   */
  sizes?: {
    /** The header, without the armor around it. */
    header: number;
    /** What the armor adds; 0 without one. */
    armor: number;
    /** The nonce, and the tag of each chunk. */
    overhead: number;
    /** The least plaintext that the payload can hold. */
    min_payload: number;
    /** The most plaintext that the payload can hold: all of it, as no age file is padded today. */
    max_payload: number;
    /** The least padding. */
    min_padding: number;
    /** The most padding. */
    max_padding: number;
  };
}

/**
 * What a file is, from its header alone: nothing is decrypted, and no MAC is checked, so anybody
 * can have written what this tells.
 *
 * A stream is read no further than the header, and then cancelled. An armored file is read through
 * once, for its sizes.
 *
 * @param file - An age or age-rt file, armored or not.
 * @throws (rejects) HeaderParseError, StreamTruncatedError, DecodeError; SourceError; TypeError.
 *
 * @example
 * ```js
 * import { inspect } from "age-rt-wasm/header";
 *
 * const { format, stanza_types, sizes } = await inspect(encrypted);
 * console.log(format, stanza_types.join(), sizes.header + sizes.overhead + sizes.max_payload === encrypted.size); // age scrypt true
 * ```
 */
export async function inspect(
  file: Bytes | Blob | string | ReadableStream<Bytes>,
): Promise<Inspection> {
  const { header, armored, rest, end } = await readHeader(file);
  try {
    const lines = new TextDecoder().decode(header).split("\n");
    const [version = "", parameter] = (lines[0] as string).split("?");
    const stanzas = lines
      .filter((line) => line.startsWith("-> "))
      .map((line) => line.slice("-> ".length).split(" "));
    const types = stanzas.map(([type]) => type as string);
    const format = version.startsWith(AGE) ? "age" : "age-rt";
    const [only = []] = stanzas;
    const inspection: Inspection = {
      version,
      format,
      postquantum: types.some((type) => CLASSIC.has(type))
        ? "no"
        : types.some((type) => POSTQUANTUM.has(type))
          ? "yes"
          : "unknown",
      armor: armored,
      stanza_types: types,
      ...(only[0] === "scrypt" ? { workFactor: Number(only[2]) } : {}),
      recipients: types.length,
    };
    const size = sizeOf(file);
    if (size === undefined || format === "age-rt") return inspection;
    let binary = size;
    if (armored) {
      binary = header.length;
      for await (const piece of rest) binary += piece.byteLength;
    }
    const chunkLen = parameter === undefined ? CHUNK_LEN : Number(parameter.split("=")[1]);
    const sealed = binary - header.length - NONCE_LEN;
    const payload = sealed - chunksOf(sealed, chunkLen) * TAG_LEN;
    return {
      ...inspection,
      sizes: {
        header: header.length,
        armor: size - binary,
        overhead: binary - header.length - payload,
        min_payload: payload,
        max_payload: payload,
        min_padding: 0,
        max_padding: 0,
      },
    };
  } finally {
    await end();
  }
}

/**
 * A header apart from its payload. The two parts joined are the file again, out of its armor if it
 * had one.
 *
 * Whoever has the header and its key can open the payload; without the header nobody can.
 *
 * @param file - An age or age-rt file, armored or not; an armored one is read through once.
 * @returns the header; and the payload, nonce included, which shares the bytes of a Blob that is
 * not armored.
 * @throws (rejects) HeaderParseError, StreamTruncatedError, DecodeError; SourceError; TypeError.
 *
 * @example
 * ```js
 * import { splitHeader } from "age-rt-wasm/header";
 *
 * const { header, payload } = await splitHeader(encrypted);
 * show(await decrypt(new Blob([header, payload]), passphrase));
 * ```
 */
export async function splitHeader(file: Bytes | Blob): Promise<{
  /** The header, from the version line to its MAC, without armor. */
  header: Out;
  /** What follows it: nonce and chunks. */
  payload: Blob;
}> {
  const { header, armored, rest, end } = await readHeader(file);
  try {
    if (armored) return { header, payload: await collected(rest) };
    const payload = isBlob(file)
      ? file.slice(header.length)
      : new Blob([toBytes(file).subarray(header.length) as Out]);
    return { header, payload };
  } finally {
    await end();
  }
}
