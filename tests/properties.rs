//! The fuzzer's targets on random data, and what else must hold of any file.
//!
//! `SEED=… cargo test --test properties` repeats a run. Runs in WebAssembly too.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::print_stdout,
    reason = "a test that panics has failed, and says on what"
)]

mod common;
#[path = "fuzz/src/targets.rs"]
mod targets;

use age_rt::{format::Format, stream::Position};
use common::{Options, PASSPHRASE, Random, Stream, decode, painted};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn random() -> Random {
    let seed = option_env!("SEED")
        .map(str::to_owned)
        .or_else(|| std::env::var("SEED").ok());
    let seed = seed.map_or_else(fresh_seed, |seed| seed.parse().expect("a number"));
    println!("SEED={seed}");
    Random(seed)
}

#[cfg(not(target_arch = "wasm32"))]
fn fresh_seed() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(0)
}

#[cfg(target_arch = "wasm32")]
fn fresh_seed() -> u64 {
    u64::from(js_sys::Math::random().to_bits() as u32)
}

fn bytes(random: &mut Random, len: usize) -> Vec<u8> {
    (0..len).map(|_| random.next() as u8).collect()
}

/// Runs a target on data of many lengths.
fn at_random(target: fn(&[u8]), times: usize) {
    let mut random = random();
    for _ in 0..times {
        let len = random.length(10);
        target(&bytes(&mut random, len));
    }
}

#[test]
fn any_calls_on_any_input() {
    at_random(targets::decoder, 20_000);
}

#[test]
fn any_change_of_any_stream() {
    at_random(targets::framing, 20_000);
}

#[test]
fn any_text_as_base64() {
    at_random(targets::base64, 20_000);
}

/// Random bytes are no headers: pieces of the grammar in random order come closer.
#[test]
fn any_header_parses_and_is_written_as_it_was_or_is_refused() {
    const PIECES: &[&[u8]] = &[
        b"age-encryption.org/v1",
        b"github.com/parsimonit/age-rt-encryption/v0.2",
        b"?chunk=",
        b"?maxchunk=",
        b"65536",
        b"1",
        b"16777216",
        b"0",
        b"\n",
        b"\n-> ",
        b"-> ",
        b"scrypt ",
        b"X25519",
        b" ",
        b"AAAAAAAAAAAAAAAAAAAAAA",
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        b"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        b"--- ",
        b"---",
        b"\r",
        b"!~",
        b"==",
    ];
    let mut random = random();
    let (mut parsed, times) = (0, 40_000);
    for _ in 0..times {
        let mut data = vec![0, random.next() as u8, random.next() as u8];
        // Half of the beginnings are right, so that what follows them is looked at.
        if random.below(2) == 0 {
            data.extend_from_slice(PIECES[random.below(2)]);
            data.extend_from_slice(b"\n-> x y\n");
            for _ in 0..random.below(3) {
                let len = random.below(100);
                let mut body = Vec::new();
                age_rt::base64::encode_body(&bytes(&mut random, len), &mut body);
                data.extend_from_slice(&body);
                data.extend_from_slice(b"-> z\n");
            }
            data.extend_from_slice(b"\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
            parsed += 1;
        }
        for _ in 0..random.below(3) {
            let at = 3 + random.below(data.len() - 2);
            let piece = PIECES[random.below(PIECES.len())];
            data.splice(at..at, piece.iter().copied());
        }
        targets::header(&data);
    }
    assert!(parsed > times / 3);
}

/// Small files are flipped and cut at every place in `truncation.rs` and `corruption.rs`; these are
/// of full size, at places that are drawn.
#[test]
fn a_full_size_file_that_is_changed_anywhere_gives_a_prefix_of_whole_chunks() {
    let mut random = random();
    let chunk = painted(65_536);
    for format in [Format::Age, Format::AgeRt] {
        let mut stream = Stream::new(format, 65_536);
        let mut ends = Vec::new();
        for position in [Position::Middle, Position::Middle, Position::Final] {
            stream.seal(&chunk, position);
            ends.push(stream.bytes.len());
        }
        let complete = |at: usize| ends.iter().filter(|&&end| end <= at).count();
        let decoded = |input: &[u8]| decode(Options::only(format), PASSPHRASE, input);
        for _ in 0..100 {
            let at = random.below(stream.bytes.len());
            let mut changed = stream.bytes.clone();
            changed[at] ^= 1 << random.below(8);
            let outcome = decoded(&changed);
            assert!(outcome.result.is_err(), "{format:?}: flipped at {at}");
            assert_eq!(
                outcome.chunks.len(),
                complete(at),
                "{format:?}: flipped at {at}"
            );
            assert!(outcome.chunks.iter().all(|text| *text == chunk));

            let outcome = decoded(&stream.bytes[..at]);
            assert!(outcome.result.is_err(), "{format:?}: cut at {at}");
            assert_eq!(
                outcome.chunks.len(),
                complete(at),
                "{format:?}: cut at {at}"
            );
            assert!(outcome.chunks.iter().all(|text| *text == chunk));
        }
    }
}

/// Two streams under one passphrase do not mix, not even chunk for chunk at the same place.
#[test]
fn a_chunk_of_another_stream_does_not_open() {
    for format in [Format::Age, Format::AgeRt] {
        let make = |nonce: u8| {
            let mut stream = Stream::with_nonce(format, 4, [nonce; 16]);
            let header = stream.bytes.len();
            stream.seal(b"abcd", Position::Middle);
            let second = stream.bytes.len();
            stream.seal(b"efgh", Position::Final);
            (stream.bytes, header, second)
        };
        let ((one, header, second), (other, ..)) = (make(1), make(2));
        let options = Options::only(format).max_chunk(4);
        for (at, opened) in [(header, 0), (second, 1)] {
            let mixed = [&one[..at], &other[at..]].concat();
            let outcome = decode(options, PASSPHRASE, &mixed);
            assert!(outcome.result.is_err(), "{format:?}");
            assert_eq!(outcome.chunks.len(), opened, "{format:?}");
        }
    }
}
