/** Files to and from an HTTP server, encrypted on the way: web-platform globals only. */
import { AgeDecryptStream, AgeEncryptStream, ciphertextSize } from "age-rt-wasm";
import { sameBytes } from "./messages.js";

export const PASSPHRASE = "a passphrase";
export const LOW = { workFactor: 1 };
const BLOCK_LEN = 65_536;
/** Of an upload, what is there from the start. */
const FIRST_LEN = 1_000_000;

/** Blocks that tell their place, so that a missing or a repeated one shows. */
export function* blocks(length) {
  for (let start = 0; start < length; start += BLOCK_LEN) {
    const block = new Uint8Array(Math.min(BLOCK_LEN, length - start));
    for (let i = 0; i < block.length; i += 1) block[i] = (start / BLOCK_LEN) * 31 + i * 7;
    yield block;
  }
}

export function fileOf(length) {
  const iterator = blocks(length);
  return new ReadableStream({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** Reads a file to its end. @returns its length; throws at the first chunk that is another. */
export async function checked(reader, length, first) {
  let received = 0;
  for (const block of blocks(length)) {
    const { done, value } = first ?? (await reader.read());
    first = undefined;
    if (done || !sameBytes(value, block))
      throw new Error(`the file is another after ${received} bytes`);
    received += value.length;
  }
  if (!(await reader.read()).done) throw new Error("the file is longer");
  return received;
}

/** Tells the server of the first plaintext, before which it does not go on. */
export async function download(origin, length) {
  const { body } = await fetch(`${origin}/download`);
  const reader = body.pipeThrough(new AgeDecryptStream(PASSPHRASE)).getReader();
  const first = await reader.read();
  await fetch(`${origin}/first-plaintext`, { method: "POST" });
  return checked(reader, length, first);
}

/** As a stream: the rest of the file is not there before the server has plaintext of its start. */
export async function upload(origin, length) {
  const iterator = blocks(length);
  let read = 0;
  const file = new ReadableStream({
    async pull(controller) {
      const { done, value } = iterator.next();
      if (done) return controller.close();
      if (read < FIRST_LEN && read + value.length >= FIRST_LEN)
        await fetch(`${origin}/upload-started`);
      read += value.length;
      controller.enqueue(value);
    },
  });
  const body = file.pipeThrough(new AgeEncryptStream(PASSPHRASE, LOW));
  return (await fetch(`${origin}/upload`, { method: "POST", body, duplex: "half" })).text();
}

/** As a Blob, whose parts the browser may keep on its disk, where requests cannot be streams. */
export async function uploadBlob(origin, length) {
  const parts = [];
  const ciphertext = fileOf(length).pipeThrough(new AgeEncryptStream(PASSPHRASE, LOW)).getReader();
  for (let next = await ciphertext.read(); !next.done; next = await ciphertext.read())
    parts.push(new Blob([next.value]));
  const body = new Blob(parts);
  if (body.size !== ciphertextSize(length, LOW))
    throw new Error(`${body.size} bytes, announced as ${ciphertextSize(length, LOW)}`);
  return (await fetch(`${origin}/upload`, { method: "POST", body })).text();
}
