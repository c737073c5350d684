//! Any split of the input gives the same chunks and the same error as the whole.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use age_rt::format::Format;
use common::{Options, PASSPHRASE, Random, decode, decode_pieces, decode_push, file, painted};

/// Valid, cut short, changed and continued streams of both formats.
fn inputs() -> Vec<(&'static str, Vec<u8>)> {
    let text = painted(200);
    let chunks: Vec<_> = text.chunks(64).collect();
    let mut inputs = Vec::new();
    for format in [Format::Age, Format::AgeRt] {
        let whole = file(format, 64, &chunks);
        let cut = whole[..whole.len() - 3].to_vec();
        let mut changed = whole.clone();
        let middle = whole.len() - 150;
        changed[middle] ^= 1;
        let continued = [&whole[..], b"more"].concat();
        let full_last = file(format, 64, &chunks[..3]);
        let full_continued = [&full_last[..], b"m"].concat();
        inputs.extend([
            ("whole", whole),
            ("cut", cut),
            ("changed", changed),
            ("continued", continued),
            ("full last", full_last),
            ("full last continued", full_continued),
        ]);
    }
    let messages: [&[u8]; 6] = [b"", b"", b"a", b"", &text[..64], b""];
    inputs.push(("empty messages", file(Format::AgeRt, 64, &messages)));
    inputs.push((
        "armored",
        b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n".to_vec(),
    ));
    inputs.push(("dashes", b"-----BEGIN PGP MESSAGE-----\n".to_vec()));
    inputs.push(("a few dashes", b"---".to_vec()));
    inputs.push(("no stanza", b"age-encryption.org/v1\n--- x\n".to_vec()));
    inputs.push(("another version", b"age-encryption.org/v2\n".to_vec()));
    inputs.push(("text", b"hello, world".to_vec()));
    inputs
}

#[test]
fn in_two_at_every_byte() {
    for (name, input) in inputs() {
        let whole = decode(Options::any(), PASSPHRASE, &input);
        for at in 1..input.len() {
            let mut pieces = [at, usize::MAX].into_iter();
            let split = decode_pieces(Options::any(), PASSPHRASE, &input, || {
                pieces.next().unwrap_or(1)
            });
            assert_eq!(split, whole, "{name}, in two at {at}");
        }
    }
}

#[test]
fn byte_by_byte() {
    for (name, input) in inputs() {
        let whole = decode(Options::any(), PASSPHRASE, &input);
        assert_eq!(
            decode_pieces(Options::any(), PASSPHRASE, &input, || 1),
            whole,
            "{name}"
        );
    }
}

#[test]
fn as_the_push_api_wants_it() {
    for (name, input) in inputs() {
        let whole = decode(Options::any(), PASSPHRASE, &input);
        assert_eq!(
            decode_push(Options::any(), PASSPHRASE, &input),
            whole,
            "{name}"
        );
    }
}

#[test]
fn at_random() {
    for (name, input) in inputs() {
        let whole = decode(Options::any(), PASSPHRASE, &input);
        for seed in 0..200 {
            let mut random = Random(seed);
            let split = decode_pieces(Options::any(), PASSPHRASE, &input, || random.length(8));
            assert_eq!(split, whole, "{name}, seed {seed}");
        }
    }
}

#[test]
fn full_size_chunks_at_random() {
    let text = painted(200_000);
    for format in [Format::Age, Format::AgeRt] {
        let chunks: Vec<_> = text.chunks(65_536).collect();
        let input = file(format, 65_536, &chunks);
        let whole = decode(Options::any(), PASSPHRASE, &input);
        assert_eq!(whole.result, Ok(()), "{format:?}");
        for seed in 0..50 {
            let mut random = Random(seed);
            let split = decode_pieces(Options::any(), PASSPHRASE, &input, || random.length(18));
            assert!(split == whole, "{format:?}, seed {seed}");
        }
    }
}
