//! Cryptography of our own, apart so that an auditor can read it alone: ChaCha20-Poly1305, and the
//! middle of scrypt.
//!
//! `aead` seals and opens one chunk, `simd` holds the cipher and the authenticator. `scrypt`
//! derives a key in slices, on `romix`. `known_answers` has the test vectors of the RFCs and of
//! Wycheproof. Nothing here knows what a file is. All of it is safe Rust without tables or branches
//! on secrets (but for those that scrypt itself consists of); where it differs from the crates that
//! it is tested against, it is for speed, and the module says why.
//!
//! With the feature `rustcrypto` none of it is compiled: the crates do the work, through the
//! functions of the same names in `rustcrypto`.

#[cfg(not(feature = "rustcrypto"))]
pub(crate) mod aead;
#[cfg(not(feature = "rustcrypto"))]
pub(crate) mod hmac;
#[cfg(test)]
mod known_answers;
pub(crate) mod mixer;
#[cfg(not(feature = "rustcrypto"))]
mod romix;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;
#[cfg(not(feature = "rustcrypto"))]
mod salsa20;
#[cfg(not(feature = "rustcrypto"))]
pub(crate) mod scrypt;
#[cfg(not(feature = "rustcrypto"))]
mod simd;
pub(crate) mod stride;

#[cfg(feature = "rustcrypto")]
pub(crate) use rustcrypto::{aead, hmac, scrypt};
