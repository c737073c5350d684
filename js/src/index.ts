/**
 * Authenticated streaming encryption with a passphrase: age-rt v0.2 and age v1.
 *
 * @packageDocumentation
 */
// First, so that the packed module stands at one end of the bundle: in its midst, gzip's code tables would mix it with the text around it.
import "./module.js";

export { armor, dearmor } from "./armor.js";
export type { Bytes, Out } from "./bytes.js";
export { configure } from "./configure.js";
export { AgeAutoDecoder, AgeDecoder, AgeRtDecoder, type Decoder, type PushDecoder } from "./decoder.js";
export { type DataChannelLike, fromDataChannel } from "./data-channel.js";
export { AgeAutoDecryptStream, AgeDecryptStream, AgeRtDecryptStream } from "./decrypt-stream.js";
export { AgeEncoder, AgeRtEncoder, type Encoder } from "./encoder.js";
export type { Format } from "./encoder-core.js";
export { AgeEncryptStream, AgeRtEncryptStream } from "./encrypt-stream.js";
export {
  AgeRtError,
  ChunkAuthenticationError,
  DecodeError,
  type ErrorCode,
  HeaderParseError,
  InsufficientDataError,
  NotSupportedError,
  SocketError,
  StateError,
  StreamTruncatedError,
  WrongPassphraseError,
} from "./errors.js";
export { decodeFile, encodeFile, type NodeFileHandle } from "./files.js";
export { init, type InitSource, isSupported, type WasmModule } from "./init.js";
export {
  aiterDecodeCallable,
  aiterDecodeChunks,
  aiterEncodeChunks,
  type AsyncBytes,
  decodeBytes,
  encodeBytes,
  iterDecodeCallable,
  iterDecodeChunks,
  iterEncodeChunks,
} from "./iterators.js";
export type { WorkerLike } from "./kdf-worker.js";
export { decrypt, encrypt } from "./one-call.js";
export type { AgeDecryptOptions, AgeEncryptOptions, AgeRtDecryptOptions, AgeRtEncryptOptions, DecryptOptions, EncryptOptions } from "./options.js";
export { ciphertextSize, plaintextSize } from "./sizes.js";
export type { ByteTransform } from "./stream.js";
export type { SocketStream, SocketStreamOptions } from "./socket-pair.js";
export { fromWebSocket, type WebSocketLike } from "./websocket.js";
