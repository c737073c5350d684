/**
 * Who can open a file, as everybody may implement it: what age-encryption (typage) has, so that its
 * classes work here and ours there.
 */

/** One way to the file key, as it stands in a header. */
export interface Stanza {
  /**
   * The type, then what it needs beside the body: one to any number of words of ASCII characters
   * without spaces.
   */
  readonly args: string[];
  /** The file key, wrapped. */
  readonly body: Uint8Array;
}

/**
 * A key that will be able to open the file. With recipients, anybody who knows a public key can
 * write the file or the stream: it proves nothing about its sender.
 */
export interface Recipient {
  /**
   * Wraps the 16-byte file key. Each recipient gets a copy of its own, which is wiped when the
   * promise settles or the stream ends.
   *
   * @returns one stanza at least. A throw ends the stream with what was thrown.
   */
  wrapFileKey(
    fileKey: Uint8Array,
    options?: { signal?: AbortSignal },
  ): Stanza[] | Promise<Stanza[]>;
  /**
   * All recipients of one file must have the same set; order and repetition do not count. Without
   * it, a recipient has those of its stanzas' types: `postquantum` for `mlkem768x25519`,
   * `mlkem768p256tag` and `age-encryption.org/fido2prf`, none for others.
   */
  readonly labels?: readonly string[];
}

/** A key that may be able to open a file. */
export interface Identity {
  /**
   * Looks for its stanza among those of a header, and unwraps the file key.
   *
   * @returns the 16-byte file key, which is taken over and wiped; null where none of the stanzas is
   * for it. A throw ends the stream with what was thrown.
   */
  unwrapFileKey(
    stanzas: Stanza[],
    options?: { signal?: AbortSignal },
  ): Uint8Array | null | Promise<Uint8Array | null>;
}

/** Wherever something is encrypted: a passphrase, a recipient, or several. */
export type EncryptKey = string | Recipient | readonly Recipient[];
/**
 * Wherever something is decrypted: a passphrase, an identity, or several, which are tried in order:
 * passphrases first, then this package's other keys, then passkeys and identities of your own.
 */
export type DecryptKey = string | Identity | readonly Identity[];
