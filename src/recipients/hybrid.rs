//! ML-KEM-768 with X25519:
//! <https://c2sp.org/age#the-mlkem768-x25519-ie-x-wing-hybrid-post-quantum-recipient-type>.
//!
//! The KEM is X-Wing, <https://datatracker.ietf.org/doc/draft-connolly-cfrg-xwing-kem/>, KEM 0x647a
//! of HPKE. An attacker has to break both halves. Other than X-Wing, age refuses X25519 points of
//! low order on both sides.

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
    Body, Failure, Scalar, Seed, SharedSecret,
    hpke::Suite,
    x25519::{self, Point},
};
use crate::{
    keys::{FileKey, secrets},
    memory::scrub_deep_stack,
};

/// Bytes of an ML-KEM-768 public key.
pub const LATTICE_KEY_LEN: usize = 1184;
/// Bytes of an ML-KEM-768 ciphertext.
pub const LATTICE_CIPHERTEXT_LEN: usize = 1088;

/// ML-KEM-768 public key ‖ X25519 point
pub type Recipient = [u8; LATTICE_KEY_LEN + 32];
/// ML-KEM-768 ciphertext ‖ X25519 point
pub type Encapsulated = [u8; LATTICE_CIPHERTEXT_LEN + 32];

/// The end of what X-Wing hashes.
const LABEL: &[u8] = br"\.//^\";

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

/// Expands an identity for [`unwrap`]. This takes as long as the exchange itself, so callers keep
/// the result.
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

/// The stanza for a recipient: encapsulated key and body. `message` and `ephemeral` are random, of
/// this stanza alone.
///
/// # Errors
/// [`Failure::InvalidRecipient`] where a half of it is no public key that may be used.
pub fn wrap(
    file_key: &FileKey,
    recipient: &Recipient,
    message: &Message,
    ephemeral: &Scalar,
) -> Result<(Encapsulated, Body), Failure> {
    let (enc, shared) = encapsulate(recipient, message, ephemeral)?;
    Ok((enc, SUITE.seal(file_key, &shared)))
}

/// The file key of a stanza.
///
/// # Errors
/// [`Failure::InvalidStanza`] for a share of low order, [`Failure::NoMatch`] where the body does
/// not open.
pub fn unwrap(identity: &Expanded, enc: &Encapsulated, body: &Body) -> Result<FileKey, Failure> {
    SUITE.open(body, &decapsulate(identity, enc)?)
}

/// HPKE's `Encap()`.
pub(super) fn encapsulate(
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
        label: LABEL,
    };
    let mut enc = [0; _];
    let shared = curve.encapsulate_with(lattice, message, &mut enc)?;
    Ok((enc, shared))
}

/// HPKE's `Decap()`.
pub(super) fn decapsulate(
    identity: &Expanded,
    enc: &Encapsulated,
) -> Result<SharedSecret, Failure> {
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
        label: LABEL,
    };
    Ok(curve.combine(&decapsulate_lattice(key, ciphertext)))
}

/// The half of a hybrid that is an exchange on a curve: X25519, or P-256 for tagged recipients.
pub(super) struct Curve<'a> {
    /// What both compute.
    pub(super) shared: &'a SharedSecret,
    /// The sender's point.
    pub(super) share: &'a [u8],
    /// The recipient's.
    pub(super) recipient: &'a [u8],
    /// The end of what is hashed.
    pub(super) label: &'a [u8],
}

impl Curve<'_> {
    /// The sender's whole KEM. `enc` becomes ML-KEM-768 ciphertext ‖ share.
    pub(super) fn encapsulate_with(
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
