/** The same of age-encryption. Portable. */
import { armor, Decrypter, Encrypter } from "age-encryption";

export const name = "`age-encryption` 0.3.1";

function encrypter(passphrase, workFactor) {
  const made = new Encrypter();
  made.setPassphrase(passphrase);
  made.setScryptWorkFactor(workFactor);
  return made;
}

function decrypter(passphrase) {
  const made = new Decrypter();
  made.addPassphrase(passphrase);
  return made;
}

export async function roundTrip(data, passphrase, workFactor) {
  await decrypter(passphrase).decrypt(await encrypter(passphrase, workFactor).encrypt(data));
}

export async function known(file, passphrase) {
  const body = await decrypter(passphrase).decrypt(new Blob([file]).stream());
  const size = body.size(file.length);
  await body.cancel();
  return { "that the passphrase fits": true, "the plaintext's size": size };
}

/** It tells once it has derived the key. */
export async function sizeOf(length, passphrase, workFactor) {
  const body = await encrypter(passphrase, workFactor).encrypt(new Blob([]).stream());
  return body.size(length);
}

export async function encrypted(data, passphrase, workFactor) {
  return encrypter(passphrase, workFactor).encrypt(data);
}

export async function fault(file, passphrase, armored) {
  try {
    const data = armored ? armor.decode(new TextDecoder().decode(file)) : file;
    await decrypter(passphrase).decrypt(data);
  } catch (error) {
    // A code, or a class of its own: messages may change with any release.
    return error.code ?? (error.constructor === Error ? undefined : error.name);
  }
  return undefined;
}
