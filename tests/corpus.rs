//! What the fuzzer has found worth keeping, on stable Rust: every input that reached something new,
//! and every one that failed once.

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

use base64ct::{Base64, Encoding};

/// Runs a target on its corpus, of which each line holds a name (or a dash) and the input in
/// base64; how many there were.
fn replay(name: &str, target: fn(&[u8])) -> usize {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fuzz/corpus")
        .join(name)
        .with_extension("txt");
    let lines = fs::read_to_string(path).expect("a corpus");
    for line in lines.lines() {
        println!("{line}");
        let (_, text) = line.split_once(' ').expect("a name and an input");
        let mut bytes = vec![0; text.len()];
        target(Base64::decode(text, &mut bytes).expect("base64"));
    }
    lines.lines().count()
}

#[test]
fn header() {
    assert!(replay("header", targets::header) >= 100);
}

#[test]
fn decoder() {
    assert!(replay("decoder", targets::decoder) >= 100);
}

#[test]
fn base64() {
    assert!(replay("base64", targets::base64) >= 30);
}

#[test]
fn framing() {
    assert!(replay("framing", targets::framing) >= 100);
}
