/** The shape of the WebAssembly core (`src/wasm.rs`), and its results. Numbers only; pointers are offsets into `memory`. */

/** Results below 0 that are no errors; a result of 0 or more is the length of what waits at `at()`. */
export const NEED_INPUT = -1;
export const NEED_WRAP_KEY = -2;
export const END = -3;
/** An error's result is this minus its code's number. */
export const FIRST_ERROR = -16;

export const WRAP_KEY_LEN = 32;
export const SALT_LEN = 16;

export const FORMAT_AGE = 0;
export const FORMAT_AGE_RT = 1;
export const FORMAT_AUTO = 2;

export interface WasmEncoder {
  begin(): number;
  salt(): number;
  keySlot(): number;
  provideWrapKey(): number;
  input(len: number): number;
  seal(len: number, position: 0 | 1): number;
  at(): number;
  finalized(): boolean;
  free(): void;
}

export interface WasmDecoder {
  input(len: number): number;
  room(): number;
  advance(len: number): number;
  next(): number;
  finish(): number;
  salt(): number;
  logN(): number;
  keySlot(): number;
  provideWrapKey(): number;
  wanted(): number;
  at(): number;
  done(): boolean;
  detectedFormat(): number;
  finalChunk(): boolean;
  errorIndex(): number;
  errorWorkFactor(): number;
  errorLimit(): number;
  errorText(): number;
  errorTextLen(): number;
  errorReason(): number;
  free(): void;
}

export interface Core {
  readonly memory: WebAssembly.Memory;
  readonly Encoder: new (format: number, chunkSize: number, logN: number) => WasmEncoder;
  readonly Decoder: new (format: number, maxChunk: number, maxLogN: number) => WasmDecoder;
  liveObjects(): number;
  /** After a trap: wipes all of the memory. Nothing may be called any more. */
  end(): void;
}

/** The derivation's exports, which are called without any glue (`kdf-run.ts`). */
export interface KdfExports {
  readonly memory: WebAssembly.Memory;
  kdfReserve(passphraseLen: number): number;
  kdfRun(passphraseLen: number, logN: number): number;
  kdfWipe(): void;
}
