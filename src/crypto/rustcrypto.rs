//! The `RustCrypto` crates in the place of what is our own: for whoever needs code that was audited
//! elsewhere.
//!
//! Three modules with the functions of those that they stand in for, so that nothing outside of
//! `crypto` knows which of the two it has. They add no cryptography. What the crates lack is said
//! where it is missing: they make no keystream ahead, and scrypt runs as one call.

pub(crate) mod aead;
pub(crate) mod hmac;
pub(crate) mod scrypt;
