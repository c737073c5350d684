//! What wraps a file key for somebody's public key, and unwraps it again.
//!
//! Values in, values out: stanzas as text, keys as Bech32 and random numbers are for the callers.
//! Each function takes what the bindings have checked for length, and gives a [`Failure`] where
//! cryptography says no. Formats: <https://c2sp.org/age#native-recipient-types>.
//!
//! The curves and the lattice come from their crates. This module does what age does around them:
//! it refuses points, and has HPKE for one message and X-Wing's combiner. The crates for those two
//! accept points of low order, which age refuses.

mod hpke;
pub mod hybrid;
pub mod hybrid_tag;
#[cfg(feature = "hybrid")]
pub mod kem;
#[cfg(all(test, feature = "hybrid", feature = "p256"))]
mod known_answers;
#[cfg(feature = "p256")]
pub mod p256;
pub mod prf;
pub mod ssh;
pub mod tag;
pub mod x25519;

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit};

use crate::{
    error::HostError,
    keys::{FileKey, WrapKey, secrets},
    memory::scrub_deep_stack,
    spec::{CHUNK_NONCE_LEN, FILE_KEY_LEN, WRAPPED_FILE_KEY_LEN},
};

secrets! {
    /// A private scalar of X25519, as it was drawn: the ladder clamps it.
    Scalar[32],
    /// What both ends of an exchange compute.
    SharedSecret[32],
    /// A private key that others are expanded from: of the hybrid, or of Ed25519.
    Seed[32],
}

/// A file key, sealed.
pub type Body = [u8; WRAPPED_FILE_KEY_LEN];

/// Why there is no stanza, or no file key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The public key is none that may be encrypted to: not on its curve, of low order, or no
    /// ML-KEM key.
    InvalidRecipient,
    /// The stanza is for nobody: its share has low order. That ends the file, as the specification
    /// says.
    InvalidStanza,
    /// The stanza is for somebody else, or was changed.
    NoMatch,
    /// The host lacks something.
    Host(HostError),
}

/// body = ChaCha20-Poly1305(key, nonce).seal(file key)
fn seal(file_key: &FileKey, key: &WrapKey, nonce: &[u8; CHUNK_NONCE_LEN]) -> Body {
    let mut body = [0; WRAPPED_FILE_KEY_LEN];
    let (sealed, tag) = body.split_at_mut(FILE_KEY_LEN);
    sealed.copy_from_slice(file_key.expose());
    let sealing = ChaCha20Poly1305::new(key.expose().into()).encrypt_inout_detached(
        nonce.into(),
        &[],
        sealed.into(),
    );
    tag.copy_from_slice(&sealing.expect("sixteen bytes are not too long"));
    scrub_deep_stack();
    body
}

/// file key = ChaCha20-Poly1305(key, nonce).open(body)
fn open(body: &Body, key: &WrapKey, nonce: &[u8; CHUNK_NONCE_LEN]) -> Result<FileKey, Failure> {
    let (sealed, tag) = body.split_at(FILE_KEY_LEN);
    let file_key = FileKey::try_filled(|file_key| {
        file_key.copy_from_slice(sealed);
        ChaCha20Poly1305::new(key.expose().into()).decrypt_inout_detached(
            nonce.into(),
            &[],
            file_key.as_mut_slice().into(),
            tag.try_into().expect("the rest of a body"),
        )
    });
    scrub_deep_stack();
    file_key.map_err(|_| Failure::NoMatch)
}

/// Where a key is used once, its nonce can be constant.
const ONCE: [u8; CHUNK_NONCE_LEN] = [0; CHUNK_NONCE_LEN];
