//! A stream of which a bit, a length or the order was changed: nothing of the changed chunk comes
//! out.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use std::ops::Range;

use age_rt::{
    error::{Code, Error},
    format::Format,
};
use common::{CHUNKS, FORMATS, Options, Outcome, PASSPHRASE, Sample, Stream, decode};

/// The outcome of flipping each bit of `range`.
fn flips(sample: &Sample, range: Range<usize>) -> impl Iterator<Item = (usize, Outcome)> {
    range
        .flat_map(|at| (0..8).map(move |bit| (at, bit)))
        .map(|(at, bit)| {
            let mut input = sample.bytes.clone();
            input[at] ^= 1 << bit;
            (at, sample.decode(&input))
        })
}

#[test]
fn every_flipped_bit_of_a_header() {
    for format in FORMATS {
        let sample = Sample::new(format);
        for (at, outcome) in flips(&sample, sample.header.clone()) {
            let code = outcome
                .code()
                .unwrap_or_else(|| panic!("{format:?}, accepted at {at}"));
            let expected = [
                Code::NotAge,
                Code::UnknownFormat,
                Code::InvalidHeader,
                Code::NoPassphraseStanza,
                Code::ExcessiveWorkFactor,
                Code::ChunkSizeMismatch,
                Code::WrongPassphrase,
                Code::HeaderMac,
            ];
            assert!(expected.contains(&code), "{format:?}, {code:?} at {at}");
            assert!(outcome.chunks.is_empty(), "{format:?}, at {at}");
        }
    }
}

#[test]
fn every_flipped_bit_of_the_mac() {
    for format in FORMATS {
        let sample = Sample::new(format);
        let mac = sample.header.end - 44..sample.header.end - 1;
        for (at, outcome) in flips(&sample, mac) {
            let code = outcome.code();
            assert!(
                matches!(code, Some(Code::HeaderMac | Code::InvalidHeader)),
                "{code:?} at {at}"
            );
        }
    }
}

#[test]
fn every_flipped_bit_of_the_nonce() {
    for format in FORMATS {
        let sample = Sample::new(format);
        for (at, outcome) in flips(&sample, sample.nonce.clone()) {
            assert_eq!(
                outcome.code(),
                Some(Code::ChunkAuthentication),
                "{format:?}, at {at}"
            );
            assert!(outcome.chunks.is_empty(), "{format:?}, at {at}");
        }
    }
}

#[test]
fn every_flipped_bit_of_a_sealed_chunk() {
    for format in FORMATS {
        let sample = Sample::new(format);
        let prefix_len = if format == Format::AgeRt { 4 } else { 0 };
        for (index, chunk) in sample.chunks.iter().enumerate() {
            for (at, outcome) in flips(&sample, chunk.start + prefix_len..chunk.end) {
                let error = outcome.result.as_ref().expect_err("it was changed");
                assert_eq!(
                    error.code(),
                    Code::ChunkAuthentication,
                    "{format:?}, at {at}"
                );
                assert_eq!(
                    error.chunk_index(),
                    Some(index as u64),
                    "{format:?}, at {at}"
                );
                assert_eq!(outcome.chunks, CHUNKS[..index], "{format:?}, at {at}");
            }
        }
    }
}

#[test]
fn every_flipped_bit_of_a_length_field() {
    let sample = Sample::new(Format::AgeRt);
    for (index, chunk) in sample.chunks.iter().enumerate() {
        for (at, outcome) in flips(&sample, chunk.start..chunk.start + 4) {
            let code = outcome.code();
            assert!(
                matches!(
                    code,
                    Some(Code::ChunkLength | Code::ChunkAuthentication | Code::Truncated)
                ),
                "{code:?} at {at}"
            );
            assert_eq!(outcome.chunks, CHUNKS[..index], "at {at}");
        }
    }
}

#[test]
fn a_length_field_has_a_range() {
    for (len, in_range) in [
        (0u32, false),
        (15, false),
        (16, true),
        (20, true),
        (21, false),
    ] {
        let mut stream = Stream::new(Format::AgeRt, 4);
        stream.bytes.extend_from_slice(&len.to_be_bytes());
        let outcome = decode(Options::any(), PASSPHRASE, &stream.bytes);
        let code = if in_range {
            Code::Truncated
        } else {
            Code::ChunkLength
        };
        assert_eq!(outcome.code(), Some(code), "{len}");
    }
}

#[test]
fn chunks_in_another_order() {
    for format in FORMATS {
        let sample = Sample::new(format);
        let part = |index: usize| &sample.bytes[sample.chunks[index].clone()];
        let begin = &sample.bytes[..sample.nonce.end];
        let swapped = [begin, part(1), part(0), part(2)].concat();
        let repeated = [begin, part(0), part(0), part(1), part(2)].concat();
        let dropped = [begin, part(0), part(2)].concat();
        for (what, input, released) in [
            ("swapped", swapped, 0),
            ("repeated", repeated, 1),
            ("dropped", dropped, 1),
        ] {
            let outcome = sample.decode(&input);
            assert_eq!(
                outcome.code(),
                Some(Code::ChunkAuthentication),
                "{format:?}, {what}"
            );
            assert_eq!(outcome.chunks, CHUNKS[..released], "{format:?}, {what}");
        }
    }
}

#[test]
fn the_wrong_passphrase() {
    for format in FORMATS {
        let sample = Sample::new(format);
        let outcome = decode(Options::any(), b"incorrect horse", &sample.bytes);
        assert_eq!(outcome.result, Err(Error::WrongPassphrase), "{format:?}");
    }
}
