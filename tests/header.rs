//! What a header may be, and the code of each way to be none.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use age_rt::{
    decoder::Event,
    error::{Code, Error, HeaderError, Malformed},
    format::Format,
    spec::ARMOR_BEGIN,
};
use common::{OUTSIDE, Options, PASSPHRASE, Run, Sample, decode, file, header_of};

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
