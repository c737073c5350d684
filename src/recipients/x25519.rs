//! X25519: <https://c2sp.org/age#the-x25519-recipient-type>.

use ctutils::CtEq;
use x25519_dalek::{X25519_BASEPOINT_BYTES, x25519};

use super::{Body, Failure, ONCE, Scalar, SharedSecret, open, seal};
use crate::{
    keys::{FileKey, WrapKey, hkdf},
    memory::scrub_deep_stack,
};

/// A point: its u coordinate, little-endian. The highest bit does not count, but is hashed as it
/// came.
pub type Point = [u8; 32];

const INFO: &[u8] = b"age-encryption.org/v1/X25519";

/// share and body of a stanza.
pub type Wrapped = (Point, Body);

/// recipient = X25519(identity, base point)
pub fn public(secret: &Scalar) -> Point {
    let point = x25519(*secret.expose(), X25519_BASEPOINT_BYTES);
    scrub_deep_stack();
    point
}

/// shared secret = X25519(secret, point), or `None` for a point of low order, whose secret
/// everybody knows.
pub fn exchange(secret: &Scalar, point: &Point) -> Option<SharedSecret> {
    let shared = SharedSecret::filled(|shared| *shared = x25519(*secret.expose(), *point));
    scrub_deep_stack();
    let known = shared.expose().as_slice().ct_eq([0; 32].as_slice());
    (!known.to_bool()).then_some(shared)
}

/// The stanza for a recipient. `ephemeral` is random, of this stanza alone.
///
/// # Errors
/// [`Failure::InvalidRecipient`] for a point of low order.
pub fn wrap(file_key: &FileKey, recipient: &Point, ephemeral: &Scalar) -> Result<Wrapped, Failure> {
    let share = public(ephemeral);
    let shared = exchange(ephemeral, recipient).ok_or(Failure::InvalidRecipient)?;
    let key = wrap_key(&shared, &share, recipient, INFO);
    Ok((share, seal(file_key, &key, &ONCE)))
}

/// The file key of a stanza. `recipient` is that of `identity`.
///
/// # Errors
/// [`Failure::InvalidStanza`] for a share of low order, [`Failure::NoMatch`] where the body does
/// not open.
pub fn unwrap(
    identity: &Scalar,
    recipient: &Point,
    share: &Point,
    body: &Body,
) -> Result<FileKey, Failure> {
    let shared = exchange(identity, share).ok_or(Failure::InvalidStanza)?;
    unwrap_shared(&shared, recipient, share, body)
}

/// As [`unwrap`], where somebody else keeps the identity and did the exchange.
///
/// # Errors
/// As [`unwrap`].
pub fn unwrap_shared(
    shared: &SharedSecret,
    recipient: &Point,
    share: &Point,
    body: &Body,
) -> Result<FileKey, Failure> {
    if shared
        .expose()
        .as_slice()
        .ct_eq([0; 32].as_slice())
        .to_bool()
    {
        return Err(Failure::InvalidStanza);
    }
    open(body, &wrap_key(shared, share, recipient, INFO), &ONCE)
}

/// wrap key = HKDF-SHA-256(ikm = shared secret, salt = share ‖ recipient, info)
pub(super) fn wrap_key(
    shared: &SharedSecret,
    share: &Point,
    recipient: &Point,
    info: &[u8],
) -> WrapKey {
    let key = WrapKey::filled(|key| {
        hkdf(
            [*share, *recipient].as_flattened(),
            shared.expose(),
            info,
            key,
        );
    });
    scrub_deep_stack();
    key
}
