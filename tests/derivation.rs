//! The derivation, held against the scrypt crate: every work factor with each stride, and random
//! ones in random slices.
//!
//! `SEED=… cargo test --test derivation` repeats a run.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that panics has failed, and says on what"
)]

mod common;

use std::hash::{BuildHasher, RandomState};

use age_rt::{
    error::Misuse,
    scrypt::{Mixer, Stride, WorkFactor, start},
};
use common::{
    Random,
    derivations::{derived, expected, with_each_stride},
};

#[test]
fn every_work_factor_to_18_with_each_stride_is_as_the_crate_derives_it() {
    (1..=18).for_each(with_each_stride);
}

#[test]
fn random_ones_in_random_slices_are_as_the_crate_derives_them() {
    let seed = std::env::var("SEED").map_or_else(
        |_| RandomState::new().hash_one(0),
        |seed| seed.parse().expect("a number"),
    );
    println!("SEED={seed}");
    let mut random = Random(seed);
    for _ in 0..2000 {
        let passphrase: Vec<_> = (0..random.below(200))
            .map(|_| random.next() as u8)
            .collect();
        let salt = [(); 16].map(|()| random.next() as u8);
        let log_n = 1 + random.below(10) as u8;
        let stride = Stride::ALL[random.below(3)];
        let longest = 1 + random.below(3 << log_n);
        let key = derived(&passphrase, &salt, log_n, stride, || {
            random.below(longest + 1)
        });
        assert_eq!(
            key,
            expected(&passphrase, &salt, log_n),
            "SEED={seed}: {passphrase:?}, {salt:?}, 2^{log_n}, {stride:?}"
        );
    }
}

#[test]
fn no_key_comes_of_a_derivation_before_its_last_step() {
    let work_factor = WorkFactor::new(4).expect("1..=22");
    let mut derivation = start(b"", &[0; 16], work_factor, Stride::One).expect("memory");
    let mut key = [0; 32];
    // The crates' scrypt, of the feature rustcrypto, stops nowhere between its beginning and its
    // end.
    if cfg!(feature = "rustcrypto") {
        assert_eq!(derivation.step(0, Mixer::Integers), 32);
    } else {
        assert_eq!(derivation.step(31, Mixer::Integers), 1);
    }
    assert_eq!(derivation.finish(b"", &mut key), Err(Misuse::OutOfOrder));
    assert_eq!(key, [0; 32]);
    assert_eq!(derivation.step(1, Mixer::Integers), 0);
    assert_eq!(derivation.finish(b"", &mut key), Ok(()));
    assert_eq!(key, expected(b"", &[0; 16], 4));
}

#[test]
fn work_factors_to_write_with_end_at_20() {
    for log_n in [0, 21, 22, 23, 257, u32::MAX] {
        assert_eq!(WorkFactor::for_writing(log_n), Err(Misuse::WorkFactor));
    }
    for log_n in 1..=20 {
        assert_eq!(WorkFactor::for_writing(log_n), WorkFactor::new(log_n));
    }
}
