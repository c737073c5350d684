/** Whose memory it is: the caller's again once a write resolves, the reader's from then on. */
import {
  AgeDecryptStream,
  AgeEncryptStream,
  AgeRtDecryptStream,
  AgeRtEncryptStream,
  decrypt,
} from "age-rt-wasm";
import { assert, test } from "../harness.js";
import { chunksOf } from "../lib/streams.js";
import { concat, detach, lengths } from "./lib/bytes.js";
import { drain, failure, FINE } from "./lib/fate.js";
import { makeFile, PASSPHRASE, QUICK } from "./lib/files.js";
import { Random, seed } from "./lib/random.js";

const random = new Random();

const ENCRYPTING = {
  AgeEncryptStream: (options) => new AgeEncryptStream(PASSPHRASE, { ...QUICK, ...options }),
  AgeRtEncryptStream: (options) => new AgeRtEncryptStream(PASSPHRASE, { ...QUICK, ...options }),
};
const DECRYPTING = {
  AgeDecryptStream: ["age", () => new AgeDecryptStream(PASSPHRASE)],
  AgeRtDecryptStream: ["age-rt", () => new AgeRtDecryptStream(PASSPHRASE)],
};

for (const [name, make] of Object.entries(ENCRYPTING)) {
  test(`${name}: a buffer can be used again once its write has resolved (seed ${seed})`, async () => {
    const { readable, writable } = make();
    const read = chunksOf(readable);
    const writer = writable.getWriter();
    const buffer = new Uint8Array(40_000);
    const plaintext = [];
    for (let i = 0; i < 6; i += 1) {
      buffer.set(random.bytes(buffer.length));
      plaintext.push(buffer.slice());
      await writer.write(buffer);
      buffer.fill(0xee);
    }
    await writer.close();
    assert.bytesEqual(await decrypt(concat(...(await read)), PASSPHRASE), concat(...plaintext));
  });

  for (const [what, spoil] of [
    ["changed", (buffer) => buffer.fill(0xee)],
    ["detached", (buffer) => detach(buffer.buffer)],
  ]) {
    test(`${name}: a buffer that is ${what} while the key is derived was taken as it was`, async () => {
      const { readable, writable } = make({ workFactor: 14 });
      const read = chunksOf(readable);
      const writer = writable.getWriter();
      const buffer = new Uint8Array(1000).fill(1);
      const written = writer.write(buffer);
      // Long enough for the write to begin, and far too short for the key.
      await new Promise((resolve) => setTimeout(resolve, 0));
      spoil(buffer);
      await written;
      await writer.close();
      assert.bytesEqual(
        await decrypt(concat(...(await read)), PASSPHRASE),
        new Uint8Array(1000).fill(1),
      );
    });
  }

  test(`${name}: a buffer that is detached before its turn is a TypeError`, async () => {
    const { readable, writable } = make();
    const writer = writable.getWriter();
    const read = drain(readable.getReader());
    const late = new Uint8Array(10);
    const first = failure(writer.write(new Uint8Array(10)));
    const second = failure(writer.write(late));
    detach(late.buffer);
    const error = await second;
    assert.ok(error instanceof TypeError && (await read).error === error);
    assert.equal(await first, FINE);
  });

  test(`${name}: a buffer that is detached partway is a TypeError, never a shorter message`, async () => {
    const { readable, writable } = make();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    // With the key at hand nothing is copied that need not be.
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve, 0));
    const buffer = new Uint8Array(300_000);
    const written = failure(writer.write(buffer));
    await reader.read();
    detach(buffer.buffer);
    const { error } = await drain(reader);
    assert.ok(error instanceof TypeError && (await written) === error);
  });

  test(`${name}: a write leaves its buffer as it is`, async () => {
    const { readable, writable } = make();
    const writer = writable.getWriter();
    const buffer = new Uint8Array(100_000).fill(7);
    const read = chunksOf(readable);
    await writer.write(buffer);
    await writer.close();
    await read;
    assert.ok(buffer.length === 100_000 && buffer.every((byte) => byte === 7));
  });
}

for (const [name, [format, make]] of Object.entries(DECRYPTING)) {
  test(`${name}: a buffer can be used again once its write has resolved (seed ${seed})`, async () => {
    const { bytes, plaintexts } = await makeFile(format, [65_536, 65_536, 1000], { random });
    const { readable, writable } = make();
    const read = chunksOf(readable);
    const writer = writable.getWriter();
    const buffer = new Uint8Array(4096);
    for (let at = 0; at < bytes.length; at += buffer.length) {
      const piece = bytes.subarray(at, at + buffer.length);
      buffer.set(piece);
      await writer.write(buffer.subarray(0, piece.length));
      buffer.fill(0xee);
    }
    await writer.close();
    assert.deepEqual(await read, plaintexts);
  });

  for (const [what, spoil] of [
    ["changed", (buffer) => buffer.fill(0xee)],
    ["detached", (buffer) => detach(buffer.buffer)],
  ]) {
    test(`${name}: a buffer that is ${what} while the key is derived was taken as it was`, async () => {
      const { bytes, plaintexts } = await makeFile(format, [1000]);
      const { readable, writable } = make();
      const read = chunksOf(readable);
      const writer = writable.getWriter();
      const buffer = bytes.slice();
      const written = writer.write(buffer);
      await new Promise((resolve) => setTimeout(resolve, 0));
      spoil(buffer);
      await written;
      await writer.close();
      assert.deepEqual(await read, plaintexts);
    });
  }

  test(`${name}: a buffer that is detached partway is a TypeError, and no error of the data`, async () => {
    const { bytes } = await makeFile(format, [65_536, 65_536, 65_536, 65_536, 65_536, 1]);
    const { readable, writable } = make();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    const written = failure(
      writer.write(bytes.subarray(0, 300)).then(() => writer.write(bytes.subarray(300))),
    );
    await reader.read();
    await reader.read();
    detach(bytes.buffer);
    const { error } = await drain(reader);
    assert.ok(error instanceof TypeError && (await written) === error, String(error));
  });

  test(`${name}: a chunk that is changed or detached by its reader touches no other`, async () => {
    const { bytes, plaintexts } = await makeFile(format, [65_536, 65_536, 10]);
    const { readable, writable } = make();
    const writer = writable.getWriter();
    const written = writer.write(bytes).then(() => writer.close());
    const reader = readable.getReader();
    const chunks = [];
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      chunks.push(next.value.slice());
      next.value.fill(0xee);
      detach(next.value.buffer);
    }
    await written;
    assert.deepEqual(lengths(chunks), lengths(plaintexts));
    assert.deepEqual(chunks, plaintexts);
  });
}
