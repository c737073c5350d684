//! Calls that the state does not allow: the first error sticks, and its text is fit to print.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use age_rt::{
    error::{Code, Error, HeaderError, Part, PayloadError},
    format::Format,
    keys::WrapKey,
};
use common::{Options, PASSPHRASE, Run, Sample};

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
