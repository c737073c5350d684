//! ML-KEM-768 with X25519:
//! <https://c2sp.org/age#the-mlkem768-x25519-ie-x-wing-hybrid-post-quantum-recipient-type>.
//!
//! Of HPKE this is what comes after the KEM. X-Wing itself is in a module of its own,
//! [`super::kem`](crate::recipients), which never sees a file key.

use super::{Body, Failure, SharedSecret, hpke::Suite};
use crate::keys::FileKey;

/// Bytes of an ML-KEM-768 ciphertext.
pub const LATTICE_CIPHERTEXT_LEN: usize = 1088;

/// For `age-encryption.org/mlkem768x25519`.
pub(super) const SUITE: Suite = Suite {
    id: *b"HPKE\x64\x7a\x00\x01\x00\x03",
    psk_id_hash: [
        0x36, 0xb5, 0xff, 0x55, 0x87, 0xa0, 0x30, 0x0f, 0xc5, 0x55, 0x73, 0x47, 0xee, 0x59, 0x90,
        0x66, 0xaf, 0x3e, 0xd8, 0x97, 0x74, 0x5f, 0x8c, 0xa8, 0xca, 0x19, 0xb4, 0x5f, 0x13, 0xab,
        0xd9, 0x77,
    ],
    info_hash: [
        0x99, 0xab, 0x4c, 0xae, 0x8d, 0xd1, 0x10, 0x8e, 0x0f, 0xe7, 0x2c, 0x89, 0x82, 0x40, 0xbc,
        0x16, 0xf1, 0x32, 0x36, 0xe8, 0x12, 0x1d, 0x92, 0x0a, 0x6b, 0xd8, 0xd5, 0xb6, 0x78, 0x32,
        0x0a, 0x81,
    ],
};

/// The body for a file key, under what the KEM gave.
pub fn seal(file_key: &FileKey, shared: &SharedSecret) -> Body {
    SUITE.seal(file_key, shared)
}

/// The file key of a body.
///
/// # Errors
/// [`Failure::NoMatch`] where it does not open.
pub fn open(shared: &SharedSecret, body: &Body) -> Result<FileKey, Failure> {
    SUITE.open(body, shared)
}
