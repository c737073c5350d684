//! What errors and events say of themselves: enough for whoever reads them, and nothing that was
//! encrypted.

#![allow(clippy::indexing_slicing, reason = "a test that panics has failed")]

mod common;

use age_rt::{
    decoder::Event,
    error::{Code, Error, HeaderError, HostError, Malformed, Misuse, Part, PayloadError},
    format::Format,
    stream::Position,
};
use common::{Options, PASSPHRASE, Run, Stream};

/// One of each, with its code, its details and a reason of its own where a code has several.
fn all() -> Vec<(Error, Code)> {
    vec![
        (HeaderError::NotAge.into(), Code::NotAge),
        (HeaderError::Armored.into(), Code::NotAge),
        (HeaderError::Rewritten.into(), Code::NotAge),
        (Malformed::Identifier.into(), Code::InvalidHeader),
        (Malformed::Parameter.into(), Code::InvalidHeader),
        (Malformed::StanzaLine.into(), Code::InvalidHeader),
        (Malformed::StanzaBody.into(), Code::InvalidHeader),
        (Malformed::MacLine.into(), Code::InvalidHeader),
        (Malformed::TooLong.into(), Code::InvalidHeader),
        (Malformed::ScryptStanza.into(), Code::InvalidHeader),
        (Malformed::ScryptNotAlone.into(), Code::InvalidHeader),
        (Malformed::LineEnds.into(), Code::InvalidHeader),
        (HeaderError::UnknownFormat.into(), Code::UnknownFormat),
        (HeaderError::WrongFormat.into(), Code::WrongFormat),
        (HeaderError::NoIdentityMatch.into(), Code::NoIdentityMatch),
        (
            HeaderError::NoPassphraseStanza.into(),
            Code::NoPassphraseStanza,
        ),
        (
            HeaderError::ExcessiveWorkFactor {
                log_n: 63,
                limit: 20,
            }
            .into(),
            Code::ExcessiveWorkFactor,
        ),
        (
            HeaderError::ChunkSizeMismatch { size: 1, limit: 2 }.into(),
            Code::ChunkSizeMismatch,
        ),
        (HeaderError::Mac.into(), Code::HeaderMac),
        (Error::WrongPassphrase, Code::WrongPassphrase),
        (
            PayloadError::ChunkAuthentication { index: 3 }.into(),
            Code::ChunkAuthentication,
        ),
        (
            PayloadError::LastChunkAuthentication { index: 3 }.into(),
            Code::ChunkAuthentication,
        ),
        (
            PayloadError::LengthField {
                index: 3,
                len: 1,
                max: 2,
            }
            .into(),
            Code::ChunkLength,
        ),
        (
            PayloadError::EmptyFinalChunk { index: 3 }.into(),
            Code::ChunkLength,
        ),
        (PayloadError::TrailingData.into(), Code::TrailingData),
        (Error::Truncated(Part::Header), Code::Truncated),
        (Error::Truncated(Part::Nonce), Code::Truncated),
        (Error::Truncated(Part::Payload), Code::Truncated),
        (Misuse::AlreadyFinalized.into(), Code::AlreadyFinalized),
        (Misuse::KeyPending.into(), Code::KeyPending),
        (Misuse::ChunkSize.into(), Code::Internal),
        (HostError::OutOfMemory.into(), Code::OutOfMemory),
        (HostError::NoRandom.into(), Code::NoRandom),
    ]
}

#[test]
fn every_error_has_its_code_and_a_text() {
    for (error, code) in all() {
        assert_eq!(error.code(), code, "{error:?}");
        let text = error.to_string();
        assert!(
            text.starts_with(|first: char| first.is_ascii_lowercase()) && !text.ends_with('.'),
            "{text}"
        );
    }
}

#[test]
fn errors_of_one_code_differ_in_their_reason_or_details() {
    let all = all();
    for (index, (one, code)) in all.iter().enumerate() {
        for (other, other_code) in &all[index + 1..] {
            let details = |error: &Error| (error.reason(), error.size(), error.chunk_index());
            assert!(
                code != other_code || details(one) != details(other),
                "{one:?}, {other:?}"
            );
        }
    }
}

#[test]
fn details_are_there_where_they_mean_something() {
    for (error, _) in all() {
        let index =
            matches!(&error, Error::Payload(payload) if *payload != PayloadError::TrailingData);
        assert_eq!(error.chunk_index(), index.then_some(3), "{error:?}");
        let expected = match &error {
            Error::Header(HeaderError::ExcessiveWorkFactor { .. }) => (Some(63), None, Some(20)),
            Error::Header(HeaderError::ChunkSizeMismatch { .. })
            | Error::Payload(PayloadError::LengthField { .. }) => (None, Some(1), Some(2)),
            _ => (None, None, None),
        };
        assert_eq!(
            (error.work_factor(), error.size(), error.limit()),
            expected,
            "{error:?}"
        );
    }
}

#[test]
fn an_event_shows_how_much_came_and_not_what() {
    let text = b"attack at dawn";
    let event = Event::Chunk(text, Position::Final);
    let shown = format!("{event:?}");
    assert!(shown.contains("14"));
    assert!(!shown.contains("attack") && !shown.contains("97"));
    for event in [
        Event::NeedInput,
        Event::NeedWrapKey,
        Event::NeedFileKey,
        Event::End,
    ] {
        assert!(!format!("{event:?}").is_empty());
    }
}

#[test]
fn no_error_of_a_stream_shows_its_plaintext_or_passphrase() {
    for format in [Format::Age, Format::AgeRt] {
        let mut stream = Stream::new(format, 14);
        stream.seal(b"attack at dawn", Position::Middle);
        stream.seal(b"attack at dawn", Position::Final);
        for at in 0..stream.bytes.len() {
            let mut changed = stream.bytes.clone();
            if let Some(byte) = changed.get_mut(at) {
                *byte ^= 1;
            }
            let mut run = Run::new(Options::any(), PASSPHRASE);
            let error = run
                .write(&changed)
                .and_then(|()| run.finish())
                .expect_err("it was changed");
            let shown = format!("{error} {error:?}");
            assert!(
                !shown.contains("attack") && !shown.contains("horse"),
                "{shown}"
            );
        }
    }
}

#[test]
fn the_format_is_known_once_the_header_is() {
    for format in [Format::Age, Format::AgeRt] {
        let stream = Stream::new(format, 64);
        let mut run = Run::new(Options::any(), PASSPHRASE);
        assert_eq!(run.decoder.format(), None);
        run.write(&stream.bytes).expect("it is valid so far");
        assert_eq!(run.decoder.format(), Some(format));
    }
}

#[test]
fn stanza_types_come_with_no_other_error() {
    let mut run = Run::new(Options::any(), PASSPHRASE);
    let refused = run.write(b"age-encryption.org/v1\n-> X25519 x\n\n-> \n");
    assert_eq!(refused, Err(Malformed::StanzaLine.into()));
    assert!(run.decoder.stanza_types().is_none());
}
