/**
 * A backup script: encrypts every file of a folder into another, and restores it.
 *
 * Nothing half done gets a file's own name: each is written beside its place and renamed when it is
 * whole. One key is derived, for a random secret; the files are encrypted with that, so that a
 * thousand of them do not take a thousand derivations.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable, Writable } from "node:stream";
import { AgeDecryptStream, AgeEncryptStream, ciphertextSize, decrypt, encrypt } from "age-rt-wasm";

const SECRET = "secret.age";
/** Safe for a secret that nobody can guess, and for nothing else. */
const FAST = { workFactor: 1 };

/**
 * @returns how many files were written. Those that have the right size already are left as they
 * are.
 */
export async function backup(from, to, passphrase, { signal } = {}) {
  await mkdir(to, { recursive: true });
  const secret = await secretOf(to, passphrase, signal).catch(async (error) => {
    if (error.code !== "ENOENT") throw error;
    const made = Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64");
    await writeFile(join(to, SECRET), await encrypt(made, passphrase, { signal }), { flag: "wx" });
    return made;
  });
  let written = 0;
  for (const name of await filesOf(from)) {
    const target = join(to, `${name}.age`);
    const { size } = await stat(join(from, name));
    const there = await stat(target).catch(() => undefined);
    if (there?.size === ciphertextSize(size, FAST)) continue;
    await through(join(from, name), new AgeEncryptStream(secret, { ...FAST, signal }), target);
    written += 1;
  }
  return written;
}

/**
 * @returns the files that could not be restored, each with its error; the others are in their
 * places.
 */
export async function restore(from, to, passphrase, { signal } = {}) {
  const secret = await secretOf(from, passphrase, signal);
  const failed = [];
  for (const name of (await filesOf(from)).filter((found) => found !== SECRET)) {
    const target = join(to, name.replace(/\.age$/, ""));
    const stream = new AgeDecryptStream(secret, { maxWorkFactor: 1, signal });
    await through(join(from, name), stream, target).catch((error) => {
      if (signal?.aborted) throw error;
      failed.push({ name, error });
    });
  }
  return failed;
}

async function secretOf(folder, passphrase, signal) {
  const wrapped = await readFile(join(folder, SECRET));
  return new TextDecoder().decode(
    await decrypt(wrapped, passphrase, { maxWorkFactor: 18, signal }),
  );
}

async function filesOf(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".part"));
  return files.map(({ parentPath, path, name }) =>
    join(parentPath ?? path, name).slice(folder.length + 1),
  );
}

async function through(source, stream, target) {
  const part = `${target}.part`;
  await mkdir(dirname(target), { recursive: true });
  try {
    await Readable.toWeb(createReadStream(source))
      .pipeThrough(stream)
      // Writable.toWeb() takes the mark as a number of chunks, before Node 26: 16 of them at most.
      .pipeTo(Writable.toWeb(createWriteStream(part, { highWaterMark: 16 })));
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
