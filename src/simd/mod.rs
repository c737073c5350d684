//! `ChaCha20` for simd128: four blocks at a time.
//!
//! The chacha20 crate has no backend for WebAssembly, and its portable one takes most of the time of a chunk. This one plugs into the
//! chacha20poly1305 crate in its place, so that the AEAD's composition stays theirs. Elsewhere it is compiled for its tests only, with
//! plain arrays for vectors.

#![allow(
    clippy::cast_possible_truncation,
    clippy::indexing_slicing,
    clippy::inline_always,
    clippy::many_single_char_names,
    reason = "sixteen words by number, all indices and casts below a pass; a call per word would cost more than the word"
)]

mod chacha20;
#[cfg_attr(target_arch = "wasm32", path = "vector_simd128.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "vector_soft.rs")]
mod vector;

#[cfg_attr(
    not(target_arch = "wasm32"),
    expect(unused_imports, reason = "for tests only")
)]
pub(crate) use chacha20::ChaCha20;
