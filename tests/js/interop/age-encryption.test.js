/**
 * The age format with the JavaScript implementation by age's author, whose scrypt takes its time:
 * low work factors.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AgeDecryptStream, AgeEncryptStream } from "age-rt-wasm";
import { seeded } from "../lib/random.js";
import { joined, through } from "../lib/streams.js";
import { PASSPHRASE, SIZES } from "./lib/plaintexts.js";

const { Decrypter, Encrypter } = await import("age-encryption").catch((cause) => {
  throw new Error("The npm package age-encryption is missing: run `npm ci`", { cause });
});

const WORK_FACTORS = [14, 1, 2, 3, 5, 8, 10];
const PIECE = 20_000;

describe("age-encryption from npm", () => {
  SIZES.forEach((size, index) => {
    const workFactor = WORK_FACTORS[index];

    test(`reads our file of ${size} bytes with work factor ${workFactor}`, async (t) => {
      const random = seeded(t);
      const plaintext = random.bytes(size);
      const wire = joined(
        await through(
          random.cut(plaintext, PIECE),
          new AgeEncryptStream(PASSPHRASE, { workFactor }),
        ),
      );
      const decrypter = new Decrypter();
      decrypter.addPassphrase(PASSPHRASE);
      assert.deepEqual(new Uint8Array(await decrypter.decrypt(wire)), plaintext);
    });

    test(`writes a file of ${size} bytes with work factor ${workFactor} that we read`, async (t) => {
      const random = seeded(t);
      const plaintext = random.bytes(size);
      const encrypter = new Encrypter();
      encrypter.setPassphrase(PASSPHRASE);
      encrypter.setScryptWorkFactor(workFactor);
      const wire = new Uint8Array(await encrypter.encrypt(plaintext));
      assert.deepEqual(
        joined(await through(random.cut(wire, PIECE), new AgeDecryptStream(PASSPHRASE))),
        plaintext,
      );
    });
  });
});
