//! What a caller is told who gives exactly what is wanted: each part's length, and nothing read
//! beyond the end.

#![allow(clippy::indexing_slicing, reason = "a test that panics has failed")]

mod common;

use age_rt::{format::Format, stream::Position};
use common::{Options, PASSPHRASE, Run, Stream};

/// The lengths that were wanted after the header, one after the other.
fn wanted(format: Format, chunks: &[&[u8]]) -> Vec<usize> {
    let mut stream = Stream::new(format, 8);
    let header_len = stream.bytes.len() - 16;
    let (last, others) = chunks.split_last().expect("a final chunk");
    for chunk in others {
        stream.seal(chunk, Position::Middle);
    }
    stream.seal(last, Position::Final);

    let mut run = Run::new(Options::only(format).max_chunk(8), PASSPHRASE);
    let (header, mut rest) = stream.bytes.split_at(header_len);
    for byte in header {
        assert_eq!(run.decoder.wanted(), 1, "byte by byte in the header");
        run.write(&[*byte]).expect("it is valid");
    }
    let mut lengths = Vec::new();
    while !run.decoder.is_done() && !rest.is_empty() {
        let len = run.decoder.wanted();
        assert!(len > 0, "something is wanted until it is done");
        lengths.push(len);
        let (now, later) = rest.split_at(len.min(rest.len()));
        run.write(now).expect("it is valid");
        rest = later;
    }
    run.finish().expect("it is valid");
    assert_eq!(rest.len(), 0, "everything was wanted");
    assert_eq!(run.decoder.wanted(), 0);
    assert_eq!(run.chunks, chunks);
    lengths
}

#[test]
fn age_wants_the_nonce_and_then_whole_chunks() {
    assert_eq!(
        wanted(Format::Age, &[b"12345678", b"12345678", b"123"]),
        [16, 24, 24, 24]
    );
    assert_eq!(wanted(Format::Age, &[b"12345678"]), [16, 24]);
    assert_eq!(wanted(Format::Age, &[b""]), [16, 24]);
}

#[test]
fn age_rt_wants_the_nonce_and_then_each_length_and_its_chunk() {
    assert_eq!(
        wanted(Format::AgeRt, &[b"123", b"", b"12345678"]),
        [16, 4, 19, 4, 16, 4, 24]
    );
    assert_eq!(wanted(Format::AgeRt, &[b""]), [16, 4, 16]);
}

#[test]
fn a_part_of_what_is_wanted_leaves_the_rest_wanted() {
    let mut stream = Stream::new(Format::AgeRt, 8);
    let payload = stream.bytes.len();
    stream.seal(b"12345678", Position::Final);
    let mut run = Run::new(Options::any(), PASSPHRASE);
    run.write(&stream.bytes[..payload]).expect("it is valid");
    run.write(&stream.bytes[payload..=payload])
        .expect("it is valid");
    assert_eq!(run.decoder.wanted(), 4);
    assert!(!run.decoder.is_done());
    run.write(&stream.bytes[payload + 1..])
        .expect("it is valid");
    assert!(run.decoder.is_done());
}
