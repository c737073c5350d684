//! The tagged recipients of hardware keys that have ML-KEM-768 beside P-256, `mlkem768p256tag`.
//!
//! Of HPKE this is what comes after the KEM, which is in a module of its own,
//! [`super::kem`](crate::recipients).

use super::{
    Body, SharedSecret,
    hpke::Suite,
    hybrid::LATTICE_CIPHERTEXT_LEN,
    tag::{Tag, Uncompressed, tag},
};
use crate::keys::FileKey;

/// ML-KEM-768 ciphertext ‖ P-256 point
pub type Encapsulated = [u8; LATTICE_CIPHERTEXT_LEN + 65];

const TYPE: &[u8] = b"age-encryption.org/mlkem768p256tag";

/// For [`TYPE`].
pub(super) const SUITE: Suite = Suite {
    id: *b"HPKE\x00\x50\x00\x01\x00\x03",
    psk_id_hash: [
        0x8e, 0xf4, 0x16, 0x28, 0x64, 0x55, 0x4f, 0xa9, 0x4a, 0xc4, 0x0b, 0xaa, 0x14, 0x4e, 0x5d,
        0xd2, 0xac, 0x68, 0x9d, 0x0c, 0x36, 0x4c, 0xda, 0x79, 0xb7, 0x01, 0x9d, 0xbc, 0x17, 0x69,
        0xa9, 0xdc,
    ],
    info_hash: [
        0x95, 0x86, 0x4b, 0xa8, 0x44, 0x0d, 0x26, 0x15, 0x3b, 0x9e, 0x6f, 0x67, 0xbb, 0x91, 0xc7,
        0x84, 0x8f, 0xe7, 0xcb, 0xd8, 0xad, 0x1f, 0xfd, 0xe1, 0x93, 0x43, 0x08, 0xe7, 0x11, 0xac,
        0x9a, 0x2f,
    ],
};

/// Tag and body, under what the KEM gave with `enc`. `recipient` is the recipient's point.
pub fn seal(
    file_key: &FileKey,
    enc: &Encapsulated,
    recipient: &Uncompressed,
    shared: &SharedSecret,
) -> (Tag, Body) {
    (tag(TYPE, enc, recipient), SUITE.seal(file_key, shared))
}
