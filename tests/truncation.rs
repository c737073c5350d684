//! A stream that is cut, or goes on after its end: each has its code, after every whole chunk.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use age_rt::{
    decoder::Event,
    error::{Code, Error, Part, PayloadError},
    format::Format,
    stream::Position,
};
use common::{CHUNKS, FORMATS, Options, PASSPHRASE, Run, Sample, Stream, decode};

#[test]
fn every_truncation_of_an_age_rt_file() {
    let sample = Sample::new(Format::AgeRt);
    for at in 0..sample.bytes.len() {
        let outcome = sample.decode(&sample.bytes[..at]);
        assert_eq!(outcome.code(), Some(Code::Truncated), "at {at}");
        assert_eq!(outcome.chunks, CHUNKS[..sample.complete(at)], "at {at}");
    }
}

#[test]
fn every_truncation_of_an_age_file() {
    for texts in [&CHUNKS[..], &CHUNKS[..2], &[b""]] {
        let sample = Sample::of(Format::Age, texts);
        for at in 0..sample.bytes.len() {
            let outcome = sample.decode(&sample.bytes[..at]);
            let complete = sample.complete(at);
            let left = at.saturating_sub(sample.nonce.end) - 20 * complete;
            let code = if left < 16 {
                Code::Truncated
            } else {
                Code::ChunkAuthentication
            };
            assert_eq!(outcome.code(), Some(code), "at {at}");
            assert_eq!(outcome.chunks, texts[..complete], "at {at}");
        }
    }
}

#[test]
fn truncation_says_where() {
    let sample = Sample::new(Format::AgeRt);
    for (at, part) in [
        (0, Part::Header),
        (sample.header.end - 1, Part::Header),
        (sample.header.end, Part::Nonce),
        (sample.nonce.end - 1, Part::Nonce),
        (sample.nonce.end, Part::Payload),
    ] {
        assert_eq!(
            sample.decode(&sample.bytes[..at]).result,
            Err(Error::Truncated(part)),
            "at {at}"
        );
    }
}

#[test]
fn a_chunk_that_is_not_final_cannot_end_an_age_file() {
    // Sealed as the middle chunk of another size: short here, and still not the last.
    let mut stream = Stream::new(Format::Age, 4);
    stream.seal(b"abcd", Position::Middle);
    let outcome = decode(Options::any(), PASSPHRASE, &stream.bytes);
    assert_eq!(outcome.result, Err(Error::Truncated(Part::Payload)));
    assert_eq!(outcome.chunks, [b"abcd"]);
}

#[test]
fn a_short_chunk_sealed_as_middle_does_not_open() {
    let mut forged = Stream::new(Format::AgeRt, 4);
    forged.seal(b"ab", Position::Middle);
    let sealed = &forged.bytes[forged.bytes.len() - 18..];
    let mut stream = Stream::new(Format::Age, 4);
    stream.bytes.extend_from_slice(sealed);
    let outcome = decode(Options::any(), PASSPHRASE, &stream.bytes);
    assert_eq!(
        outcome.result,
        Err(PayloadError::LastChunkAuthentication { index: 0 }.into())
    );
}

#[test]
fn an_empty_final_age_chunk_after_others() {
    // The encoder refuses to write one, so age-rt's, which allows it, lends its chunk: the keys are
    // the same.
    let mut lender = Stream::new(Format::AgeRt, 4);
    lender.seal(b"abcd", Position::Middle);
    lender.seal(b"", Position::Final);
    let mut stream = Stream::new(Format::Age, 4);
    stream.seal(b"abcd", Position::Middle);
    stream
        .bytes
        .extend_from_slice(&lender.bytes[lender.bytes.len() - 16..]);
    let outcome = decode(Options::any(), PASSPHRASE, &stream.bytes);
    assert_eq!(
        outcome.result,
        Err(PayloadError::EmptyFinalChunk { index: 1 }.into())
    );
    assert_eq!(outcome.chunks, [b"abcd"]);
    assert!(!outcome.final_seen);
}

#[test]
fn data_after_a_full_final_chunk() {
    for format in FORMATS {
        let sample = Sample::of(format, &CHUNKS[..2]);
        let outcome = sample.decode(&[&sample.bytes[..], b"x"].concat());
        assert_eq!(outcome.code(), Some(Code::TrailingData), "{format:?}");
        assert_eq!(outcome.chunks, CHUNKS[..2], "{format:?}");
    }
}

#[test]
fn data_after_a_short_final_chunk() {
    for (format, code) in [
        (Format::Age, Code::ChunkAuthentication),
        (Format::AgeRt, Code::TrailingData),
    ] {
        let sample = Sample::new(format);
        let outcome = sample.decode(&[&sample.bytes[..], b"x"].concat());
        assert_eq!(outcome.code(), Some(code), "{format:?}");
    }
}

#[test]
fn data_in_a_write_after_the_end() {
    let sample = Sample::new(Format::AgeRt);
    let mut run = Run::new(Options::any(), PASSPHRASE);
    run.write(&sample.bytes).expect("it is valid");
    assert_eq!(run.decoder.next_event(), Ok(Event::End));
    let error = run.write(b"x").expect_err("nothing may follow");
    assert_eq!(error.code(), Code::TrailingData);
    assert_eq!(run.chunks, CHUNKS);
}

#[test]
fn the_end_stays_the_end() {
    let sample = Sample::new(Format::AgeRt);
    let mut run = Run::new(Options::any(), PASSPHRASE);
    run.write(&sample.bytes).expect("it is valid");
    for _ in 0..3 {
        assert_eq!(run.decoder.finish(), Ok(Event::End));
        assert_eq!(run.decoder.wanted(), 0);
    }
}
