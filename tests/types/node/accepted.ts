/** What must compile with Node's types. */
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import * as age from "age-rt-wasm";
import { WebSocket } from "ws";

declare const passphrase: string;

export async function buffers(encoder: age.Encoder, decoder: age.Decoder): Promise<void> {
  const buffer = Buffer.from("text");
  await age.encrypt(buffer, passphrase);
  await age.decrypt(buffer, passphrase);
  await new age.AgeEncryptStream(passphrase).writable.getWriter().write(buffer);
  age.encodeBytes([buffer], encoder);
  age.decodeBytes(buffer, decoder);
  decoder.feed(buffer);
  await age.init(buffer);
  await age.init(await readFile("age_rt.wasm"));
}

export function sockets(socket: WebSocket): age.SocketStream[] {
  return [age.fromWebSocket(socket), age.fromWebSocket(new WebSocket("wss://example.org"))];
}
