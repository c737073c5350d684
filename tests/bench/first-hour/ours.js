/** What the first hour's table asks of this package. Portable. */
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtError,
  ciphertextSize,
  decrypt,
  encrypt,
  toBlob,
} from "age-rt-wasm";

export const name = "`age-rt-wasm`";

export async function roundTrip(data, passphrase, workFactor) {
  await decrypt(await encrypt(data, passphrase, { workFactor }), passphrase);
}

/** What can be known of a file while its plaintext is still to come: [what, its value]. */
export async function known(file, passphrase) {
  let progress;
  const stream = new AgeDecryptStream(passphrase, { onDerivation: (part) => (progress = part) });
  const body = new Blob([file]).stream().pipeThrough(stream);
  const opened = await stream.opened;
  await body.cancel();
  return {
    "that the passphrase fits": true,
    "the plaintext's size": opened.plaintextSize(file.length),
    "the format": opened.format,
    "the work factor": opened.workFactor,
    "how far the derivation is": progress,
  };
}

/** The encrypted size of `length` bytes, as it is known before. */
export async function sizeOf(length, passphrase, workFactor) {
  return ciphertextSize(length, { workFactor });
}

export async function encrypted(data, passphrase, workFactor) {
  const stream = new AgeEncryptStream(passphrase, { workFactor });
  const file = await toBlob(new Blob([data]).stream().pipeThrough(stream));
  return new Uint8Array(await file.arrayBuffer());
}

/** What a program may tell an error by. */
export async function fault(file, passphrase, armored) {
  const data = armored ? new TextDecoder().decode(file) : file;
  const error = await decrypt(data, passphrase).catch((thrown) => thrown);
  return error instanceof AgeRtError ? error.code : undefined;
}
