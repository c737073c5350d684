/**
 * The shape of the WebAssembly core (`src/wasm.rs`), and its results. Numbers only; pointers are
 * offsets into `memory`.
 */

/**
 * Results below 0 that are no errors; a result of 0 or more is the length of what waits at `at()`.
 */
export const NEED_INPUT = -1;
export const NEED_WRAP_KEY = -2;
export const END = -3;
export const NEED_FILE_KEY = -4;
/** An error's result is this minus its code's number. */
export const FIRST_ERROR = -16;

export const WRAP_KEY_LEN = 32;
export const FILE_KEY_LEN = 16;
export const SALT_LEN = 16;
export const PAYLOAD_KEY_LEN = 32;

export const FORMAT_AGE = 0;
export const FORMAT_AGE_RT = 1;
export const FORMAT_AUTO = 2;

/**
 * What `detail()` tells (`src/wasm/decoder.rs`); an encoder knows the first three, FILE_KEY and
 * PAYLOAD_KEY. -1 where there is no such thing.
 */
export const AT = 0;
export const KEY_SLOT = 1;
export const SALT = 2;
export const LOG_N = 3;
export const ROOM = 4;
export const WANTED = 5;
export const DONE = 6;
export const FINAL_CHUNK = 7;
export const FORMAT = 8;
export const ERROR_REASON = 9;
export const ERROR_INDEX = 10;
export const ERROR_WORK_FACTOR = 11;
export const ERROR_LIMIT = 12;
export const STANZAS = 14;
export const STANZAS_LEN = 15;
export const HEADER_LEN = 16;
export const FILE_KEY = 17;
export const CHUNK_SIZE = 18;
export const PAYLOAD_KEY = 19;

/** What a decoder's `answer()` is given. */
export const ANSWER_WRAP_KEY = 0;
export const ANSWER_FILE_KEY = 1;
export const ANSWER_NONE = 2;

export interface WasmEncoder {
  begin(): number;
  rewrap(decoder: WasmDecoder): number;
  provide(lineLen: number): number;
  input(len: number): number;
  seal(len: number, position: 0 | 1): number;
  grant(count: number): number;
  detail(which: number): number;
  free(): void;
}

export interface WasmDecoder {
  input(len: number): number;
  advance(len: number): number;
  finish(): number;
  answer(which: number): number;
  openAt(len: number, index: number, position: 0 | 1): number;
  skip(count: number): number;
  detail(which: number): number;
  free(): void;
}

export interface Core {
  readonly memory: WebAssembly.Memory;
  readonly Encoder: new (format: number, chunkSize: number, logN: number) => WasmEncoder;
  readonly Decoder: new (
    format: number,
    maxChunk: number,
    maxLogN: number,
    outside: boolean,
  ) => WasmDecoder;
  /** After a trap: wipes all of the memory. Nothing may be called any more. */
  end(): void;
}

/** The derivation's exports, which are called without any glue (`kdf/run.ts`). */
export interface KdfExports {
  readonly memory: WebAssembly.Memory;
  kdfReserve(passphraseLen: number): number;
  kdfStart(logN: number, stride: number): number;
  kdfStep(blocks: number, mixer: number): number;
  kdfFinish(): number;
  kdfWipe(blocks: number): number;
}

/** The exports for chunks in a worker, which are called without any glue (`kdf/chunks.ts`). */
export interface ChunkExports {
  readonly memory: WebAssembly.Memory;
  chunksReserve(len: number): number;
  chunksStart(chunkSize: number): number;
  chunksSeal(len: number, index: number): number;
  chunksOpen(len: number, index: number): number;
}
