/** What must compile on every platform, with its globals only. */
import * as age from "age-rt-wasm";
import wasm from "age-rt-wasm/age_rt.wasm";
import {
  decryptHeader,
  fileKeyIdentity,
  inspect,
  type Inspection,
  rekey,
  RekeyStream,
  splitHeader,
} from "age-rt-wasm/header";
import { AgeReader } from "age-rt-wasm/reader";
import { openSession, type Session, type SessionOptions } from "age-rt-wasm/session";
import { generatePassphrase } from "age-rt-wasm/passphrase";

declare const passphrase: string;
declare const plain: Uint8Array;
declare const owned: Uint8Array<ArrayBuffer>;
declare const stream: ReadableStream<Uint8Array>;
declare const blob: Blob;
declare const response: Response;
declare const iterable: Iterable<Uint8Array>;
declare const generator: AsyncGenerator<Uint8Array>;
declare const destination: WritableStream<Uint8Array>;
declare const anyDestination: WritableStream;

export async function bytesIn(encoder: age.Encoder, decoder: age.Decoder): Promise<void> {
  const writer = new age.AgeEncryptStream(passphrase).writable.getWriter();
  for (const bytes of [
    plain,
    owned,
    owned.buffer,
    new DataView(owned.buffer),
    new Float64Array(1),
    await response.arrayBuffer(),
  ]) {
    await writer.write(bytes);
    encoder.encodeChunk(bytes);
    decoder.feed(bytes);
    await age.encrypt(bytes, passphrase);
    await age.decrypt(bytes, passphrase);
    age.armor(bytes);
    age.decodeBytes(bytes, decoder);
  }
  for (const chunks of [[plain], new Set([owned]), iterable]) {
    age.encodeBytes(chunks, encoder);
    age.iterEncodeChunks(chunks, encoder);
    age.iterDecodeChunks(chunks, decoder);
  }
  for (const chunks of [[plain], iterable, generator, stream, blob.stream()]) {
    age.aiterEncodeChunks(chunks, encoder);
    age.aiterDecodeChunks(chunks, decoder);
    await age.encodeFile(chunks, destination, encoder);
    await age.encodeFile(chunks, anyDestination, encoder);
  }
  age.iterDecodeCallable((n) => plain.subarray(0, n), decoder);
  age.aiterDecodeCallable(async (n) => plain.subarray(0, n), decoder);
  age.decodeFile(blob, decoder);
  age.decodeFile(stream, decoder);
  await age.encrypt(blob, passphrase);
  await age.encrypt("text", passphrase, { format: "age-rt" });
}

export async function streamsIn(): Promise<void> {
  const { body } = response;
  if (!body) return;
  for (const source of [stream, body, blob.stream()]) {
    await source.pipeThrough(new age.AgeEncryptStream(passphrase)).pipeTo(destination);
    await source.pipeThrough(new age.AgeRtEncryptStream(passphrase)).pipeTo(anyDestination);
    await source.pipeThrough(new age.AgeDecryptStream(passphrase)).pipeTo(destination);
    await source.pipeThrough(new age.AgeRtDecryptStream(passphrase)).pipeTo(destination);
    await source.pipeThrough(new age.AgeAutoDecryptStream(passphrase)).pipeTo(destination);
    await source
      .pipeThrough(new age.AgeAutoDecryptStream(passphrase))
      .pipeThrough(new TextDecoderStream())
      .pipeTo(anyDestination);
    source
      .pipeThrough(new age.AgeDecryptStream(passphrase))
      .pipeThrough(new DecompressionStream("gzip"));
  }
}

export async function bytesOut(out: age.Out): Promise<void> {
  new Blob([out]);
  new Response(out);
  await fetch("/upload", { method: "POST", body: out });
  await crypto.subtle.digest("SHA-256", out);
  const { buffer }: { buffer: ArrayBuffer } = out;
  structuredClone(out, { transfer: [buffer] });
}

export async function keys(
  rtEncoder: age.AgeRtEncoder,
  encoder: age.AgeEncoder,
  rtDecoder: age.AgeRtDecoder,
  decoder: age.AgeDecoder,
  auto: age.AgeAutoDecoder,
): Promise<void> {
  const { signal } = new AbortController();
  new age.AgeRtEncryptStream(rtEncoder, { signal });
  new age.AgeEncryptStream(encoder);
  new age.AgeRtEncryptStream(
    age.AgeRtEncoder.create(passphrase, { signal, workFactor: 10, maxChunkSize: 1024 }),
  );
  new age.AgeEncryptStream(age.AgeEncoder.create(passphrase, { chunkSize: 1024 }));
  new age.AgeRtDecryptStream(rtDecoder, { closeAtFinal: true });
  new age.AgeDecryptStream(decoder);
  const format: "age" | "age-rt" = await new age.AgeAutoDecryptStream(auto).format;
  const push: age.PushDecoder[] = [rtDecoder, decoder, auto];
  const transform: age.ByteTransform[] = [
    new age.AgeRtEncryptStream(passphrase),
    new age.AgeAutoDecryptStream(passphrase),
  ];
  using own = age.AgeRtEncoder.fromPassphrase(passphrase);
  const finalized: boolean = own.finalized;
  void [format, push, transform, finalized];
}

export function errors(error: unknown): string | undefined {
  if (error instanceof age.HeaderParseError)
    return error.stanzaTypes?.join() ?? String(error.limit ?? error.workFactor);
  if (error instanceof age.WrongPassphraseError) return `${error.chunkIndex}`;
  if (error instanceof age.SocketError) return `${error.closeCode} ${error.reason}`;
  if (!(error instanceof age.AgeRtError)) return undefined;
  const code: age.ErrorCode = error.code;
  switch (code) {
    case "truncated":
    case "internal":
      return error.message;
    default:
      return code;
  }
}

export async function loading(): Promise<void> {
  await age.init();
  for (const source of [
    "/age_rt.wasm",
    new URL("https://example.org/age_rt.wasm"),
    new Request("/age_rt.wasm"),
    response,
    fetch("/age_rt.wasm"),
    plain,
    owned.buffer,
    wasm,
  ])
    await age.init(source);
  age.configure({ concurrency: 2 });
  const supported: boolean = age.isSupported();
  const suggested: string = generatePassphrase(7);
  void [supported, suggested];
}

export async function headers(file: Blob, stream: ReadableStream<Uint8Array>): Promise<number> {
  const found: Inspection = await inspect(stream);
  const { header, payload } = await splitHeader(file);
  const fileKey: age.Out = await decryptHeader(header, passphrase);
  const key: age.Identity = fileKeyIdentity(fileKey);
  const options: age.EncryptOptions & age.DecryptOptions = { workFactor: 18, maxWorkFactor: 20 };
  const renewed: Blob = await rekey(file, [key], passphrase, options);
  const transform: age.ByteTransform = new RekeyStream(passphrase, "another", options);
  await renewed.stream().pipeThrough(transform).pipeTo(destination);
  return header.length + payload.size + (found.sizes?.header ?? 0) + (found.workFactor ?? 0);
}

export async function parts(file: Blob, request: Request): Promise<Response> {
  using reader = await AgeReader.open(file, passphrase, { cacheBytes: 0 });
  const part: Uint8Array<ArrayBuffer> = await reader.read(-9);
  const buffer: { byteLength: number; slice(start: number, end?: number): Promise<ArrayBuffer> } =
    reader;
  void [part, buffer, reader.ciphertextRange(0, 9)];
  return reader.respond(request);
}

export async function conversation(
  socket: age.SocketStream,
  ours: age.Identity,
  theirs: age.Recipient,
): Promise<string> {
  const options: SessionOptions = {
    key: { encrypt: [theirs], decrypt: ours },
    role: "client",
    peerRole: "server",
    timeoutMs: 10_000,
    pad: "padme",
    pingMs: undefined,
    renew: { messages: 1000, minutes: 0.5 },
    maxWorkFactor: 18,
    signal: undefined,
  };
  const session: Session = await openSession(socket, options);
  const transform: age.ByteTransform = session;
  await session.close();
  await session.closed;
  void transform;
  return session.peer.role;
}

export function callbacks(send: (data: Uint8Array) => boolean): age.HandledSocket {
  const handled = age.fromSocketHandlers(
    { send, close: () => undefined, bufferedAmount: () => 0 },
    { maxBufferedBytes: 1024 },
  );
  handled.message(plain);
  handled.message("text");
  handled.drain();
  handled.error();
  handled.closed(1000);
  return handled;
}
