//! Every constant of the wire, with its unit and where it is laid down.

/// <https://c2sp.org/age#header>
pub const AGE_PREFIX: &[u8] = b"age-encryption.org/";
/// The one age version that is read and written.
pub const AGE_VERSION: &[u8] = b"v1";
/// Extension of the reference: `?chunk=N` says the chunk size, where it is not [`CHUNK_LEN`].
pub const AGE_CHUNK_PARAMETER: &[u8] = b"chunk";

/// age-rt v0.2, identifier.
pub const AGE_RT_PREFIX: &[u8] = b"github.com/parsimonit/age-rt-encryption/";
/// The one age-rt version that is read and written.
pub const AGE_RT_VERSION: &[u8] = b"v0.2";
/// age-rt v0.2: `?maxchunk=N` says the largest chunk, where it is not [`CHUNK_LEN`].
pub const AGE_RT_CHUNK_PARAMETER: &[u8] = b"maxchunk";

/// <https://c2sp.org/age#ascii-armor>: recognised, so that the error can say what the file is.
pub const ARMOR_BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// <https://c2sp.org/age#recipient-stanza>
pub const STANZA_PREFIX: &[u8] = b"->";
/// <https://c2sp.org/age#header-mac>: the MAC covers the header up to and including these.
pub const MAC_PREFIX: &[u8] = b"---";
/// Characters in a full line of a stanza's body; the last line is shorter.
pub const BODY_COLUMNS: usize = 64;

/// Limit (ours): bytes of the whole header, for a decoder that takes passphrases only. The
/// reference stops at 4 KiB.
pub const MAX_HEADER_LEN: usize = 64 * 1024;
/// Limit (ours): bytes of the whole header where identities are given: a header for many recipients
/// is longer.
pub const MAX_HEADER_LEN_FOR_IDENTITIES: usize = 1024 * 1024;

/// <https://c2sp.org/age#file-key>, bytes.
pub const FILE_KEY_LEN: usize = 16;
/// Bytes of the key that wraps the file key.
pub const WRAP_KEY_LEN: usize = 32;
/// Bytes of the key that seals the chunks.
pub const PAYLOAD_KEY_LEN: usize = 32;
/// Bytes of the header MAC, HMAC-SHA-256.
pub const MAC_LEN: usize = 32;
/// Bytes of the nonce between header and chunks.
pub const PAYLOAD_NONCE_LEN: usize = 16;
/// <https://c2sp.org/age#header-mac>
pub const HEADER_KEY_INFO: &[u8] = b"header";
/// <https://c2sp.org/age#payload>
pub const PAYLOAD_KEY_INFO: &[u8] = b"payload";

/// <https://c2sp.org/age#scrypt-recipient-stanza>
pub const SCRYPT_STANZA_TYPE: &[u8] = b"scrypt";
/// Bytes of the stanza's salt.
pub const SALT_LEN: usize = 16;
/// scrypt's salt is this label and the stanza's salt, in both formats.
pub const SCRYPT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";
/// Limit (ours): the largest log2(N), as age reads it. Even a quarter of the memory of a larger one
/// would be most of what wasm32 can address.
pub const MAX_LOG_N: u8 = 22;
/// Limit (ours): the largest log2(N) that is written.
pub const MAX_WRITTEN_LOG_N: u8 = 20;
/// Bytes of the stanza's body: the sealed file key.
pub const WRAPPED_FILE_KEY_LEN: usize = FILE_KEY_LEN + TAG_LEN;

/// <https://c2sp.org/age#payload>: plaintext bytes of a chunk where the header says nothing else.
pub const CHUNK_LEN: u32 = 64 * 1024;
/// The largest chunk size that a parameter may ask for, plaintext bytes.
pub const MAX_CHUNK_LEN: u32 = 16 * 1024 * 1024;
/// Bytes of a Poly1305 tag.
pub const TAG_LEN: usize = 16;
/// Bytes of the nonce of one chunk: an 11-byte big-endian counter and the flag.
pub const CHUNK_NONCE_LEN: usize = 12;
/// Last byte of the nonce of the final chunk; zero for the others.
pub const FINAL_FLAG: u8 = 0x01;
/// age-rt v0.2: bytes of the big-endian length before a sealed chunk.
pub const LENGTH_LEN: usize = 4;
