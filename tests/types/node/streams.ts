/**
 * Node's own streams and files, with Node's types alone: together with the browser's no web stream
 * fits them (`both/conflict.ts`).
 */
import { Buffer } from "node:buffer";
import { createReadStream, createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { Duplex, Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as age from "age-rt-wasm";

declare const passphrase: string;

export async function streams(encoder: age.Encoder, decoder: age.Decoder): Promise<void> {
  await pipeline(
    createReadStream("report"),
    Duplex.fromWeb(new age.AgeEncryptStream(passphrase)),
    createWriteStream("report.age"),
  );
  await age.encodeFile(
    [Buffer.from("text")],
    Writable.toWeb(createWriteStream("report.age")),
    encoder,
  );
  const file = await open("report.age");
  await age.encodeFile([Buffer.from("text")], file, encoder);
  age.decodeFile(file, decoder);
  const source: age.AsyncBytes = Readable.toWeb(createReadStream("report"));
  age.aiterEncodeChunks(source, encoder);
}
