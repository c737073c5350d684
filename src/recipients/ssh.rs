//! ssh-ed25519, as `filippo.io/age/agessh` lays it down: X25519 on the key's own point, and a tweak
//! that binds the exchange to the key.
//!
//! The map from the Edwards curve, which takes public numbers only, is the caller's:
//! `js/src/recipients/edwards.ts`.

use sha2::{Digest, Sha256, Sha512};
use zeroize::Zeroize;

use super::{
    Body, Failure, ONCE, Scalar, Seed, SharedSecret, open, seal,
    x25519::{self, Point, Wrapped},
};
use crate::{
    keys::{FileKey, hkdf},
    memory::scrub_deep_stack,
};

/// An Ed25519 public key: y and the sign of x.
pub type Ed25519 = [u8; 32];

const INFO: &[u8] = b"age-encryption.org/v1/ssh-ed25519";

/// What stands before the key: lengths and name.
const WIRE_PREFIX: &[u8; 19] = b"\0\0\0\x0bssh-ed25519\0\0\0\x20";

/// RFC 8032, 5.1.5: the front of SHA-512(seed). Whoever uses it clamps it.
///
/// In the module of [`super::p256`](crate::recipients), since nothing else needs SHA-512.
pub fn scalar(seed: &Seed) -> Scalar {
    let mut hash = Sha512::digest(seed.expose());
    let scalar = Scalar::filled(|scalar| {
        if let Some((front, _)) = hash.split_first_chunk() {
            *scalar = *front;
        }
    });
    hash.as_mut_slice().zeroize();
    scrub_deep_stack();
    scalar
}

/// The stanza for a recipient: share and body. `point` is `recipient` on the Montgomery curve;
/// `ephemeral` is random, of this stanza alone.
///
/// # Errors
/// [`Failure::InvalidRecipient`] for a point of low order.
pub fn wrap(
    file_key: &FileKey,
    recipient: &Ed25519,
    point: &Point,
    ephemeral: &Scalar,
) -> Result<Wrapped, Failure> {
    let share = x25519::public(ephemeral);
    let shared = x25519::exchange(ephemeral, point)
        .and_then(|shared| tweak(&shared, recipient))
        .ok_or(Failure::InvalidRecipient)?;
    let key = x25519::wrap_key(&shared, &share, point, INFO);
    Ok((share, seal(file_key, &key, &ONCE)))
}

/// The file key of a stanza. `scalar` is that of the private key, and `recipient` its public key.
///
/// # Errors
/// [`Failure::InvalidStanza`] for a share of low order, [`Failure::NoMatch`] where the body does
/// not open.
pub fn unwrap(
    scalar: &Scalar,
    recipient: &Ed25519,
    share: &Point,
    body: &Body,
) -> Result<FileKey, Failure> {
    let point = x25519::public(scalar);
    let shared = x25519::exchange(scalar, share)
        .and_then(|shared| tweak(&shared, recipient))
        .ok_or(Failure::InvalidStanza)?;
    open(body, &x25519::wrap_key(&shared, share, &point, INFO), &ONCE)
}

/// What a stanza names its key by: the front of SHA-256 of the public key in SSH's form.
pub fn fingerprint(recipient: &Ed25519) -> [u8; 4] {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(wire(recipient)));
    [a, b, c, d]
}

/// RFC 8709: the public key in SSH's form.
fn wire(recipient: &Ed25519) -> [u8; WIRE_PREFIX.len() + 32] {
    let mut wire = [0; _];
    let (prefix, key) = wire.split_at_mut(WIRE_PREFIX.len());
    prefix.copy_from_slice(WIRE_PREFIX);
    key.copy_from_slice(recipient);
    wire
}

/// shared secret = X25519(tweak, shared secret), tweak = HKDF-SHA-256(ikm = "", salt = the public
/// key in SSH's form, info)
fn tweak(shared: &SharedSecret, recipient: &Ed25519) -> Option<SharedSecret> {
    let tweak = Scalar::filled(|tweak| hkdf(&wire(recipient), &[], INFO, tweak));
    x25519::exchange(&tweak, shared.expose())
}
