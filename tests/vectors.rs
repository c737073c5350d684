//! The files made by the reference: each must give the outcome, the code, the lengths of the
//! released chunks and the plaintext that `vectors/index.json` lists, however it is cut.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "a test that panics has failed"
)]

mod common;

use std::{collections::HashSet, fs, path::PathBuf};

use age_rt::format::Format;
use common::{Options, Outcome, Random, decode, decode_pieces, decode_push};
use sha2::{Digest, Sha256};

struct Vector {
    name: String,
    input: Vec<u8>,
    passphrase: String,
    options: Options,
    code: Option<String>,
    lengths: Vec<usize>,
    sha256: Vec<u8>,
}

const COUNT: usize = 47;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors")
}

fn vectors() -> Vec<Vector> {
    let index = fs::read(folder().join("index.json")).expect("index.json");
    let index: serde_json::Value = serde_json::from_slice(&index).expect("JSON");
    let vectors = index["vectors"].as_object().expect("an object of vectors");
    let vectors: Vec<_> = vectors
        .iter()
        .map(|(name, entry)| vector(name, entry))
        .collect();
    assert_eq!(vectors.len(), COUNT);
    vectors
}

fn vector(name: &str, entry: &serde_json::Value) -> Vector {
    let text = |key: &str| entry[key].as_str().map(str::to_owned);
    let format = match text("format").as_deref() {
        Some("age") => Format::Age,
        Some("age-rt") => Format::AgeRt,
        other => panic!("{name}: format {other:?}"),
    };
    let size = ["maxChunkSize", "chunkSize"]
        .iter()
        .find_map(|key| entry["options"][key].as_u64());
    let lengths = entry["chunks"].as_array().expect("lengths of chunks");
    let code = text("code");
    assert_eq!(
        code.is_none(),
        text("expect").as_deref() == Some("success"),
        "{name}"
    );
    Vector {
        name: name.to_owned(),
        input: fs::read(folder().join(name).with_extension("age")).expect(name),
        passphrase: text("passphrase").expect("passphrase"),
        options: Options::only(format)
            .max_chunk(size.map_or(65_536, |size| u32::try_from(size).expect("a size"))),
        code,
        lengths: lengths
            .iter()
            .map(|len| usize::try_from(len.as_u64().expect("a length")).expect("a length"))
            .collect(),
        sha256: hex(&text("sha256").expect("sha256")),
    }
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).expect("hexadecimal"))
        .collect()
}

fn check(vector: &Vector, outcome: &Outcome, how: &str) {
    let name = &vector.name;
    let code = outcome.code().map(|code| code.as_str().to_owned());
    assert_eq!(code, vector.code, "{name}, {how}");
    assert_eq!(outcome.lengths(), vector.lengths, "{name}, {how}");
    let digest = Sha256::digest(outcome.plaintext());
    assert_eq!(digest.as_slice(), vector.sha256, "{name}, {how}");
}

#[test]
fn every_file_is_in_the_index() {
    let files: HashSet<String> = fs::read_dir(folder())
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "age"))
        .map(|path| {
            path.file_stem()
                .expect("a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let indexed: HashSet<String> = vectors().into_iter().map(|vector| vector.name).collect();
    assert_eq!(files, indexed);
}

#[test]
fn whole() {
    for vector in vectors() {
        let outcome = decode(vector.options, vector.passphrase.as_bytes(), &vector.input);
        check(&vector, &outcome, "whole");
    }
}

#[test]
fn byte_by_byte() {
    for vector in vectors() {
        let passphrase = vector.passphrase.as_bytes();
        let outcome = decode_pieces(vector.options, passphrase, &vector.input, || 1);
        check(&vector, &outcome, "byte by byte");
    }
}

#[test]
fn random_splits() {
    for vector in vectors() {
        for seed in 0..20 {
            let passphrase = vector.passphrase.as_bytes();
            let mut random = Random(seed);
            let outcome = decode_pieces(vector.options, passphrase, &vector.input, || {
                random.length(17)
            });
            check(&vector, &outcome, &format!("seed {seed}"));
        }
    }
}

#[test]
fn exactly_as_many_bytes_as_are_wanted() {
    for vector in vectors() {
        let outcome = decode_push(vector.options, vector.passphrase.as_bytes(), &vector.input);
        check(&vector, &outcome, "push");
    }
}

#[test]
fn detecting_the_format_changes_only_what_depends_on_it() {
    for mut vector in vectors() {
        // Those of another size are for a decoder of that size alone, but for the one that a limit
        // lets through.
        vector.options = Options {
            accept: Options::any().accept,
            ..vector.options
        };
        if vector.name == "rt_bad_identifier_age" {
            vector.code = Some("header-mac".to_owned());
        }
        let outcome = decode(vector.options, vector.passphrase.as_bytes(), &vector.input);
        check(&vector, &outcome, "either format");
    }
}
