//! HPKE in base mode for one message, <https://www.rfc-editor.org/rfc/rfc9180>: HKDF-SHA256
//! (0x0001) and `ChaCha20Poly1305` (0x0003), no associated data. What differs from KEM to KEM is
//! how both ends come to a shared secret, which is not for this module.

use super::{Body, Failure, SharedSecret, open, seal};
use crate::{
    keys::{FileKey, WrapKey, expand, extract, secrets},
    memory::scrub_deep_stack,
    spec::CHUNK_NONCE_LEN,
};

secrets! {
    /// What key and nonce are expanded from.
    Secret[32],
}

const VERSION: &[u8] = b"HPKE-v1";
const MODE_BASE: u8 = 0;

/// A KEM and what it is used for. The two hashes depend on nothing else, so that they are
/// constants.
pub(super) struct Suite {
    /// "HPKE" ‖ KEM ‖ KDF ‖ AEAD
    pub(super) id: [u8; 10],
    /// `LabeledExtract`(salt = "", "`psk_id_hash`", ikm = "")
    pub(super) psk_id_hash: [u8; 32],
    /// `LabeledExtract`(salt = "", "`info_hash`", ikm = info)
    pub(super) info_hash: [u8; 32],
}

impl Suite {
    pub(super) fn seal(&self, file_key: &FileKey, shared: &SharedSecret) -> Body {
        let (key, nonce) = self.schedule(shared);
        seal(file_key, &key, &nonce)
    }

    pub(super) fn open(&self, body: &Body, shared: &SharedSecret) -> Result<FileKey, Failure> {
        let (key, nonce) = self.schedule(shared);
        open(body, &key, &nonce)
    }

    /// Key and nonce of the first message, RFC 9180, 5.1.
    pub(super) fn schedule(&self, shared: &SharedSecret) -> (WrapKey, [u8; CHUNK_NONCE_LEN]) {
        let context = [&[MODE_BASE][..], &self.psk_id_hash, &self.info_hash];
        let secret = Secret::filled(|secret| {
            labeled_extract(&self.id, shared.expose(), b"secret", &[], secret);
        });
        let key = WrapKey::filled(|key| {
            labeled_expand(&self.id, secret.expose(), b"key", &context, key);
        });
        let mut nonce = [0; _];
        labeled_expand(
            &self.id,
            secret.expose(),
            b"base_nonce",
            &context,
            &mut nonce,
        );
        scrub_deep_stack();
        (key, nonce)
    }
}

/// RFC 9180, 4: HKDF-Extract(salt, "HPKE-v1" ‖ suite ‖ label ‖ ikm)
pub(super) fn labeled_extract(
    suite: &[u8],
    salt: &[u8],
    label: &[u8],
    ikm: &[u8],
    prk: &mut [u8; 32],
) {
    extract(salt, &[VERSION, suite, label, ikm], prk);
}

/// RFC 9180, 4: HKDF-Expand(prk, length ‖ "HPKE-v1" ‖ suite ‖ label ‖ info, length)
pub(super) fn labeled_expand(
    suite: &[u8],
    prk: &[u8; 32],
    label: &[u8],
    info: &[&[u8]; 3],
    out: &mut [u8],
) {
    let len = u16::try_from(out.len())
        .expect("a key or a nonce")
        .to_be_bytes();
    let [first, second, third] = *info;
    expand(
        prk,
        &[&len, VERSION, suite, label, first, second, third],
        out,
    );
}
