/**
 * Encrypts or decrypts a file as the package's README does it in Node. Arguments: the task and two
 * paths.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { AgeDecryptStream, AgeEncryptStream } from "age-rt-wasm";
import { NO_WORK, PASSPHRASE } from "../lib/streams.js";

const [task, from, to] = process.argv.slice(2);
const stream =
  task === "encrypt"
    ? new AgeEncryptStream(PASSPHRASE, { workFactor: NO_WORK })
    : new AgeDecryptStream(PASSPHRASE);
await pipeline(createReadStream(from), Duplex.fromWeb(stream), createWriteStream(to));
