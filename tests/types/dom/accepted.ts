/** What must compile with the browser's globals. */
import * as age from "age-rt-wasm";

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
