//! Every failure has its code, releases only whole verified chunks, and sticks.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use std::ops::Range;

use age_rt::{
    decoder::Event,
    error::{Code, Error, HeaderError, Malformed, Part, PayloadError},
    format::Format,
    keys::WrapKey,
    spec::ARMOR_BEGIN,
    stream::Position,
};
use common::{OUTSIDE, Options, PASSPHRASE, Run, Stream, decode, file, header_of};

const FORMATS: [Format; 2] = [Format::Age, Format::AgeRt];

/// A small file of three chunks, and where its parts are.
struct Sample {
    format: Format,
    bytes: Vec<u8>,
    header: Range<usize>,
    nonce: Range<usize>,
    chunks: Vec<Range<usize>>,
}

const CHUNKS: [&[u8]; 3] = [b"abcd", b"efgh", b"ij"];

impl Sample {
    fn new(format: Format) -> Self {
        Self::of(format, &CHUNKS)
    }

    fn of(format: Format, texts: &[&[u8]]) -> Self {
        let mut stream = Stream::new(format, 4);
        let nonce = stream.bytes.len() - 16..stream.bytes.len();
        let mut chunks = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let last = index + 1 == texts.len();
            let start = stream.bytes.len();
            stream.seal(
                text,
                if last {
                    Position::Final
                } else {
                    Position::Middle
                },
            );
            chunks.push(start..stream.bytes.len());
        }
        Self {
            format,
            bytes: stream.bytes,
            header: 0..nonce.start,
            nonce,
            chunks,
        }
    }

    fn decode(&self, input: &[u8]) -> common::Outcome {
        decode(Options::only(self.format).max_chunk(4), PASSPHRASE, input)
    }

    /// How many chunks end at or before `at`.
    fn complete(&self, at: usize) -> usize {
        self.chunks.iter().filter(|chunk| chunk.end <= at).count()
    }
}

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

/// The outcome of flipping each bit of `range`.
fn flips(sample: &Sample, range: Range<usize>) -> impl Iterator<Item = (usize, common::Outcome)> {
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
    // The encoder refuses to write one, so age-rt's, which allows it, lends its chunk: the keys are the same.
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

#[test]
fn the_wrong_passphrase() {
    for format in FORMATS {
        let sample = Sample::new(format);
        let outcome = decode(Options::any(), b"incorrect horse", &sample.bytes);
        assert_eq!(outcome.result, Err(Error::WrongPassphrase), "{format:?}");
    }
}

#[test]
fn the_other_format() {
    for (format, decoder) in [(Format::Age, Format::AgeRt), (Format::AgeRt, Format::Age)] {
        let sample = Sample::new(format);
        let outcome = decode(Options::only(decoder), PASSPHRASE, &sample.bytes);
        assert_eq!(
            outcome.result,
            Err(HeaderError::WrongFormat.into()),
            "{format:?}"
        );
    }
}

#[test]
fn the_other_format_before_its_parameter_is_looked_at() {
    let outcome = decode(
        Options::only(Format::AgeRt),
        PASSPHRASE,
        b"age-encryption.org/v1?x=0\n",
    );
    assert_eq!(outcome.code(), Some(Code::WrongFormat));
}

#[test]
fn beginnings() {
    let not_age = Some(Code::NotAge);
    let unknown = Some(Code::UnknownFormat);
    let invalid = Some(Code::InvalidHeader);
    let truncated = Some(Code::Truncated);
    for (input, code) in [
        (&b"x"[..], not_age),
        (b"\n", not_age),
        (b"\xef\xbb\xbfage-encryption.org/v1\n", not_age),
        (b"age-encryption.com", not_age),
        (b"age-encryption.org\n", not_age),
        (b"github.com/parsimonit/age", truncated),
        (b"github.com/rust-lang", not_age),
        (b"-", not_age),
        (b"--- ", not_age),
        (b"age-encryption.org/v1", truncated),
        (b"age-encryption.org/\n", unknown),
        (b"age-encryption.org/v11\n", unknown),
        (b"age-encryption.org/V1\n", unknown),
        (b"age-encryption.org/v0.2\n", unknown),
        (b"github.com/parsimonit/age-rt-encryption/v1\n", unknown),
        (
            b"github.com/parsimonit/age-rt-encryption/v0.1?maxchunk=5\n",
            unknown,
        ),
        (b"age-encryption.org/v1\r\n", invalid),
        (b"age-encryption.org/v1 \n", invalid),
        (b"age-encryption.org/v1?\n", invalid),
        (b"age-encryption.org/v1?chunk\n", invalid),
        (b"age-encryption.org/v1?chunk=\n", invalid),
        (b"age-encryption.org/v1?chunk=0\n", invalid),
        (b"age-encryption.org/v1?chunk=01\n", invalid),
        (b"age-encryption.org/v1?chunk=+1\n", invalid),
        (b"age-encryption.org/v1?chunk=16777217\n", invalid),
        (
            b"age-encryption.org/v1?chunk=99999999999999999999\n",
            invalid,
        ),
        (b"age-encryption.org/v1?chunk=1&chunk=1\n", invalid),
        (b"age-encryption.org/v1?chunk=1&x=1\n", invalid),
        (b"age-encryption.org/v1?maxchunk=1\n", invalid),
        (b"age-encryption.org/v1?CHUNK=1\n", invalid),
        (b"age-encryption.org/v1??chunk=1\n", invalid),
        (
            b"github.com/parsimonit/age-rt-encryption/v0.2?chunk=1\n",
            invalid,
        ),
        (b"age-encryption.org/v1?chunk=16777216\n", truncated),
    ] {
        let outcome = decode(Options::any(), PASSPHRASE, input);
        assert_eq!(outcome.code(), code, "{}", String::from_utf8_lossy(input));
    }
}

#[test]
fn the_first_wrong_byte_is_enough() {
    let mut run = Run::new(Options::any(), PASSPHRASE);
    assert_eq!(run.write(b"h"), Err(HeaderError::NotAge.into()));
}

#[test]
fn a_file_that_a_shell_has_rewritten_has_its_own_reason() {
    let text = "age-encryption.org/v1\r\n-> scrypt";
    let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "\u{feff}"
            .encode_utf16()
            .chain(text.encode_utf16())
            .flat_map(order)
            .collect()
    };
    let marked = ["\u{feff}", text].concat().into_bytes();
    for rewritten in [wide(u16::to_le_bytes), wide(u16::to_be_bytes), marked] {
        let error = decode(Options::any(), PASSPHRASE, &rewritten).result;
        assert_eq!(error, Err(HeaderError::Rewritten.into()), "{rewritten:?}");
        // As long as it may still be something else, it is no age file.
        let start = decode(Options::any(), PASSPHRASE, &rewritten[..8]).result;
        assert_eq!(start, Err(HeaderError::NotAge.into()));
    }
    let ends = decode(Options::any(), PASSPHRASE, text.as_bytes());
    assert_eq!(ends.result, Err(Malformed::LineEnds.into()));
    for (error, code) in [
        (Error::from(HeaderError::Rewritten), Code::NotAge),
        (Malformed::LineEnds.into(), Code::InvalidHeader),
    ] {
        assert_eq!((error.reason(), error.code()), (16, code));
    }
}

#[test]
fn armor_has_its_own_reason() {
    let armored = decode(
        Options::any(),
        PASSPHRASE,
        b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n",
    );
    assert_eq!(armored.result, Err(HeaderError::Armored.into()));
    assert_eq!(armored.code(), Some(Code::NotAge));
    let other = decode(
        Options::any(),
        PASSPHRASE,
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n",
    );
    assert_eq!(other.result, Err(HeaderError::NotAge.into()));
}

#[test]
fn armor_is_told_once_its_first_line_is_there() {
    let (last, before) = ARMOR_BEGIN.split_last().expect("it has a text");
    let mut run = Run::new(Options::any(), PASSPHRASE);
    for byte in before {
        assert_eq!(run.write(&[*byte]), Ok(()));
    }
    assert_eq!(run.write(&[*last]), Err(HeaderError::Armored.into()));
}

/// What a header with these stanzas is, to somebody with the passphrase.
fn verdict(stanzas: &str) -> Error {
    let input = header_of(&format!("age-encryption.org/v1\n{stanzas}"));
    decode(Options::any(), PASSPHRASE, &input)
        .result
        .expect_err("it ends after the header")
}

/// 16 and 32 zero bytes.
const SALT: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const BODY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn stanza_lines() {
    for stanza in [
        "->\n\n",
        "-> \n\n",
        "->  scrypt\n\n",
        "-> scrypt \n\n",
        "-> scrypt  x\n\n",
        "->scrypt\n\n",
        "-> scr\u{7f}ypt\n\n",
        "-> scrýpt\n\n",
        "-> scrypt\tx\n\n",
        "-> scrypt\r\n\n",
        " -> scrypt\n\n",
        "\n",
        "--> x\n\n",
    ] {
        assert_eq!(verdict(stanza), Malformed::StanzaLine.into(), "{stanza:?}");
    }
}

#[test]
fn stanza_bodies() {
    let full = "A".repeat(64);
    for body in [
        "AA==\n".to_owned(),
        "AB\n".to_owned(),
        "A\n".to_owned(),
        "AA A\n".to_owned(),
        "AA\r\n".to_owned(),
        "A-_A\n".to_owned(),
        format!("{full}A\n"),
        format!("{full}AAAA\n"),
        format!("{full}\n"),
    ] {
        assert_eq!(
            verdict(&format!("-> x\n{body}")),
            Malformed::StanzaBody.into(),
            "{body:?}"
        );
    }
}

#[test]
fn stanzas_that_parse() {
    let full = "A".repeat(64);
    for body in [
        "\n".to_owned(),
        "AA\n".to_owned(),
        format!("{full}\n\n"),
        format!("{full}\n{full}\nAA\n"),
    ] {
        let input = header_of(&format!("age-encryption.org/v1\n-> !~\n{body}-> x y z\n\n"));
        let mut run = Run::new(Options::any(), PASSPHRASE);
        assert!(run.decoder.stanza_types().is_none());
        let refused = Err(HeaderError::NoPassphraseStanza.into());
        assert_eq!(run.write(&input), refused, "{body:?}");
        let types = run.decoder.stanza_types().expect("what it has instead");
        assert_eq!(types.as_lines(), b"!~\nx");
    }
}

#[test]
fn mac_lines() {
    let mac = "A".repeat(43);
    for line in [
        "---\n".to_owned(),
        "--- \n".to_owned(),
        format!("---{mac}\n"),
        format!("---  {mac}\n"),
        format!("--- {mac} \n"),
        format!("--- {mac}=\n"),
        format!("--- {mac}\r\n"),
        format!("--- {}B\n", &mac[1..]),
        format!("--- {}\n", &mac[1..]),
        format!("--- {mac}A\n"),
    ] {
        let input = format!("age-encryption.org/v1\n-> x\n\n{line}");
        let outcome = decode(Options::any(), PASSPHRASE, input.as_bytes());
        assert_eq!(outcome.result, Err(Malformed::MacLine.into()), "{line:?}");
    }
}

#[test]
fn a_line_that_is_too_long_is_refused_before_its_line_feed() {
    let body = format!("-> x\n{}", "A".repeat(64));
    let mac = format!("-> x\n\n--- {}", "A".repeat(43));
    for (stanzas, malformed) in [(body, Malformed::StanzaBody), (mac, Malformed::MacLine)] {
        let input = format!("age-encryption.org/v1\n{stanzas}");
        let mut run = Run::new(Options::any(), PASSPHRASE);
        assert_eq!(run.write(input.as_bytes()), Ok(()), "{stanzas:?}");
        assert_eq!(run.write(b"A"), Err(malformed.into()), "{stanzas:?}");
    }
}

#[test]
fn a_header_needs_a_stanza() {
    assert_eq!(verdict(""), Malformed::MacLine.into());
}

#[test]
fn scrypt_stanzas() {
    for stanza in [
        "-> scrypt\n\n".to_owned(),
        format!("-> scrypt {SALT}\n{BODY}\n"),
        format!("-> scrypt {SALT} 1 1\n{BODY}\n"),
        format!("-> scrypt {SALT}A 1\n{BODY}\n"),
        format!("-> scrypt {SALT}== 1\n{BODY}\n"),
        format!("-> scrypt {}B 1\n{BODY}\n", &SALT[1..]),
        format!("-> scrypt {SALT} 0\n{BODY}\n"),
        format!("-> scrypt {SALT} 01\n{BODY}\n"),
        format!("-> scrypt {SALT} +1\n{BODY}\n"),
        format!("-> scrypt {SALT} 1a\n{BODY}\n"),
        format!("-> scrypt {SALT} 99999999999999999999a\n{BODY}\n"),
        format!("-> scrypt {SALT} 1\n\n"),
        format!("-> scrypt {SALT} 1\n{}\n", &BODY[1..]),
        format!("-> scrypt {SALT} 1\n{}\n{BODY}\n", "A".repeat(64)),
    ] {
        assert_eq!(
            verdict(&stanza),
            Malformed::ScryptStanza.into(),
            "{stanza:?}"
        );
    }
}

#[test]
fn a_scrypt_stanza_is_alone() {
    let scrypt = format!("-> scrypt {SALT} 1\n{BODY}\n");
    for stanzas in [
        format!("{scrypt}{scrypt}"),
        format!("{scrypt}-> x\n\n"),
        format!("-> x\n\n{scrypt}"),
        "-> x\n\n-> scrypt\n\n".to_owned(),
    ] {
        assert_eq!(
            verdict(&stanzas),
            Malformed::ScryptNotAlone.into(),
            "{stanzas:?}"
        );
    }
}

#[test]
fn the_chunk_size_of_an_age_decoder_is_exact() {
    let input = file(Format::Age, 64, &[b""]);
    for (size, code) in [
        (63, Some(Code::ChunkSizeMismatch)),
        (64, None),
        (65, Some(Code::ChunkSizeMismatch)),
    ] {
        let outcome = decode(
            Options::only(Format::Age).max_chunk(size),
            PASSPHRASE,
            &input,
        );
        assert_eq!(outcome.code(), code, "{size}");
    }
}

#[test]
fn the_chunk_size_of_other_decoders_is_a_limit() {
    for (options, format) in [
        (Options::any(), Format::Age),
        (Options::any(), Format::AgeRt),
        (Options::only(Format::AgeRt), Format::AgeRt),
    ] {
        let input = file(format, 64, &[b""]);
        for (size, code) in [(63, Some(Code::ChunkSizeMismatch)), (64, None), (65, None)] {
            let outcome = decode(options.max_chunk(size), PASSPHRASE, &input);
            assert_eq!(outcome.code(), code, "{format:?}, {size}");
        }
    }
}

#[test]
fn the_header_mac_is_verified_before_the_payload() {
    let sample = Sample::new(Format::AgeRt);
    let mut decoder = Options::any().decoder_for(OUTSIDE);
    decoder
        .input(sample.bytes.len())
        .expect("room")
        .copy_from_slice(&sample.bytes);
    assert_eq!(decoder.advance(sample.bytes.len()), Ok(Event::NeedFileKey));
    let wrong = age_rt::keys::FileKey::filled(|key| key.fill(1));
    assert_eq!(decoder.try_file_key(wrong), Err(HeaderError::Mac.into()));
}

#[test]
fn errors_stick() {
    let sample = Sample::new(Format::AgeRt);
    let mut changed = sample.bytes.clone();
    changed[sample.chunks[1].end - 1] ^= 1;
    for input in [
        &changed[..],
        b"hello",
        b"age-encryption.org/v2\n",
        &sample.bytes[..20],
    ] {
        let mut run = Run::new(Options::any(), PASSPHRASE);
        let first = run
            .write(input)
            .and_then(|()| run.finish())
            .expect_err("it is no stream");
        for _ in 0..2 {
            assert_eq!(run.decoder.input(1).map(|room| room.len()), Err(first));
            assert_eq!(run.decoder.advance(0), Err(first));
            assert_eq!(run.decoder.next_event(), Err(first));
            assert_eq!(run.decoder.finish(), Err(first));
            let answer = run.decoder.try_file_key(common::file_key());
            assert_eq!(answer, Err(first));
            let answer = run
                .decoder
                .try_wrap_key(&WrapKey::filled(|key| key.fill(0)));
            assert_eq!(answer, Err(first));
            assert_eq!(run.decoder.give_up(), first);
        }
        assert_eq!(run.decoder.error(), Some(&first));
        assert_eq!(run.decoder.wanted(), 0);
        assert_eq!(run.decoder.buffer_len(), 0);
        assert!(!run.decoder.is_done());
    }
}

#[test]
fn more_bytes_than_there_was_room_for_is_misuse() {
    let mut decoder = Options::any().decoder();
    let room = decoder.input(10).expect("room").len();
    let refused = decoder.advance(room + 1_000_000);
    assert_eq!(refused.map_err(|error| error.code()), Err(Code::Internal));
}

#[test]
fn messages_are_lowercase_and_end_without_a_period() {
    for error in [
        Error::WrongPassphrase,
        HeaderError::Armored.into(),
        HeaderError::ChunkSizeMismatch { size: 1, limit: 2 }.into(),
        PayloadError::LengthField {
            index: 0,
            len: 1,
            max: 2,
        }
        .into(),
        Error::Truncated(Part::Nonce),
    ] {
        let text = error.to_string();
        assert!(
            text.starts_with(char::is_lowercase) && !text.ends_with('.'),
            "{text}"
        );
    }
}
