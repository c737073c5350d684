//! Cryptography of our own, apart so that an auditor can read it alone: ChaCha20-Poly1305.
//!
//! `aead` seals and opens one chunk, `simd` holds the cipher and the authenticator, `known_answers`
//! the test vectors of the RFCs and of Wycheproof. Nothing here knows what a file is. All of it is
//! safe Rust without tables or branches on secrets; where it differs from the crates that it is
//! tested against, it is for speed, and the module says why.

pub(crate) mod aead;
#[cfg(test)]
mod known_answers;
mod simd;
