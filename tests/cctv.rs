//! The age authors' test vectors (<https://c2sp.org/CCTV/age>): each must end in its class, with
//! exactly its plaintext released.
//!
//! Runs natively and in WebAssembly. Files for public keys are decoded with the file key handed in,
//! as an identity outside of the core would.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use std::collections::BTreeMap;

use age_rt::{
    decoder::{Decoder, Event},
    error::{Code, Error, HeaderError, Part},
    format::Format,
    keys::FileKey,
};
use base64ct::{Base64, Encoding};
use common::{OUTSIDE, Options, Outcome, decode};
use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

static FOLDER: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/tests/vectors/cctv");

const COUNT: usize = 143;
const WITH_PASSPHRASE: usize = 26;
const WITH_FILE_KEY: usize = 71;

/// The armor is TypeScript's: `tests/js/assurance/cctv.test.js` has these.
const ARMOR_FAILURES: usize = 22;

/// What only somebody with the private key finds: the body of a stanza that does not open, or is
/// for somebody else.
const NEEDS_THE_PRIVATE_KEY: &[&str] = &[
    "armor_no_match",
    "hybrid_bad_tag",
    "hybrid_currupted_enc_mlkem",
    "hybrid_currupted_enc_x25519",
    "hybrid_no_match",
    "hybrid_uppercase",
    "x25519_bad_tag",
    "x25519_lowercase",
    "x25519_no_match",
];

/// What the recipient type's own rules forbid, in a header whose grammar is right.
const NEEDS_THE_RECIPIENT_TYPE: &[&str] = &[
    "hybrid_extra_argument",
    "hybrid_identity",
    "hybrid_long_file_key",
    "hybrid_long_share",
    "hybrid_low_order",
    "hybrid_not_canonical_enc",
    "hybrid_short_share",
    "hybrid_x25519_arg",
    "x25519_extra_argument",
    "x25519_identity",
    "x25519_long_file_key",
    "x25519_long_share",
    "x25519_low_order",
    "x25519_not_canonical_share",
    "x25519_short_share",
];

struct Vector {
    name: &'static str,
    fields: BTreeMap<String, String>,
    file: Vec<u8>,
}

impl Vector {
    fn read(name: &'static str, bytes: &[u8]) -> Self {
        let end = bytes
            .windows(2)
            .position(|pair| pair == b"\n\n")
            .expect("an empty line");
        let head = str::from_utf8(&bytes[..end]).expect("text");
        let mut fields = BTreeMap::new();
        for line in head.lines() {
            let (key, value) = line.split_once(": ").expect("key and value");
            let known = [
                "expect",
                "payload",
                "identity",
                "passphrase",
                "armored",
                "file key",
                "comment",
                "compressed",
            ];
            assert!(known.contains(&key), "{name}: {key}");
            // Of two passphrases the first is the one to try.
            fields.entry(key.to_owned()).or_insert(value.to_owned());
        }
        let mut file = bytes[end + 2..].to_vec();
        if fields.contains_key("compressed") {
            file = miniz_oxide::inflate::decompress_to_vec_zlib(&file).expect("zlib");
        }
        Self { name, fields, file }
    }

    fn all() -> Vec<Self> {
        let vectors: Vec<_> = FOLDER
            .files()
            .map(|file| Self::read(file.path().to_str().expect("a name"), file.contents()))
            .collect();
        assert_eq!(vectors.len(), COUNT);
        vectors
    }

    fn field(&self, key: &str) -> Option<&str> {
        self.fields.get(key).map(String::as_str)
    }

    fn expect(&self) -> &str {
        self.field("expect").expect("expect")
    }

    /// The file, out of its armor, whose grammar is not looked at here.
    fn bytes(&self) -> Vec<u8> {
        if self.field("armored").is_none() {
            return self.file.clone();
        }
        let text: String = str::from_utf8(&self.file)
            .expect("text")
            .lines()
            .map(str::trim)
            .filter(|line| !line.starts_with('-'))
            .collect();
        let mut bytes = vec![0; text.len()];
        Base64::decode(&text, &mut bytes).expect("base64").to_vec()
    }

    fn check(&self, outcome: &Outcome) {
        let name = self.name;
        assert_eq!(
            class(outcome),
            self.expect(),
            "{name}: {:?}",
            outcome.result
        );
        let digest = Sha256::digest(outcome.plaintext());
        let expected = self.field("payload").map_or_else(
            || Sha256::digest([]).to_vec(),
            |payload| hex(payload).expect("a hash"),
        );
        assert_eq!(digest.as_slice(), expected, "{name}");
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

fn class(outcome: &Outcome) -> &'static str {
    match &outcome.result {
        Ok(()) => "success",
        Err(Error::WrongPassphrase | Error::Header(HeaderError::NoPassphraseStanza)) => "no match",
        Err(Error::Header(HeaderError::Mac)) => "HMAC failure",
        Err(Error::Header(_) | Error::Truncated(Part::Header | Part::Nonce)) => "header failure",
        Err(Error::Payload(_) | Error::Truncated(Part::Payload)) => "payload failure",
        Err(other) => panic!("no class for {other:?}"),
    }
}

/// Decodes with a file key that comes from nowhere, in pieces as long as `piece` says.
fn decode_holding(file_key: &[u8; 16], input: &[u8], piece: usize) -> Outcome {
    let mut decoder = Options::only(Format::Age).decoder_for(OUTSIDE);
    let mut outcome = Outcome {
        chunks: Vec::new(),
        final_seen: false,
        result: Ok(()),
    };
    outcome.result = (|| {
        let mut rest = input;
        loop {
            let ended = rest.is_empty();
            let mut event = if ended {
                decoder.finish()?
            } else {
                let room = decoder.input(piece.min(rest.len()))?;
                let (now, later) = rest.split_at(room.len());
                room.copy_from_slice(now);
                rest = later;
                let len = now.len();
                decoder.advance(len)?
            };
            loop {
                match event {
                    Event::End if ended => return Ok(()),
                    Event::NeedInput | Event::End => break,
                    Event::NeedFileKey => {
                        let key = FileKey::filled(|key| key.copy_from_slice(file_key));
                        decoder.try_file_key(key)?;
                    }
                    Event::NeedWrapKey => panic!("nobody here has a passphrase"),
                    Event::Chunk(plaintext, _) => outcome.chunks.push(plaintext.to_vec()),
                }
                event = next(&mut decoder, ended)?;
            }
        }
    })();
    outcome
}

fn next(decoder: &mut Decoder, ended: bool) -> Result<Event<'_>, Error> {
    if ended {
        decoder.finish()
    } else {
        decoder.next_event()
    }
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum How {
    Passphrase,
    FileKey,
    NotHere,
}

fn how(vector: &Vector) -> How {
    let listed = NEEDS_THE_PRIVATE_KEY.contains(&vector.name)
        || NEEDS_THE_RECIPIENT_TYPE.contains(&vector.name);
    match vector.field("passphrase") {
        _ if listed || vector.expect() == "armor failure" => How::NotHere,
        Some(_) => How::Passphrase,
        None => How::FileKey,
    }
}

fn those(way: &How) -> Vec<Vector> {
    let mut vectors = Vector::all();
    vectors.retain(|vector| how(vector) == *way);
    vectors
}

#[test]
fn each_vector_is_run_or_listed() {
    let listed = NEEDS_THE_PRIVATE_KEY.len() + NEEDS_THE_RECIPIENT_TYPE.len();
    let armor_failures = Vector::all()
        .iter()
        .filter(|vector| vector.expect() == "armor failure")
        .count();
    assert_eq!(armor_failures, ARMOR_FAILURES);
    assert_eq!(those(&How::Passphrase).len(), WITH_PASSPHRASE);
    assert_eq!(those(&How::FileKey).len(), WITH_FILE_KEY);
    assert_eq!(those(&How::NotHere).len(), ARMOR_FAILURES + listed);
    assert_eq!(
        WITH_PASSPHRASE + WITH_FILE_KEY + ARMOR_FAILURES + listed,
        COUNT
    );
}

#[test]
fn with_the_passphrase() {
    for vector in those(&How::Passphrase) {
        let passphrase = vector.field("passphrase").expect("a passphrase").as_bytes();
        let outcome = decode(Options::only(Format::Age), passphrase, &vector.bytes());
        vector.check(&outcome);
    }
}

#[test]
fn with_the_file_key() {
    for vector in those(&How::FileKey) {
        let file_key = hex(vector.field("file key").expect("a file key")).expect("hexadecimal");
        let file_key: [u8; 16] = file_key.try_into().expect("16 bytes");
        let bytes = vector.bytes();
        vector.check(&decode_holding(&file_key, &bytes, usize::MAX));
        if bytes.len() < 100_000 {
            vector.check(&decode_holding(&file_key, &bytes, 1));
        }
    }
}

#[test]
fn what_is_for_a_public_key_is_refused_by_name() {
    for vector in those(&How::NotHere) {
        if vector.expect() == "armor failure" {
            continue;
        }
        let outcome = decode(Options::only(Format::Age), b"password", &vector.bytes());
        assert_eq!(
            outcome.code(),
            Some(Code::NoPassphraseStanza),
            "{}",
            vector.name
        );
        assert_eq!(outcome.chunks.len(), 0, "{}", vector.name);
    }
}

/// The classes are also those of somebody who has no file key at all, as far as the grammar goes.
#[test]
fn without_any_key_nothing_is_released() {
    for vector in those(&How::FileKey) {
        let outcome = decode(Options::only(Format::Age), b"password", &vector.bytes());
        let expected = match vector.expect() {
            "header failure" if !vector.name.starts_with("stream_") => "header failure",
            _ => "no match",
        };
        assert_eq!(
            class(&outcome),
            expected,
            "{}: {:?}",
            vector.name,
            outcome.result
        );
        assert_eq!(outcome.chunks.len(), 0, "{}", vector.name);
    }
}
