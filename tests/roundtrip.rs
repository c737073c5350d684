//! What the encoder writes, the decoder reads, at every length where something changes.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use age_rt::{error::Code, format::Format, stream::Position};
use common::{Options, PASSPHRASE, Stream, decode, file, painted};

/// Small, so that every edge is cheap; it needs the parameter.
const CHUNK_SIZE: u32 = 64;

fn age_file(chunk_size: u32, plaintext: &[u8]) -> Vec<u8> {
    let chunks: Vec<_> = plaintext.chunks(chunk_size as usize).collect();
    file(
        Format::Age,
        chunk_size,
        if chunks.is_empty() { &[b""] } else { &chunks },
    )
}

#[test]
fn age_at_the_edges_of_tags_and_chunks() {
    let chunk = CHUNK_SIZE as usize;
    for len in [
        0,
        1,
        15,
        16,
        17,
        chunk - 1,
        chunk,
        chunk + 1,
        2 * chunk,
        3 * chunk + 5,
    ] {
        let plaintext = painted(len);
        let options = Options::only(Format::Age).max_chunk(CHUNK_SIZE);
        let outcome = decode(options, PASSPHRASE, &age_file(CHUNK_SIZE, &plaintext));
        assert_eq!(outcome.result, Ok(()), "{len}");
        assert!(outcome.plaintext() == plaintext, "{len}");
        assert_eq!(outcome.chunks.len(), len.div_ceil(chunk).max(1), "{len}");
    }
}

#[test]
fn age_at_the_edges_of_the_standard_chunk() {
    for len in [65_535, 65_536, 65_537, 131_072] {
        let plaintext = painted(len);
        let outcome = decode(Options::any(), PASSPHRASE, &age_file(65_536, &plaintext));
        assert_eq!(outcome.result, Ok(()), "{len}");
        assert!(outcome.plaintext() == plaintext, "{len}");
    }
}

#[test]
fn age_rt_keeps_the_boundaries_of_messages() {
    let messages = [0, 1, 15, 16, 17, 63, 64, 0, 0, 5].map(painted);
    let chunks = messages.each_ref().map(Vec::as_slice);
    let options = Options::only(Format::AgeRt).max_chunk(CHUNK_SIZE);
    let outcome = decode(
        options,
        PASSPHRASE,
        &file(Format::AgeRt, CHUNK_SIZE, &chunks),
    );
    assert_eq!(outcome.result, Ok(()));
    assert_eq!(outcome.chunks, messages);
    assert!(outcome.final_seen);
}

#[test]
fn the_counter_carries_past_one_byte() {
    for format in [Format::Age, Format::AgeRt] {
        let plaintext = painted(257);
        let chunks: Vec<_> = plaintext.chunks(1).collect();
        let input = file(format, 1, &chunks);
        let outcome = decode(Options::only(format).max_chunk(1), PASSPHRASE, &input);
        assert_eq!(outcome.result, Ok(()), "{format:?}");
        assert!(outcome.plaintext() == plaintext, "{format:?}");
        assert_eq!(outcome.chunks.len(), 257, "{format:?}");
    }
}

#[test]
fn the_largest_chunk_size() {
    let size = 16 * 1024 * 1024;
    for format in [Format::Age, Format::AgeRt] {
        let plaintext = painted(size as usize);
        let input = file(format, size, &[&plaintext, b"end"]);
        let outcome = decode(Options::only(format).max_chunk(size), PASSPHRASE, &input);
        assert_eq!(outcome.result, Ok(()), "{format:?}");
        assert_eq!(outcome.lengths(), [size as usize, 3], "{format:?}");
    }
}

#[test]
fn a_standard_size_is_not_written() {
    let input = file(Format::AgeRt, 65_536, &[b""]);
    assert!(input.starts_with(b"github.com/parsimonit/age-rt-encryption/v0.2\n-> scrypt "));
    let input = file(Format::Age, 65_536, &[b""]);
    assert!(input.starts_with(b"age-encryption.org/v1\n-> scrypt "));
}

#[test]
fn another_size_is_the_parameter() {
    let input = file(Format::AgeRt, 1, &[b""]);
    assert!(input.starts_with(b"github.com/parsimonit/age-rt-encryption/v0.2?maxchunk=1\n"));
    let input = file(Format::Age, 16_777_216, &[b""]);
    assert!(input.starts_with(b"age-encryption.org/v1?chunk=16777216\n"));
}

#[test]
fn a_message_opens_before_the_next_byte_arrives() {
    let mut stream = Stream::new(Format::AgeRt, 65_536);
    stream.seal(b"hi", Position::Middle);
    let mut run = common::Run::new(Options::any(), PASSPHRASE);
    run.write(&stream.bytes).expect("it is valid so far");
    assert_eq!(run.chunks, [b"hi"]);
}

#[test]
fn a_full_age_chunk_opens_before_the_next_byte_arrives() {
    let mut stream = Stream::new(Format::Age, 2);
    stream.seal(b"hi", Position::Middle);
    let mut run = common::Run::new(Options::any(), PASSPHRASE);
    run.write(&stream.bytes).expect("it is valid so far");
    assert_eq!(run.chunks, [b"hi"]);
}

#[test]
fn an_explicit_standard_size_is_read() {
    let mut encoder = common::encoder(age_rt::format::Identifier {
        format: Format::AgeRt,
        chunk_parameter: Some(age_rt::format::ChunkSize::STANDARD),
    });
    let mut input = encoder.header().to_vec();
    assert!(input.starts_with(b"github.com/parsimonit/age-rt-encryption/v0.2?maxchunk=65536\n"));
    input.extend_from_slice(encoder.seal(0, Position::Final).expect("a final chunk"));
    assert_eq!(decode(Options::any(), PASSPHRASE, &input).result, Ok(()));
}

#[test]
fn sealing_after_the_final_chunk_is_refused() {
    let mut stream = Stream::new(Format::AgeRt, 64);
    assert!(!stream.encoder.is_finalized());
    stream.seal(b"", Position::Final);
    assert!(stream.encoder.is_finalized());
    let refused = stream.encoder.seal(0, Position::Final).map(<[u8]>::len);
    assert_eq!(
        refused.map_err(|error| error.code()),
        Err(Code::AlreadyFinalized)
    );
}

#[test]
fn a_refused_chunk_changes_nothing() {
    let mut stream = Stream::new(Format::Age, 2);
    stream.seal(b"ab", Position::Middle);
    for (len, position) in [
        (1, Position::Middle),
        (0, Position::Final),
        (3, Position::Final),
    ] {
        let refused = stream.encoder.seal(len, position).map(<[u8]>::len);
        assert_eq!(
            refused.map_err(|error| error.code()),
            Err(Code::Internal),
            "{len}"
        );
    }
    stream.seal(b"c", Position::Final);
    let outcome = decode(Options::any(), PASSPHRASE, &stream.bytes);
    assert_eq!(outcome.plaintext(), b"abc");
}

#[test]
fn input_keeps_what_was_written_when_it_grows() {
    let mut stream = Stream::new(Format::AgeRt, 65_536);
    let plaintext = painted(40_000);
    for end in [1, 100, 5_000, 40_000] {
        stream.encoder.input(end).expect("it fits")[end - 1] = plaintext[end - 1];
    }
    let mut expected = vec![0; 40_000];
    for end in [1, 100, 5_000, 40_000] {
        expected[end - 1] = plaintext[end - 1];
    }
    let sealed = stream
        .encoder
        .seal(40_000, Position::Final)
        .expect("it may")
        .to_vec();
    stream.bytes.extend_from_slice(&sealed);
    assert!(decode(Options::any(), PASSPHRASE, &stream.bytes).plaintext() == expected);
}
