//! age v1 and age-rt v0.2, with a passphrase: a sans-IO core and its WebAssembly bindings.
//!
//! ```text
//! file    = header  nonce(16)  chunk…
//! header  = IDENTIFIER LF  "-> scrypt " SALT " " LOG_N LF  BODY LF  "--- " MAC LF
//! age     : chunk = ciphertext(65,536; the last may be shorter)  tag(16)
//! age-rt  : chunk = length(4)  ciphertext  tag(16)
//! ```
//!
//! The core takes bytes and gives verified chunks. It does no input or output, draws no random
//! number, and derives no key by itself. A [`decoder::Decoder`] stops and asks its owner one
//! [`decoder::Question`]. The expensive step can therefore run elsewhere and be cancelled.
//!
//! Formats: <https://c2sp.org/age>, and age-rt v0.2 as `README.md` points to it.

#![cfg_attr(all(target_arch = "wasm32", not(feature = "std")), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod base64;
mod crypto;
pub mod decoder;
pub mod encoder;
pub mod error;
pub mod format;
pub mod keys;
mod memory;
#[cfg(feature = "recipients")]
pub mod recipients;
pub mod scrypt;
pub mod spec;
pub mod stream;
mod window;

#[cfg(target_arch = "wasm32")]
pub mod wasm;
