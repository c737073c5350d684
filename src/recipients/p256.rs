//! One exchange on P-256, for the tagged recipients. In a module of its own: the arithmetic weighs
//! as much as everything else, and few need it.

use p256::{NonZeroScalar, ProjectivePoint, PublicKey, elliptic_curve::point::AffineCoordinates};
use zeroize::Zeroize;

use super::{Failure, Scalar, SharedSecret, tag::Uncompressed};
use crate::memory::scrub_deep_stack;

/// What comes of an exchange.
pub struct Exchanged {
    /// The recipient's point.
    pub recipient: Uncompressed,
    /// The sender's.
    pub share: Uncompressed,
    /// The x coordinate of what both compute.
    pub shared: SharedSecret,
}

/// `recipient` is a point in SEC 1's form, compressed or not. `ephemeral` is random, of this stanza
/// alone, and big-endian.
///
/// `None` where `ephemeral` is zero or not below the order, which chance gives once in 2^32 draws:
/// draw again.
///
/// # Errors
/// [`Failure::InvalidRecipient`] for what is no point of the curve, or the one at infinity.
pub fn exchange(recipient: &[u8], ephemeral: &Scalar) -> Result<Option<Exchanged>, Failure> {
    // The crate knows a further form, which age does not.
    if !matches!(
        (recipient.first(), recipient.len()),
        (Some(2 | 3), 33) | (Some(4), 65)
    ) {
        return Err(Failure::InvalidRecipient);
    }
    let recipient = PublicKey::from_sec1_bytes(recipient).map_err(|_| Failure::InvalidRecipient)?;
    let scalar = NonZeroScalar::from_repr((*ephemeral.expose()).into());
    let exchanged = scalar.into_option().map(|mut scalar| {
        let share = (ProjectivePoint::GENERATOR * *scalar).to_affine();
        let mut common = (recipient.to_projective() * *scalar).to_affine();
        scalar.zeroize();
        let mut x = common.x();
        common.zeroize();
        let shared = SharedSecret::filled(|shared| shared.copy_from_slice(&x));
        x.as_mut_slice().zeroize();
        Exchanged {
            recipient: uncompressed(recipient.as_affine()),
            share: uncompressed(&share),
            shared,
        }
    });
    scrub_deep_stack();
    Ok(exchanged)
}

fn uncompressed(point: &p256::AffinePoint) -> Uncompressed {
    let mut bytes = [4; 65];
    bytes[1..33].copy_from_slice(&point.x());
    bytes[33..].copy_from_slice(&point.y());
    bytes
}
