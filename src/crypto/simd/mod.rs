//! `ChaCha20` and `Poly1305` for simd128, made for each other: four blocks of keystream and the
//! authentication of as many bytes in one pass.
//!
//! The `RustCrypto` crates have no backend for WebAssembly, and run one after the other, which
//! takes three times as long. Interleaved in one loop, the cipher's vectors and the authenticator's
//! multiplications run in parallel. The composition is in `aead.rs`. Outside of WebAssembly the
//! same code runs on plain arrays, so that every native test and fuzzer goes through it.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::inline_always,
    clippy::many_single_char_names,
    reason = "words and limbs by number, all indices and casts below an array's constant length; a call per word would cost more than the word"
)]

mod chacha20;
mod poly1305;
#[cfg_attr(target_arch = "wasm32", path = "vector_simd128.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "vector_soft.rs")]
mod vector;

pub(crate) use self::{
    chacha20::{ChaCha20, PASS_LEN, xor},
    poly1305::Poly1305,
    vector::Vector,
};
