//! The tagged recipients of hardware keys: <https://c2sp.org/age#the-tagged-recipient-types>.
//! Encryption only; identities live in plugins.
//!
//! The tag tells the hardware which of its keys a file is for, without trying them. Whoever knows
//! the recipient can compute it too.
//!
//! P-256 itself is in a module of its own, [`super::p256`](crate::recipients): what comes here are
//! its results. Those that have ML-KEM-768 too are in [`super::hybrid_tag`].

use sha2::{Digest, Sha256};

use super::{
    Body, SharedSecret,
    hpke::{Suite, labeled_expand, labeled_extract},
};
use crate::{
    keys::{FileKey, extract, secrets},
    memory::scrub_deep_stack,
};

/// A point of P-256, SEC 1, uncompressed: 0x04 ‖ x ‖ y
pub type Uncompressed = [u8; 65];
/// A point of P-256, SEC 1, compressed.
pub type Compressed = [u8; 33];
/// What says which key.
pub type Tag = [u8; 4];

const CLASSIC: &[u8] = b"age-encryption.org/p256tag";
/// RFC 9180, 4.1: "KEM" ‖ DHKEM(P-256, HKDF-SHA256)
const DHKEM: &[u8] = b"KEM\x00\x10";

/// For [`CLASSIC`].
pub(super) const CLASSIC_SUITE: Suite = Suite {
    id: *b"HPKE\x00\x10\x00\x01\x00\x03",
    psk_id_hash: [
        0xb7, 0x38, 0xcd, 0x70, 0x3d, 0xb7, 0xb4, 0x10, 0x6e, 0x93, 0xb4, 0x62, 0x1e, 0x9a, 0x19,
        0xc8, 0x9c, 0x83, 0x8e, 0x55, 0x96, 0x42, 0x40, 0xe5, 0xd3, 0xf3, 0x31, 0xaa, 0xf8, 0xb0,
        0xd5, 0x8b,
    ],
    info_hash: [
        0xab, 0x21, 0x2f, 0x1e, 0x09, 0x08, 0x94, 0x16, 0x21, 0x0e, 0xee, 0x64, 0x6c, 0x04, 0x1c,
        0xa9, 0x60, 0x51, 0xb5, 0x43, 0x08, 0x7d, 0x10, 0x0b, 0x40, 0x6a, 0xbe, 0x05, 0xb3, 0xdf,
        0x5b, 0x91,
    ],
};

secrets! {
    /// HKDF's middle.
    Extracted[32],
}

/// One exchange on P-256: what [`super::p256`](crate::recipients) gives.
pub struct Exchange<'a> {
    /// The recipient's point.
    pub recipient: &'a Uncompressed,
    /// The sender's, of this stanza alone.
    pub share: &'a Uncompressed,
    /// The x coordinate of what both compute.
    pub shared: &'a SharedSecret,
}

/// The stanza `p256tag`: tag and body; the encapsulated key is the share.
pub fn wrap(file_key: &FileKey, exchange: &Exchange<'_>) -> (Tag, Body) {
    let shared = dhkem(exchange);
    let tag = tag(CLASSIC, exchange.share, &compress(exchange.recipient));
    (tag, CLASSIC_SUITE.seal(file_key, &shared))
}

/// RFC 9180, 4.1, `ExtractAndExpand`: context = share ‖ recipient
pub(super) fn dhkem(exchange: &Exchange<'_>) -> SharedSecret {
    let extracted = Extracted::filled(|prk| {
        labeled_extract(DHKEM, &[], b"eae_prk", exchange.shared.expose(), prk);
    });
    let context = [exchange.share.as_slice(), exchange.recipient, &[]];
    let shared = SharedSecret::filled(|shared| {
        labeled_expand(
            DHKEM,
            extracted.expose(),
            b"shared_secret",
            &context,
            shared,
        );
    });
    scrub_deep_stack();
    shared
}

/// The first 4 bytes of HKDF-Extract(salt = label, ikm = encapsulated key ‖ the first 4 bytes of
/// SHA-256(recipient))
pub(super) fn tag(label: &[u8], enc: &[u8], recipient: &[u8]) -> Tag {
    let hash = Sha256::digest(recipient);
    let (short, _) = hash.split_first_chunk::<4>().expect("a hash has 32 bytes");
    let mut extracted = [0; 32];
    extract(label, &[enc, short], &mut extracted);
    let [a, b, c, d, ..] = extracted;
    [a, b, c, d]
}

/// 0x02 or 0x03, by whether y is even or odd, and x.
fn compress(point: &Uncompressed) -> Compressed {
    let mut compressed = [0; 33];
    let (x, y) = point.split_at(33);
    compressed.copy_from_slice(x);
    compressed[0] = 2 | (y.last().copied().unwrap_or_default() & 1);
    compressed
}
