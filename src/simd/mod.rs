//! ChaCha20 for simd128: four blocks at a time.
//!
//! The chacha20 crate has no backend for WebAssembly, and its portable one takes most of the time of a chunk. This one plugs into the
//! chacha20poly1305 crate in its place, so that the AEAD's composition stays theirs. Elsewhere it is compiled for its tests only, with
//! plain arrays for vectors.

mod chacha20;
#[cfg_attr(target_arch = "wasm32", path = "vector_simd128.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "vector_soft.rs")]
mod vector;

pub(crate) use chacha20::ChaCha20;
