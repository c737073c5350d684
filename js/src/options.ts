/** Options of everything that encrypts. A stream that is given an encoder takes the signal only: the rest is the encoder's own. */
export interface EncryptOptions {
  /** scrypt's log2(N), 1..=20, 18 unless set: 2^18 takes 256 MiB and half a second or more. */
  workFactor?: number;
  /** Ends the work, the derivation included, with the signal's reason. */
  signal?: AbortSignal;
}

/** Options of everything that decrypts. A stream that is given a decoder takes neither limits nor sizes: they are the decoder's own. */
export interface DecryptOptions {
  /** The largest work factor that is accepted from a header, 1..=20, 20 unless set (1 GiB: servers and live receivers set 18). */
  maxWorkFactor?: number;
  /** Ends the work, the derivation included, with the signal's reason. */
  signal?: AbortSignal;
}

/** Options of what encrypts age-rt. */
export interface AgeRtEncryptOptions extends EncryptOptions {
  /** The largest message, in bytes of plaintext, 1..=16777216, 65536 unless set. Another size needs a decoder with a raised limit. */
  maxChunkSize?: number;
}

/** Options of what decrypts age-rt, or either format. */
export interface AgeRtDecryptOptions extends DecryptOptions {
  /** The largest chunk size that is accepted from a header, in bytes of plaintext, 1..=16777216, 65536 unless set. */
  maxChunkSize?: number;
  /** Closes the readable at the final chunk instead of at the end of the input: a live socket's half-close. Bytes after it then error the writable only. */
  closeAtFinal?: boolean;
}

/** Options of what encrypts age. */
export interface AgeEncryptOptions extends EncryptOptions {
  /** Bytes of plaintext in a chunk, 1..=16777216, 65536 unless set. Another size is read by age-rt tools only, not by age. */
  chunkSize?: number;
}

/** Options of what decrypts age. */
export interface AgeDecryptOptions extends DecryptOptions {
  /** Bytes of plaintext in a chunk: exactly what the header must say, 65536 unless set. */
  chunkSize?: number;
}
