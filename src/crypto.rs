//! Cryptography of our own, apart so that an auditor can read it alone: ChaCha20-Poly1305, and the middle of scrypt.
//!
//! `aead` seals and opens one chunk, `simd` holds the cipher and the authenticator. `scrypt` derives
//! a key in slices, on `romix`. `known_answers` has the test vectors of the RFCs and of Wycheproof.
//! Nothing here knows what a file is. All of it is safe Rust without tables or branches on secrets
//! (but for those that scrypt itself consists of); where it differs from the crates that it is
//! tested against, it is for speed, and the module says why.

pub(crate) mod aead;
pub(crate) mod hmac;
#[cfg(test)]
mod known_answers;
mod romix;
pub(crate) mod scrypt;
mod simd;
