/** What the live tab asks of a line, whatever it is made of. */
import type { DecryptKey, EncryptKey } from "age-rt-wasm";
import type { Fault, Passing, Wire } from "./wire.js";

export type Who = "ada" | "ben";
export const other = (who: Who): Who => (who === "ada" ? "ben" : "ada");

/** What one end has. */
export interface EndKeys {
  /** Encrypts for the other end. */
  readonly encrypt: EncryptKey;
  readonly decrypt: DecryptKey;
  /** Where there is one. */
  readonly publicKey?: string;
}
export type Keys = Readonly<Record<Who, EndKeys>>;

/** A quick start matters more here than a strong key: the passphrase is random. */
export const WORK_FACTOR = 15;

export interface CallEvents {
  /** Asked for every chunk. */
  readonly takeFault: () => Fault | undefined;
  readonly onPassing: (passing: Passing, from: Who) => void;
  /** Both ends can write. */
  readonly onOpen: () => void;
  readonly onMessage: (message: Uint8Array, to: Who) => void;
  /** One end has received all there is; or what it ends with. */
  readonly onEnd: (at: Who, error?: unknown) => void;
}

export interface Call {
  send(from: Who, message: Uint8Array<ArrayBuffer>): void;
  /** Both ends say that they are finished. */
  hangUp(): Promise<void>;
  /** Ends it here and now, without a word to anybody. */
  cut(): void;
  /** What Ada sends, for whoever records it. */
  readonly fromAda: Wire;
}

/** A kind of line, and what attackers can do to it. */
export interface Kind {
  connect(keys: Keys, events: CallEvents): Call;
  /** Ben connects, and whoever recorded what Ada sent plays it to him. */
  replay(keys: Keys, record: readonly Uint8Array<ArrayBuffer>[], events: CallEvents): Call;
  /** Ada connects, and whoever is there sends her back what she sends. */
  reflect(keys: Keys, events: CallEvents): Call;
}
