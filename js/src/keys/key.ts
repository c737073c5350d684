/**
 * What the two cores and those who hold keys ask of each other. The cores know neither passphrases
 * nor recipients; these know no core.
 */
import type { KdfJob, OnDerivation } from "../kdf/derive.js";
import type { Stanza } from "./recipient.js";

/** What a header's passphrase stanza asks of scrypt. */
export type ScryptQuestion = Pick<KdfJob, "salt" | "logN">;

/** A decoder that waits for its key. */
export interface Locked {
  /** Undefined where the header has no stanza that a passphrase may try. */
  scrypt(): ScryptQuestion | undefined;
  /** The header's stanzas, as they stand there. */
  stanzas(): string;
  /** Whether the key opens the header. @throws `header-mac`. */
  tryWrapKey(wrapKey: Uint8Array): boolean;
  /** @throws `header-mac`. */
  tryFileKey(fileKey: Uint8Array): void;
  /** Nobody has the key. @throws always. */
  giveUp(): never;
}

/** What opens one stream. */
export interface OpenKey {
  /** Told how far the derivations are. */
  onDerivation: OnDerivation | undefined;
  /** The largest work factor that one of the passphrases accepts; 0 where there is none. */
  readonly maxWorkFactor: number;
  /** Whether there are identities that look at the stanzas by themselves. */
  readonly outside: boolean;
  /** Whether identities were given, so that it is theirs to match, and not a passphrase's. */
  readonly named: boolean;
  /**
   * Tries the passphrases: yields jobs, is sent their wrap keys, which it wipes, and returns
   * whether one of them opened the header.
   */
  derivations(locked: Locked): Generator<KdfJob, boolean, Uint8Array>;
  /**
   * Asks the identities; returns once one of them has opened the header.
   *
   * @throws what they throw, or what giving up amounts to.
   */
  ask(locked: Locked, signal: AbortSignal): Promise<void>;
  /** Wipes. May be called again. */
  drop(): void;
}

/** An encoder whose header is made by recipients. */
export interface OpenHeader {
  /** A copy of the file key. */
  fileKey(): Uint8Array<ArrayBuffer>;
  /** Appends a stanza. */
  add(stanza: Stanza): void;
}

/** What seals one stream. */
export interface SealKey {
  /** Told how far the derivation is. */
  onDerivation: OnDerivation | undefined;
  /** The passphrase's work factor; 0 where recipients make the header. */
  readonly workFactor: number;
  /** The passphrase, which is the caller's from now on. */
  takePassphrase(): Uint8Array<ArrayBuffer>;
  /**
   * Lets every recipient wrap the file key.
   *
   * @throws what they throw; InvalidKeyError, TypeError, RangeError.
   */
  wrap(header: OpenHeader, signal: AbortSignal): Promise<void>;
  /** Wipes. May be called again. */
  drop(): void;
}
