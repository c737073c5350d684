/**
 * Authenticated streaming encryption with a passphrase: age-rt v0.2 and age v1.
 *
 * @packageDocumentation
 */
// First, so that the packed module stands at one end of the bundle. In its midst, gzip's code
// tables would mix it with the text around it.
import "./engine/module.js";

export { armor, dearmor } from "./armor.js";
export type { Bytes, ByteTransform, Out } from "./bytes.js";
export { configure } from "./kdf/configure.js";
export {
  AgeAutoDecoder,
  AgeDecoder,
  AgeRtDecoder,
  type Decoder,
  type PushDecoder,
  type Unlockable,
} from "./codec/decoder.js";
export { type DataChannelLike, fromDataChannel } from "./sockets/data-channel.js";
export { type ArmorOptions, ArmorStream, DearmorStream } from "./streams/armor.js";
export { AgeAutoDecryptStream, AgeDecryptStream, AgeRtDecryptStream } from "./streams/decrypt.js";
export { AgeEncoder, AgeRtEncoder, type Encoder } from "./codec/encoder.js";
export { AgeEncryptStream, AgeRtEncryptStream } from "./streams/encrypt.js";
export {
  AgeRtError,
  ChunkAuthenticationError,
  DecodeError,
  type ErrorCode,
  HeaderParseError,
  InsufficientDataError,
  InvalidKeyError,
  NoIdentityMatchError,
  NotSupportedError,
  SessionError,
  SocketError,
  SourceError,
  StateError,
  StreamTruncatedError,
  WrongPassphraseError,
} from "./errors.js";
/** @internal For age-rt-wasm/header, whose classes would not be those of this entry. */
export { HeaderKeys } from "./codec/header-keys.js";
/** @internal For age-rt-wasm/recipients, beside which this entry is always loaded. */
export { blobBytes, isBlob } from "./codec/blob.js";
/** @internal For age-rt-wasm/recipients, too. */
export { readOptions } from "./options.js";
export { decodeFile, encodeFile, type NodeFileHandle } from "./codec/files.js";
export { passphraseIdentity, passphraseRecipient } from "./keys/scrypt.js";
export type { DecryptKey, EncryptKey, Identity, Recipient, Stanza } from "./keys/recipient.js";
export { init, type InitSource, isSupported, type WasmModule } from "./engine/engine.js";
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
} from "./codec/iterators.js";
export { decrypt, encrypt } from "./streams/one-call.js";
export type {
  AgeDecryptOptions,
  AgeEncryptOptions,
  AgeRtDecryptOptions,
  AgeRtEncryptOptions,
  DecryptOptions,
  EncryptOptions,
  Format,
  WorkerLike,
} from "./options.js";
export { ciphertextSize, plaintextSize, type SizeOptions } from "./sizes.js";
export type { Opened, OpenedTransform, SizedTransform } from "./streams/stream.js";
export { messages, toBlob } from "./streams/collect.js";
export { fromSocketHandlers, type HandledSocket, type SocketHandlers } from "./sockets/handlers.js";
export type { SocketStream, SocketStreamOptions } from "./sockets/socket-pair.js";
export { fromWebSocket, type WebSocketLike } from "./sockets/websocket.js";
