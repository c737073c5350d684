/** What must not compile: every line below its mark is a mistake that a type can catch. */
import {
  AgeAutoDecryptStream,
  AgeDecoder,
  AgeDecryptStream,
  AgeEncoder,
  AgeEncryptStream,
  type AgeRtDecoder,
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  AgeRtError,
  armor,
  ciphertextSize,
  configure,
  dearmor,
  decodeBytes,
  decodeFile,
  decrypt,
  encodeBytes,
  encodeFile,
  encrypt,
  fromDataChannel,
  fromWebSocket,
  init,
  iterDecodeCallable,
  iterEncodeChunks,
} from "age-rt-wasm";

declare const encoder: AgeRtEncoder;
declare const decoder: AgeRtDecoder;
declare const passphrase: string;
declare const error: unknown;

export async function passphrases(): Promise<void> {
  // @ts-expect-error a number
  new AgeRtEncryptStream(1234);
  // @ts-expect-error none
  new AgeEncryptStream();
  // @ts-expect-error undefined, as an environment variable may be
  new AgeDecryptStream(undefined as string | undefined);
  // @ts-expect-error bytes
  await decrypt(new Uint8Array(1), new Uint8Array(1));
  // @ts-expect-error a number
  AgeEncoder.fromPassphrase(1234);
  // @ts-expect-error none
  new AgeDecoder();
}

export async function bytes(): Promise<void> {
  const writer = new AgeRtEncryptStream(passphrase).writable.getWriter();
  // @ts-expect-error text is no chunk
  await writer.write("text");
  // @ts-expect-error nor is a number
  await writer.write(1);
  // @ts-expect-error nor an array of numbers
  await writer.write([1, 2, 3]);
  // @ts-expect-error text
  encoder.encodeChunk("text");
  // @ts-expect-error text
  decoder.feed("text");
  // @ts-expect-error a number
  await encrypt(1, passphrase);
  // @ts-expect-error chunks of text
  encodeBytes(["text"], encoder);
  // @ts-expect-error chunks of text
  iterEncodeChunks(["text"], encoder);
  // @ts-expect-error a read function that returns text
  iterDecodeCallable(() => "text", decoder);
  // @ts-expect-error text
  armor("text");
  // @ts-expect-error bytes
  dearmor(new Uint8Array(1));
}

export function keys(): void {
  // @ts-expect-error a decoder does not encrypt
  new AgeRtEncryptStream(decoder);
  // @ts-expect-error an encoder does not decrypt
  new AgeRtDecryptStream(encoder);
  // @ts-expect-error a promise of a decoder
  new AgeRtDecryptStream(Promise.resolve(decoder));
  // @ts-expect-error encoders are made by fromPassphrase() and create()
  new AgeRtEncoder();
  // @ts-expect-error the decoder is missing
  decodeBytes(new Uint8Array(1));
  // @ts-expect-error an encoder does not decode
  decodeBytes(new Uint8Array(1), encoder);
}

export async function options(): Promise<void> {
  // @ts-expect-error the option of the other format
  new AgeRtEncryptStream(passphrase, { chunkSize: 1024 });
  // @ts-expect-error the option of the other format
  new AgeEncryptStream(passphrase, { maxChunkSize: 1024 });
  // @ts-expect-error a text
  new AgeEncryptStream(passphrase, { workFactor: "18" });
  // @ts-expect-error decryption takes a limit
  new AgeDecryptStream(passphrase, { workFactor: 18 });
  // @ts-expect-error encryption takes the factor itself
  new AgeEncryptStream(passphrase, { maxWorkFactor: 18 });
  // @ts-expect-error the age format is over at the end of the input
  new AgeDecryptStream(passphrase, { closeAtFinal: true });
  // @ts-expect-error there are two formats
  await encrypt("text", passphrase, { format: "pgp" });
  // @ts-expect-error a controller is no signal
  await decrypt("text", passphrase, { signal: new AbortController() });
  // @ts-expect-error a worker is made when it is needed
  configure({ worker: {} });
  // @ts-expect-error a size is a number
  ciphertextSize("65536");
  // @ts-expect-error init() takes no such source
  await init(Symbol("wasm"));
}

export function things(): void {
  // @ts-expect-error a URL is no socket
  fromWebSocket("wss://example.org");
  // @ts-expect-error a socket of text
  fromWebSocket({ send: (text: string) => text });
  // @ts-expect-error a URL is no channel
  fromDataChannel("wss://example.org");
  // @ts-expect-error a path is no file
  decodeFile("report.age", decoder);
  // @ts-expect-error a path is no file
  void encodeFile([], "report.age", encoder);
}

export function results(): void {
  const stream = new AgeAutoDecryptStream(passphrase);
  // @ts-expect-error its sides are its own
  stream.readable = stream.readable;
  // @ts-expect-error the format is known later, if at all
  const format: "age" | "age-rt" = stream.format;
  // @ts-expect-error a chunk may not be ready
  const chunk: Uint8Array = decoder.feed(new Uint8Array(1));
  // @ts-expect-error a misspelt code
  if (error instanceof AgeRtError && error.code === "wrong-password") return;
  // @ts-expect-error what is wanted is the decoder's to say
  decoder.bytesWanted = 1;
  void format;
  void chunk;
}
