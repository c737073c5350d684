//! What the fuzzer has found worth keeping, on stable Rust: every input that reached something new, and every one that failed once.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    reason = "a test that panics has failed, and says on what"
)]

mod common;
#[path = "fuzz/src/targets.rs"]
mod targets;

use std::{fs, path::Path};

/// Runs a target on its corpus; how many inputs there were.
fn replay(name: &str, target: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(name);
    let mut inputs: Vec<_> = fs::read_dir(folder)
        .expect("a corpus")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    inputs.sort();
    for path in &inputs {
        println!("{}", path.display());
        target(&fs::read(path).expect("an input"));
    }
    inputs.len()
}

#[test]
fn header() {
    assert!(replay("header", targets::header) > 0);
}

#[test]
fn decoder() {
    assert!(replay("decoder", targets::decoder) > 0);
}

#[test]
fn base64() {
    assert!(replay("base64", targets::base64) > 0);
}

#[test]
fn framing() {
    assert!(replay("framing", targets::framing) > 0);
}
