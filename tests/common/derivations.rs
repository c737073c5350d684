//! Derivations of ours, and what the scrypt crate derives from the same.

use age_rt::scrypt::{Mixer, Salt, Stride, WorkFactor, start};

const LABEL: &[u8] = b"age-encryption.org/v1/scrypt";

/// What the scrypt crate derives.
pub fn expected(passphrase: &[u8], salt: &Salt, log_n: u8) -> [u8; 32] {
    let mut key = [0; 32];
    let params = scrypt::Params::new(log_n, 8, 1).expect("valid");
    scrypt::scrypt(passphrase, &[LABEL, salt].concat(), &params, &mut key).expect("32 bytes");
    key
}

/// What is derived here, in slices of so many blocks, which are mixed in turn one way and the
/// other.
pub fn derived(
    passphrase: &[u8],
    salt: &Salt,
    log_n: u8,
    stride: Stride,
    mut slice: impl FnMut() -> usize,
) -> [u8; 32] {
    let work_factor = WorkFactor::new(log_n.into()).expect("1..=22");
    let mut derivation = start(passphrase, salt, work_factor, stride).expect("memory");
    let mut mixers = Mixer::ALL.into_iter().cycle();
    while derivation.step(slice() as u32, mixers.next().expect("endless")) > 0 {}
    let mut key = [0; 32];
    derivation.finish(passphrase, &mut key).expect("all steps");
    key
}

/// One work factor, with each stride, against the crate.
pub fn with_each_stride(log_n: u8) {
    let salt = [log_n; 16];
    let expected = expected(b"a passphrase", &salt, log_n);
    for stride in Stride::ALL {
        let key = derived(b"a passphrase", &salt, log_n, stride, || 1 << 12);
        assert_eq!(key, expected, "2^{log_n}, {stride:?}");
    }
}
