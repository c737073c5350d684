//! What the fuzzer runs; `tests/corpus.rs` and `tests/properties.rs` run the same on stable Rust.

#[path = "../../common/mod.rs"]
mod common;
pub mod targets;
