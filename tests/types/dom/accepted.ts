/** What must compile with the browser's globals. */
import * as age from "age-rt-wasm";
import { Decrypter, Encrypter } from "age-encryption";
import {
  HybridIdentity,
  HybridRecipient,
  X25519Identity,
  X25519Recipient,
} from "../../../node_modules/age-encryption/dist/recipients.js";

declare const passphrase: string;
declare const file: File;
declare const handle: FileSystemFileHandle;

export function sockets(socket: WebSocket, channel: RTCDataChannel): age.SocketStream[] {
  return [
    age.fromWebSocket(socket),
    age.fromWebSocket(new WebSocket("wss://example.org"), { highWaterMark: 1024 }),
    age.fromDataChannel(channel),
  ];
}

export async function overSocket(): Promise<void> {
  const { readable, writable } = age.fromWebSocket(new WebSocket("wss://example.org"));
  await file.stream().pipeThrough(new age.AgeRtEncryptStream(passphrase)).pipeTo(writable);
  await readable
    .pipeThrough(new age.AgeRtDecryptStream(passphrase))
    .pipeThrough(new TextDecoderStream())
    .pipeTo(new WritableStream<string>());
}

export async function files(encoder: age.Encoder, decoder: age.Decoder): Promise<void> {
  await file
    .stream()
    .pipeThrough(new age.AgeEncryptStream(passphrase))
    .pipeTo(await handle.createWritable());
  await age.encodeFile(file.stream(), await handle.createWritable(), encoder);
  age.decodeFile(file, decoder);
  await age.encrypt(file, passphrase);
}

age.configure({
  worker: () => new Worker(new URL("https://example.org/kdf-worker.js"), { type: "module" }),
});

export async function modules(bytes: age.Out): Promise<void> {
  await age.init(new WebAssembly.Module(bytes));
  await age.init(WebAssembly.compileStreaming(fetch("/age_rt.wasm")));
}

/** Keys of age-encryption in our streams, and ours in its own. */
export async function keysOfOthers(text: string, bytes: Uint8Array): Promise<void> {
  const recipients: age.Recipient[] = [new X25519Recipient(text), new HybridRecipient(text)];
  const identities: age.Identity[] = [new X25519Identity(text), new HybridIdentity(text)];
  await age.encrypt(bytes, new X25519Recipient(text));
  await age.decrypt(bytes, [new X25519Identity(text), ...identities]);
  await (await age.AgeAutoDecoder.create(identities)).unlock();
  file.stream().pipeThrough(new age.AgeEncryptStream(recipients));
  file.stream().pipeThrough(new age.AgeRtDecryptStream(identities));
  const own = {
    wrapFileKey: (fileKey: Uint8Array): age.Stanza[] => [{ args: ["x"], body: fileKey }],
    unwrapFileKey: ([stanza]: age.Stanza[]): Uint8Array | null => stanza?.body ?? null,
    labels: ["x"] as const,
  };
  new Encrypter().addRecipient(own);
  new Decrypter().addIdentity(own);
  await age.decrypt(await age.encrypt("text", own), own);
}
