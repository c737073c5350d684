//! How a decoder is told the key: what it asks, whom, and what wrong answers do.

#![allow(clippy::indexing_slicing, reason = "a test that panics has failed")]

mod common;

use age_rt::{
    decoder::{Decoder, Event, Question, Tried, Ways},
    encoder::rewrapped,
    error::{Code, Error, HeaderError, Malformed, Misuse, Part},
    format::{Format, HeaderWriter},
    keys::{FileKey, WrapKey},
    stream::Position,
};
use common::{
    OUTSIDE, Options, PASSPHRASE, Stream, file_key, header_of, scrypt_stanza, try_passphrase,
};

const WRONG: &[u8] = b"incorrect horse";

fn stream() -> Vec<u8> {
    let mut stream = Stream::new(Format::Age, 64);
    stream.seal(b"text", Position::Final);
    stream.bytes
}

fn other_key() -> FileKey {
    FileKey::filled(|key| key.fill(1))
}

/// A decoder that was given all of `input`; what it said to that.
fn given(ways: Ways, input: &[u8]) -> (Decoder, Result<&'static str, Error>) {
    let mut decoder = Options::any().decoder_for(ways);
    let room = decoder.input(input.len()).expect("room");
    room.copy_from_slice(input);
    let event = decoder.advance(input.len()).map(|event| match event {
        Event::NeedWrapKey => "wrap key",
        Event::NeedFileKey => "file key",
        Event::NeedInput => "input",
        Event::Chunk(..) | Event::End => panic!("without a key"),
    });
    (decoder, event)
}

fn with_passphrase(max_log_n: u32, outside: bool) -> Ways {
    Options::any().max_log_n(max_log_n).passphrase(outside)
}

fn x25519() -> Vec<u8> {
    let mut input = header_of("age-encryption.org/v1\n-> X25519 x\nAAAA\n-> y\n\n");
    input.extend([0x6e; 16]);
    input
}

fn text(decoder: &mut Decoder) -> Vec<u8> {
    match decoder.finish() {
        Ok(Event::Chunk(text, Position::Final)) => text.to_vec(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_scrypt_stanza_is_asked_of_passphrases_first() {
    for outside in [false, true] {
        let (mut decoder, event) = given(with_passphrase(20, outside), &stream());
        assert_eq!(event, Ok("wrap key"));
        assert_eq!(scrypt_stanza(&decoder).work_factor.log_n(), 1);
        let tried = try_passphrase(&mut decoder, PASSPHRASE);
        assert_eq!(tried, Ok(Tried::Opened));
        assert_eq!(text(&mut decoder), b"text");
    }
}

#[test]
fn a_scrypt_stanza_is_asked_of_identities_where_there_is_no_passphrase() {
    let (mut decoder, event) = given(OUTSIDE, &stream());
    assert_eq!(event, Ok("file key"));
    assert!(matches!(decoder.question(), Some(Question::Stanzas)));
    decoder.try_file_key(file_key()).expect("it is the key");
    assert_eq!(text(&mut decoder), b"text");
}

#[test]
fn several_passphrases_are_tried() {
    let (mut decoder, _) = given(with_passphrase(20, false), &stream());
    for _ in 0..3 {
        let tried = try_passphrase(&mut decoder, WRONG);
        assert_eq!(tried, Ok(Tried::NotThis));
        assert_eq!(decoder.next_event(), Ok(Event::NeedWrapKey));
    }
    let tried = try_passphrase(&mut decoder, PASSPHRASE);
    assert_eq!(tried, Ok(Tried::Opened));
    assert_eq!(text(&mut decoder), b"text");
}

#[test]
fn an_identity_may_know_what_the_passphrases_do_not() {
    let (mut decoder, _) = given(with_passphrase(20, true), &stream());
    let tried = try_passphrase(&mut decoder, WRONG);
    assert_eq!(tried, Ok(Tried::NotThis));
    decoder.try_file_key(file_key()).expect("it is the key");
    assert_eq!(text(&mut decoder), b"text");
}

#[test]
fn work_beyond_the_passphrases_is_left_to_the_identities() {
    let body = "A".repeat(43);
    let header = header_of(&format!(
        "age-encryption.org/v1\n-> scrypt {} 19\n{body}\n",
        "A".repeat(22)
    ));
    let excessive = HeaderError::ExcessiveWorkFactor {
        log_n: 19,
        limit: 18,
    };
    let (_, event) = given(with_passphrase(18, false), &header);
    assert_eq!(event, Err(excessive.into()));

    let (mut decoder, event) = given(with_passphrase(18, true), &header);
    assert_eq!(event, Ok("file key"));
    assert_eq!(decoder.give_up(), excessive.into());

    let (mut decoder, event) = given(with_passphrase(18, true), &header);
    assert_eq!(event, Ok("file key"));
    assert_eq!(decoder.try_file_key(file_key()), Ok(Tried::Opened));

    let (_, event) = given(with_passphrase(19, false), &header);
    assert_eq!(event, Ok("wrap key"));
}

#[test]
fn giving_up_says_what_was_missing() {
    for (ways, input, error) in [
        (with_passphrase(20, false), stream(), Error::WrongPassphrase),
        (with_passphrase(20, true), stream(), Error::WrongPassphrase),
        (OUTSIDE, stream(), HeaderError::NoIdentityMatch.into()),
        (OUTSIDE, x25519(), HeaderError::NoIdentityMatch.into()),
        (
            with_passphrase(20, true),
            x25519(),
            HeaderError::NoIdentityMatch.into(),
        ),
    ] {
        let (mut decoder, event) = given(ways, &input);
        event.expect("a question");
        assert_eq!(decoder.give_up(), error);
        assert_eq!(decoder.error(), Some(&error));
        assert_eq!(decoder.next_event(), Err(error));
        assert_eq!(decoder.buffer_len(), 0);
    }
    let (decoder, event) = given(with_passphrase(20, false), &x25519());
    assert_eq!(event, Err(HeaderError::NoPassphraseStanza.into()));
    assert!(decoder.question().is_none());
}

#[test]
fn what_nobody_opens_is_named() {
    let (mut decoder, _) = given(OUTSIDE, &x25519());
    assert!(decoder.stanza_types().is_none());
    decoder.give_up();
    let types = decoder.stanza_types().expect("what it has").as_lines();
    assert_eq!(types, b"X25519\ny");
}

/// A key that does not fit is a header that was changed, and no reason to ask somebody else.
#[test]
fn a_wrong_file_key_is_a_wrong_mac_once_and_for_all() {
    for ways in [OUTSIDE, with_passphrase(20, true)] {
        let (mut decoder, _) = given(ways, &stream());
        let mac = Err(HeaderError::Mac.into());
        assert_eq!(decoder.try_file_key(other_key()), mac);
        assert_eq!(decoder.try_file_key(file_key()), mac);
    }
}

#[test]
fn a_scrypt_stanza_beside_others_is_refused_whoever_is_asked() {
    let scrypt = format!("-> scrypt {} 1\n{}\n", "A".repeat(22), "A".repeat(43));
    for stanzas in [
        format!("{scrypt}-> x\n\n"),
        format!("-> x\n\n{scrypt}"),
        format!("{scrypt}{scrypt}"),
        "-> scrypt\n\n-> x\n\n".to_owned(),
    ] {
        let header = header_of(&format!("age-encryption.org/v1\n{stanzas}"));
        for ways in [OUTSIDE, with_passphrase(1, false), with_passphrase(1, true)] {
            let (_, event) = given(ways, &header);
            assert_eq!(event, Err(Malformed::ScryptNotAlone.into()), "{stanzas:?}");
        }
    }
}

#[test]
fn a_malformed_scrypt_stanza_is_refused_whoever_is_asked() {
    let header = header_of("age-encryption.org/v1\n-> scrypt AAAA 1\nAAAA\n");
    for ways in [OUTSIDE, with_passphrase(1, false), with_passphrase(1, true)] {
        let (_, event) = given(ways, &header);
        assert_eq!(event, Err(Malformed::ScryptStanza.into()));
    }
}

#[test]
fn the_stanzas_are_shown_to_identities_while_a_key_is_awaited() {
    let (mut decoder, _) = given(OUTSIDE, &x25519());
    assert_eq!(
        decoder.stanza_text(),
        Some(&b"-> X25519 x\nAAAA\n-> y\n\n"[..])
    );
    decoder.try_file_key(file_key()).expect("it is the key");
    assert!(decoder.stanza_text().is_none());
    let (decoder, _) = given(with_passphrase(20, false), &stream());
    assert!(decoder.stanza_text().is_none());
}

#[test]
fn the_length_of_the_header_is_known_once_it_was_read() {
    let input = x25519();
    assert_eq!(Options::any().decoder().header_len(), None);
    let (mut decoder, _) = given(OUTSIDE, &input);
    assert_eq!(decoder.header_len(), Some(input.len() - 16));
    decoder.try_file_key(file_key()).expect("it is the key");
    decoder.next_event().expect("the nonce is there");
    assert_eq!(decoder.header_len(), Some(input.len() - 16));
}

/// Somebody else may be deriving that key: whoever announces the end is refused, and nothing has
/// changed for the other.
#[test]
fn the_end_while_a_key_is_awaited_is_an_error_that_changes_nothing() {
    for ways in [OUTSIDE, with_passphrase(20, true)] {
        let (mut decoder, _) = given(ways, &stream());
        for _ in 0..3 {
            assert_eq!(decoder.finish(), Err(Misuse::KeyPending.into()));
            assert_eq!(decoder.error(), None);
            assert!(decoder.question().is_some());
        }
        decoder.try_file_key(file_key()).expect("it is the key");
        assert_eq!(text(&mut decoder), b"text");
        assert_eq!(decoder.finish(), Ok(Event::End));
    }
}

#[test]
fn the_end_right_after_the_header_is_truncation_once_the_key_is_there() {
    let input = x25519();
    let (mut decoder, event) = given(OUTSIDE, &input[..input.len() - 16]);
    assert_eq!(event, Ok("file key"));
    decoder.try_file_key(file_key()).expect("it is the key");
    assert_eq!(decoder.finish(), Err(Error::Truncated(Part::Nonce)));
}

#[test]
fn a_key_that_nobody_asked_for_is_misuse() {
    let internal = Err(Code::Internal);
    let wrap_key = WrapKey::filled(|key| key.fill(0));
    for ways in [OUTSIDE, with_passphrase(20, true)] {
        let mut decoder = Options::any().decoder_for(ways);
        let refused = decoder.try_file_key(file_key());
        assert_eq!(refused.map_err(|error| error.code()), internal);
        let mut decoder = Options::any().decoder_for(ways);
        let refused = decoder.try_wrap_key(&wrap_key);
        assert_eq!(refused.map_err(|error| error.code()), internal);
        let mut decoder = Options::any().decoder_for(ways);
        assert_eq!(decoder.give_up().code(), Code::Internal);
    }
    // Nobody there has said that identities would be asked.
    let (mut decoder, _) = given(with_passphrase(20, false), &stream());
    let refused = decoder.try_file_key(file_key());
    assert_eq!(refused.map_err(|error| error.code()), internal);
    // No passphrase opens what is not a scrypt stanza.
    let (mut decoder, _) = given(with_passphrase(20, true), &x25519());
    let refused = decoder.try_wrap_key(&wrap_key);
    assert_eq!(refused.map_err(|error| error.code()), internal);
}

#[test]
fn a_header_is_made_again_with_the_file_key_and_the_identifier_as_it_was() {
    // The parameter is kept even where it says what its absence would.
    for parameter in ["", "?chunk=65536", "?chunk=3"] {
        let mut input = header_of(&format!("age-encryption.org/v1{parameter}\n-> x\n\n"));
        input.extend([0x6e; 20]);
        let (mut decoder, event) = given(OUTSIDE, &input);
        assert_eq!(event, Ok("file key"), "{parameter}");
        assert!(decoder.file_key().is_none());
        decoder.try_file_key(file_key()).expect("it is the key");
        assert!(decoder.file_key().is_some());
        let (identifier, key) = decoder.rewrap().expect("the header is open");
        let mut header = HeaderWriter::new(identifier);
        header.stanza(&[b"x"], b"");
        let again = rewrapped(header, &key);
        assert_eq!(again, input[..input.len() - 20], "{parameter}");
        // Nothing of the payload, which lies in its window, comes out of it.
        assert!(decoder.file_key().is_none());
        let event = decoder.next_event().map(|_| ());
        assert_eq!(event, Err(Misuse::OutOfOrder.into()));
    }
}

#[test]
fn a_file_key_that_is_not_there_is_not_given_away() {
    let misuse = Some(Error::from(Misuse::OutOfOrder));
    // Before the header; while the key is awaited; once the nonce was read; at the end.
    let mut decoder = Options::any().decoder_for(OUTSIDE);
    assert_eq!(decoder.rewrap().err(), misuse);
    let (mut decoder, _) = given(OUTSIDE, &stream());
    assert_eq!(decoder.rewrap().err(), misuse);
    let (mut decoder, _) = given(OUTSIDE, &stream());
    decoder.try_file_key(file_key()).expect("it is the key");
    decoder.next_event().expect("the nonce");
    assert!(decoder.file_key().is_none());
    assert_eq!(decoder.rewrap().err(), misuse);
    let (mut decoder, _) = given(OUTSIDE, &stream());
    decoder.try_file_key(file_key()).expect("it is the key");
    assert_eq!(text(&mut decoder), b"text");
    assert_eq!(decoder.rewrap().err(), misuse);
    // The first error is the last.
    let (mut decoder, _) = given(OUTSIDE, &stream());
    let refused = decoder.try_file_key(other_key());
    assert!(refused.is_err());
    assert_eq!(decoder.rewrap().err(), refused.err());
}
