//! Hostile input: bounded memory, and the right error before anything expensive.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use age_rt::{
    decoder::{Event, Tried, Ways},
    error::Code,
    format::Format,
    spec::{MAX_HEADER_LEN, MAX_HEADER_LEN_FOR_IDENTITIES, STANZA_PREFIX},
};
use common::{OUTSIDE, Options, PASSPHRASE, Run, Stream, decode, file, header_of};

/// Gives `input` for ever and counts the bytes until the decoder has had enough.
fn endless(start: &[u8], input: &[u8]) -> (usize, Code) {
    endless_for(Options::any().passphrase(false), start, input)
}

fn endless_for(ways: Ways, start: &[u8], input: &[u8]) -> (usize, Code) {
    let mut decoder = Options::any().decoder_for(ways);
    let mut given = 0;
    let mut source = start.iter().chain(input.iter().cycle());
    loop {
        let room = match decoder.input(4096) {
            Ok(room) => room,
            Err(error) => return (given, error.code()),
        };
        assert!(room.len() <= 4096);
        for byte in room.iter_mut() {
            *byte = *source.next().expect("it is endless");
        }
        let len = room.len();
        match decoder.advance(len) {
            Ok(event) => assert_eq!(event, Event::NeedInput),
            Err(error) => return (given, error.code()),
        }
        given += len;
    }
}

#[test]
fn an_endless_identifier() {
    let (given, code) = endless(b"age-encryption.org/", b"v");
    assert_eq!(code, Code::InvalidHeader);
    assert!(given <= MAX_HEADER_LEN);
}

#[test]
fn an_endless_stanza_line() {
    let (given, code) = endless(b"age-encryption.org/v1\n-> scrypt", b" x");
    assert_eq!(code, Code::InvalidHeader);
    assert!(given <= MAX_HEADER_LEN);
}

#[test]
fn an_endless_body() {
    let line = [[b'A'; 64].as_slice(), b"\n"].concat();
    let (given, code) = endless(b"age-encryption.org/v1\n-> scrypt\n", &line);
    assert_eq!(code, Code::InvalidHeader);
    assert!(given <= MAX_HEADER_LEN);
}

#[test]
fn endless_stanzas() {
    let (given, code) = endless(b"age-encryption.org/v1\n", b"-> x\n\n");
    assert_eq!(code, Code::InvalidHeader);
    assert!(given <= MAX_HEADER_LEN);
}

#[test]
fn endless_stanzas_for_identities() {
    for ways in [OUTSIDE, Options::any().passphrase(true)] {
        let (given, code) = endless_for(ways, b"age-encryption.org/v1\n", b"-> x\n\n");
        assert_eq!(code, Code::InvalidHeader);
        assert!(given <= MAX_HEADER_LEN_FOR_IDENTITIES);
        assert!(given > MAX_HEADER_LEN_FOR_IDENTITIES - 4096);
    }
}

#[test]
fn a_header_of_exactly_the_limit_is_read() {
    let passphrase = Options::any().passphrase(false);
    let both = Options::any().passphrase(true);
    for (ways, limit, code) in [
        (passphrase, MAX_HEADER_LEN, Code::NoPassphraseStanza),
        (both, MAX_HEADER_LEN_FOR_IDENTITIES, Code::NoIdentityMatch),
        (
            OUTSIDE,
            MAX_HEADER_LEN_FOR_IDENTITIES,
            Code::NoIdentityMatch,
        ),
    ] {
        let begin = b"age-encryption.org/v1\n";
        let end_len = header_of("").len();
        let argument = limit - begin.len() - b"->  \n\n".len() - b"x".len() - end_len;
        let text =
            |argument: usize| format!("age-encryption.org/v1\n-> x {}\n\n", "y".repeat(argument));

        let largest = header_of(&text(argument));
        assert_eq!(largest.len(), limit);
        assert_eq!(without_an_answer(ways, &largest), code);
        let too_large = header_of(&text(argument + 1));
        assert_eq!(without_an_answer(ways, &too_large), Code::InvalidHeader);
    }
    assert_eq!(STANZA_PREFIX, b"->");
}

/// What a header amounts to for somebody who can answer in these ways and never does.
fn without_an_answer(ways: Ways, header: &[u8]) -> Code {
    let mut decoder = Options::any().decoder_for(ways);
    let mut rest = header;
    while !rest.is_empty() {
        let room = decoder.input(rest.len()).expect("room");
        let (now, later) = rest.split_at(room.len());
        room.copy_from_slice(now);
        rest = later;
        match decoder.advance(now.len()) {
            Err(error) => return error.code(),
            Ok(Event::NeedInput) => {}
            Ok(_) => return decoder.give_up().code(),
        }
    }
    panic!("the header has no end");
}

#[test]
fn ten_thousand_stanza_types_are_cut_to_a_message() {
    let input = header_of(&format!(
        "age-encryption.org/v1\n{}",
        "-> x\n\n".repeat(10_000)
    ));
    let mut run = Run::new(Options::any(), PASSPHRASE);
    let error = run.write(&input).expect_err("no scrypt stanza");
    assert_eq!(error.code(), Code::NoPassphraseStanza);
    let types = run.decoder.stanza_types().expect("the types").as_lines();
    assert!(types.len() <= 1024);
    assert!(types.split(|&byte| byte == b'\n').all(|line| line == b"x"));
}

#[test]
fn a_length_field_is_refused_before_anything_is_allocated_for_it() {
    let mut stream = Stream::new(Format::AgeRt, 65_536);
    stream.bytes.extend_from_slice(&u32::MAX.to_be_bytes());
    let mut run = Run::new(Options::any(), PASSPHRASE);
    let error = run.write(&stream.bytes).expect_err("out of range");
    assert_eq!(error.code(), Code::ChunkLength);
}

#[test]
fn memory_follows_what_arrives_not_what_a_length_claims() {
    let size = 16 * 1024 * 1024;
    let mut stream = Stream::new(Format::AgeRt, size);
    stream.bytes.extend_from_slice(&(size + 16).to_be_bytes());
    let mut run = Run::new(Options::any().max_chunk(size), PASSPHRASE);
    run.write(&stream.bytes).expect("it is valid so far");
    // The claim is 16 MiB; one byte at a time gets no more than a step.
    for _ in 0..100 {
        assert_eq!(run.decoder.input(1).expect("room").len(), 1);
        run.decoder.advance(1).expect("more is needed");
    }
    assert!((100..=8192).contains(&run.decoder.buffer_len()));
}

#[test]
fn the_buffer_is_never_larger_than_one_sealed_chunk_and_a_step() {
    for format in [Format::Age, Format::AgeRt] {
        let chunk = common::painted(65_536);
        let input = file(format, 65_536, &[&chunk, &chunk, &chunk, b"end"]);
        let mut run = Run::new(Options::any(), PASSPHRASE);
        for piece in input.chunks(100_000) {
            run.write(piece).expect("it is valid");
            let len = run.decoder.buffer_len();
            // The end, which in age-rt comes with the last piece, gives it back.
            let expected = if run.decoder.is_done() {
                0..=0
            } else {
                65_536..=65_536 + 4 + 16
            };
            assert!(expected.contains(&len), "{format:?}: {len}");
        }
    }
}

#[test]
fn a_chunk_size_is_refused_before_any_derivation() {
    let input = file(Format::AgeRt, 16_777_216, &[b""]);
    let mut decoder = Options::any().decoder();
    decoder
        .input(input.len())
        .expect("room")
        .copy_from_slice(&input);
    let error = decoder.advance(input.len()).expect_err("above the limit");
    assert_eq!(error.code(), Code::ChunkSizeMismatch);
    assert_eq!(
        (error.size(), error.limit()),
        (Some(16_777_216), Some(65_536))
    );
}

#[test]
fn a_work_factor_is_refused_before_any_derivation() {
    for log_n in ["21", "63", "4294967296", &"9".repeat(1000)] {
        let input = header_of(&scrypt_header(log_n));
        let error = decode(Options::any(), PASSPHRASE, &input)
            .result
            .expect_err("too much work");
        assert_eq!(error.code(), Code::ExcessiveWorkFactor, "{log_n}");
        assert_eq!(
            error.work_factor(),
            Some(log_n.parse().unwrap_or(u32::MAX)),
            "{log_n}"
        );
        assert_eq!(error.limit(), Some(20), "{log_n}");
    }
}

#[test]
fn a_lower_limit_on_work_holds() {
    let options = Options::any().max_log_n(18);
    let refused = decode(options, PASSPHRASE, &header_of(&scrypt_header("19")));
    assert_eq!(refused.code(), Some(Code::ExcessiveWorkFactor));
}

#[test]
fn chunks_that_nobody_takes_leave_no_room_for_more() {
    let chunk = [0; 1000];
    let input = file(Format::AgeRt, 65_536, &[&chunk[..]; 300]);
    let mut decoder = Options::any().decoder_for(OUTSIDE);
    let mut rest = &input[..];
    let mut taken = 0;
    loop {
        let room = decoder.input(rest.len()).expect("no error");
        let (now, later) = rest.split_at(room.len());
        room.copy_from_slice(now);
        rest = later;
        match decoder.advance(now.len()).expect("no error") {
            Event::NeedFileKey => {
                let tried = decoder.try_file_key(common::file_key());
                assert_eq!(tried, Ok(Tried::Opened));
            }
            Event::NeedWrapKey => panic!("nobody here has a passphrase"),
            Event::Chunk(..) => taken += 1,
            Event::NeedInput => assert!(!rest.is_empty()),
            Event::End => break,
        }
        assert!(decoder.buffer_len() <= 65_536 + 4 + 16);
    }
    assert_eq!(taken, 300);
}

fn scrypt_header(log_n: &str) -> String {
    let salt = "A".repeat(22);
    let body = "A".repeat(43);
    format!("age-encryption.org/v1\n-> scrypt {salt} {log_n}\n{body}\n")
}
