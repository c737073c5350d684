//! The KEMs that have ML-KEM-768 and a curve, of which an attacker has to break both halves. In a
//! module of its own: ML-KEM and SHA-3 weigh as much as everything else, and few need them.
//!
//! X-Wing, <https://datatracker.ietf.org/doc/draft-connolly-cfrg-xwing-kem/>, is ML-KEM-768 with
//! X25519, KEM 0x647a of HPKE. Other than X-Wing, age refuses X25519 points of low order on both
//! sides. MLKEM768-P256, KEM 0x0050, is the same with another curve and another label.

#[expect(deprecated, reason = "as a format of files; here it is kept in memory")]
use ml_kem::ExpandedKeyEncoding;
use ml_kem::{
    FromSeed, MlKem768,
    array::{
        Array,
        sizes::{U32, U64},
    },
    kem::Decapsulate,
    ml_kem_768,
};
use sha3::{Digest, Sha3_256};
use shake::{ExtendableOutput, Shake256, Update, XofReader};
use zeroize::Zeroize;

use super::{
    Failure, Scalar, Seed, SharedSecret,
    hybrid::LATTICE_CIPHERTEXT_LEN,
    hybrid_tag,
    tag::Exchange,
    x25519::{self, Point},
};
use crate::{keys::secrets, memory::scrub_deep_stack};

/// Bytes of an ML-KEM-768 public key.
pub const LATTICE_KEY_LEN: usize = 1184;

/// ML-KEM-768 public key ‖ X25519 point
pub type Recipient = [u8; LATTICE_KEY_LEN + 32];
/// ML-KEM-768 ciphertext ‖ X25519 point
pub type Encapsulated = [u8; LATTICE_CIPHERTEXT_LEN + 32];

/// The end of what X-Wing hashes.
const X_WING: &[u8] = br"\.//^\";
/// The end of what MLKEM768-P256 hashes.
const MLKEM768_P256: &[u8] = b"MLKEM768-P256";

/// Bytes of an ML-KEM-768 private key, expanded: FIPS 203, 7.1.
const LATTICE_SECRET_LEN: usize = 2400;

secrets! {
    /// An identity ready for use: ML-KEM-768 private key ‖ X25519 scalar ‖ X25519 point
    Expanded[LATTICE_SECRET_LEN + 64],
    /// ML-KEM's two seeds.
    LatticeSeed[64],
    /// ML-KEM's message. Random; it is all that the ciphertext comes from.
    Message[32],
}

/// Both halves of a seed: SHAKE256(seed, 96) = ML-KEM's seeds (64) ‖ scalar
fn halves(seed: &Seed) -> (ml_kem_768::DecapsulationKey, Scalar) {
    let mut shake = Shake256::default();
    shake.update(seed.expose());
    let mut reader = shake.finalize_xof();
    let seeds = LatticeSeed::filled(|seeds| reader.read(seeds));
    let scalar = Scalar::filled(|scalar| reader.read(scalar));
    (lattice_key(seeds.expose()), scalar)
}

fn lattice_key(seeds: &[u8; 64]) -> ml_kem_768::DecapsulationKey {
    let mut seeds = Array::<u8, U64>::from(*seeds);
    let (key, _) = MlKem768::from_seed(&seeds);
    seeds.as_mut_slice().zeroize();
    key
}

/// The recipient of an identity.
pub fn public(seed: &Seed) -> Recipient {
    let expanded = expand(seed);
    // FIPS 203, 7.1: the public key stands within the private one, before its hash and a seed.
    let (front, curve) = expanded.expose().split_at(LATTICE_SECRET_LEN);
    let (_, back) = front.split_at(LATTICE_SECRET_LEN - 64 - LATTICE_KEY_LEN);
    let (lattice, _) = back.split_at(LATTICE_KEY_LEN);
    let (_, point) = curve.split_at(32);
    let mut recipient = [0; _];
    let (front, back) = recipient.split_at_mut(LATTICE_KEY_LEN);
    front.copy_from_slice(lattice);
    back.copy_from_slice(point);
    recipient
}

/// Expands an identity for [`decapsulate`]. This takes as long as the exchange itself, so callers
/// keep the result.
pub fn expand(seed: &Seed) -> Expanded {
    let (lattice, scalar) = halves(seed);
    let expanded = Expanded::filled(|expanded| {
        let (front, back) = expanded.split_at_mut(LATTICE_SECRET_LEN);
        let (middle, point) = back.split_at_mut(scalar.expose().len());
        write_lattice_key(&lattice, front);
        middle.copy_from_slice(scalar.expose());
        point.copy_from_slice(&x25519::public(&scalar));
    });
    drop(lattice);
    scrub_deep_stack();
    expanded
}

#[expect(deprecated, reason = "as a format of files; here nobody else reads it")]
fn write_lattice_key(key: &ml_kem_768::DecapsulationKey, to: &mut [u8]) {
    let mut bytes = key.to_expanded_bytes();
    to.copy_from_slice(&bytes);
    bytes.as_mut_slice().zeroize();
}

/// HPKE's `Encap()` of X-Wing: encapsulated key and shared secret. `message` and `ephemeral` are
/// random, of this stanza alone.
///
/// # Errors
/// [`Failure::InvalidRecipient`] where a half of it is no public key that may be used.
pub fn encapsulate(
    recipient: &Recipient,
    message: &Message,
    ephemeral: &Scalar,
) -> Result<(Encapsulated, SharedSecret), Failure> {
    let (lattice, point) = split(recipient);
    let shared = x25519::exchange(ephemeral, point).ok_or(Failure::InvalidRecipient)?;
    let curve = Curve {
        shared: &shared,
        share: &x25519::public(ephemeral),
        recipient: point,
        label: X_WING,
    };
    let mut enc = [0; _];
    let shared = curve.encapsulate_with(lattice, message, &mut enc)?;
    Ok((enc, shared))
}

/// HPKE's `Decap()` of X-Wing. For an encapsulated key that was changed, the secret is another one.
///
/// # Errors
/// [`Failure::InvalidStanza`] for a share of low order.
pub fn decapsulate(identity: &Expanded, enc: &Encapsulated) -> Result<SharedSecret, Failure> {
    let (ciphertext, share) = split(enc);
    let (key, rest) = identity
        .expose()
        .split_first_chunk()
        .expect("the length of the type");
    let (scalar, point) = rest.split_at(32);
    let scalar = Scalar::filled(|bytes| bytes.copy_from_slice(scalar));
    let shared = x25519::exchange(&scalar, share).ok_or(Failure::InvalidStanza)?;
    let curve = Curve {
        shared: &shared,
        share,
        recipient: point,
        label: X_WING,
    };
    Ok(curve.combine(&decapsulate_lattice(key, ciphertext)))
}

/// HPKE's `Encap()` of MLKEM768-P256: encapsulated key and shared secret. `message` is random, of
/// this stanza alone; P-256 itself is in yet another module.
///
/// # Errors
/// [`Failure::InvalidRecipient`] where `lattice` is no ML-KEM-768 key.
pub fn encapsulate_tagged(
    lattice: &[u8; LATTICE_KEY_LEN],
    message: &Message,
    exchange: &Exchange<'_>,
) -> Result<(hybrid_tag::Encapsulated, SharedSecret), Failure> {
    let curve = Curve {
        shared: exchange.shared,
        share: exchange.share,
        recipient: exchange.recipient,
        label: MLKEM768_P256,
    };
    let mut enc = [0; _];
    let shared = curve.encapsulate_with(lattice, message, &mut enc)?;
    Ok((enc, shared))
}

/// The half of a hybrid that is an exchange on a curve: X25519, or P-256 for tagged recipients.
struct Curve<'a> {
    /// What both compute.
    shared: &'a SharedSecret,
    /// The sender's point.
    share: &'a [u8],
    /// The recipient's.
    recipient: &'a [u8],
    /// The end of what is hashed.
    label: &'a [u8],
}

impl Curve<'_> {
    /// The sender's whole KEM. `enc` becomes ML-KEM-768 ciphertext ‖ share.
    fn encapsulate_with(
        &self,
        lattice: &[u8; LATTICE_KEY_LEN],
        message: &Message,
        enc: &mut [u8],
    ) -> Result<SharedSecret, Failure> {
        let (ciphertext, shared) = encapsulate_lattice(lattice, message)?;
        let (front, back) = enc.split_at_mut(LATTICE_CIPHERTEXT_LEN);
        front.copy_from_slice(&ciphertext);
        back.copy_from_slice(self.share);
        Ok(self.combine(&shared))
    }

    /// SHA3-256(both secrets ‖ share ‖ recipient ‖ label). ML-KEM's secret binds its ciphertext.
    fn combine(&self, lattice: &SharedSecret) -> SharedSecret {
        let mut hash = Sha3_256::new();
        for part in [
            lattice.expose(),
            self.shared.expose(),
            self.share,
            self.recipient,
            self.label,
        ] {
            Digest::update(&mut hash, part);
        }
        let shared = SharedSecret::filled(|shared| hash.finalize_into(shared.into()));
        scrub_deep_stack();
        shared
    }
}

/// ML-KEM-768's half: ciphertext and shared secret.
pub(super) fn encapsulate_lattice(
    key: &[u8; LATTICE_KEY_LEN],
    message: &Message,
) -> Result<([u8; LATTICE_CIPHERTEXT_LEN], SharedSecret), Failure> {
    let key = ml_kem_768::EncapsulationKey::new(&Array::from(*key))
        .map_err(|_| Failure::InvalidRecipient)?;
    let mut message = Array::<u8, U32>::from(*message.expose());
    let (ciphertext, mut encapsulated) = key.encapsulate_deterministic(&message);
    message.as_mut_slice().zeroize();
    let shared = SharedSecret::filled(|shared| shared.copy_from_slice(&encapsulated));
    encapsulated.as_mut_slice().zeroize();
    scrub_deep_stack();
    Ok((ciphertext.into(), shared))
}

/// ML-KEM-768's other half. For a ciphertext that was changed, the secret is another one.
#[expect(
    deprecated,
    reason = "as a format of files; here nobody else writes it"
)]
fn decapsulate_lattice(
    key: &[u8; LATTICE_SECRET_LEN],
    ciphertext: &[u8; LATTICE_CIPHERTEXT_LEN],
) -> SharedSecret {
    let lattice =
        ml_kem_768::DecapsulationKey::from_expanded(key.into()).expect("what expand() has made");
    let mut decapsulated = lattice.decapsulate(ciphertext.into());
    let shared = SharedSecret::filled(|shared| shared.copy_from_slice(&decapsulated));
    decapsulated.as_mut_slice().zeroize();
    drop(lattice);
    scrub_deep_stack();
    shared
}

/// ML-KEM-768 alone, for its vectors.
#[cfg(test)]
pub(super) fn decapsulate_with_seeds(
    seeds: &[u8; 64],
    ciphertext: &[u8; LATTICE_CIPHERTEXT_LEN],
) -> SharedSecret {
    let mut key = [0; LATTICE_SECRET_LEN];
    write_lattice_key(&lattice_key(seeds), &mut key);
    decapsulate_lattice(&key, ciphertext)
}

fn split<const N: usize, const FRONT: usize>(bytes: &[u8; N]) -> (&[u8; FRONT], &Point) {
    bytes
        .split_first_chunk()
        .and_then(|(front, point)| Some((front, point.try_into().ok()?)))
        .expect("the lengths of the types add up")
}
