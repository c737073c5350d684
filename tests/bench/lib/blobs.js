/** Age v1 from a Blob to a sink, with and without workers. Portable. */
import * as now from "age-rt-wasm";
import { compare } from "./compare.js";
import { MIB, noise, NO_WORK, PASSPHRASE } from "./streams.js";

/** What a Blob of many bytes is made of. */
const PIECE_LEN = 16 * MIB;

/** A Blob of `length` bytes. It holds a piece of them once, so that a GiB fits everywhere. */
export function plainBlob(length) {
  const piece = new Blob([noise(MIB)]);
  const large = new Blob(Array(PIECE_LEN / MIB).fill(piece));
  const whole = Array(Math.floor(length / PIECE_LEN)).fill(large);
  return new Blob([...whole, large.slice(0, length % PIECE_LEN)]);
}

/** The same, encrypted. */
export function sealedBlob(length) {
  return now.toBlob(plainBlob(length).stream().pipeThrough(encrypting()));
}

export function encrypting(workers = 0, { AgeEncryptStream } = now) {
  return new AgeEncryptStream(PASSPHRASE, { workFactor: NO_WORK, ...asked(workers) });
}

export function decrypting(workers = 0, { AgeDecryptStream } = now) {
  return new AgeDecryptStream(PASSPHRASE, asked(workers));
}

/** An earlier release refuses an option that it does not know. */
function asked(workers) {
  return workers === 0 ? {} : { workers };
}

/**
 * Counts what comes out and drops it.
 *
 * @throws unless that were `expected` bytes: work that was not done must not count as fast.
 */
export async function toSink(readable, expected) {
  let length = 0;
  await readable.pipeTo(
    new WritableStream({
      write(chunk) {
        length += chunk.length;
      },
    }),
  );
  if (length !== expected)
    throw new Error(`${length} bytes came out where ${expected} were expected`);
}

/** @returns a Blob to encrypt or to decrypt, and how long what comes out of it is. */
export async function material(task, length) {
  const sealed = now.ciphertextSize(length, { workFactor: NO_WORK });
  return task === "encrypt"
    ? { blob: plainBlob(length), expected: sealed }
    : { blob: await sealedBlob(length), expected: length };
}

const streamOf = { encrypt: encrypting, decrypt: decrypting };

/**
 * A row: a GiB, two workers, beside an earlier release, which `--before TARBALL` has put beside
 * this package.
 */
export function besideBefore(task) {
  return {
    name: `workers-${task}-before`,
    title: `age v1 ${task} stream with \`workers: 2\`, 1 GiB from a Blob to a sink, vs the release before`,
    atLeastIn: { node: 1.6, chromium: 1.6, firefox: 1.4, webkit: 1.4 },
    async run({ quick }) {
      const before = await import("age-rt-wasm-before");
      await before.init();
      const { blob, expected } = await material(task, (quick ? 3 : 1024) * MIB);
      const through = (stream) => toSink(blob.stream().pipeThrough(stream), expected);
      return compare(
        {
          ours: () => through(streamOf[task](2)),
          theirs: () => through(streamOf[task](0, before)),
        },
        { rounds: 7, quick },
      );
    },
  };
}
