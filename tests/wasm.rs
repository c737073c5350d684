//! The bindings as JavaScript sees them: numbers, and bytes written and read through `memory`.
//!
//! Not configured for one host, so that the same file runs in Node and, with
//! `WASM_BINDGEN_USE_BROWSER=1`, in a browser.

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "small numbers, and a test that panics has failed"
)]
#![cfg(target_arch = "wasm32")]

use age_rt::{
    error::Code,
    wasm::{
        Decoder, Encoder, answer as answers, detail, kdf_finish, kdf_reserve, kdf_start, kdf_step,
        kdf_wipe, live_objects,
    },
};
use js_sys::{Uint8Array, WebAssembly::Memory};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test as test;

const AGE: u32 = 0;
const AGE_RT: u32 = 1;
const AUTO: u32 = 2;
const MIDDLE: u32 = 0;
const FINAL: u32 = 1;

const NEED_INPUT: i32 = -1;
const NEED_WRAP_KEY: i32 = -2;
const END: i32 = -3;
const NEED_FILE_KEY: i32 = -4;

const PASSPHRASE: &[u8] = b"correct horse battery staple";

/// What a call returns that ends in this code.
const fn failure(code: Code) -> i32 {
    -16 - code as i32
}

fn memory(at: u32, len: u32) -> Uint8Array {
    let memory: Memory = wasm_bindgen::memory().unchecked_into();
    Uint8Array::new_with_byte_offset_and_length(&memory.buffer(), at, len)
}

fn write(at: u32, bytes: &[u8]) {
    memory(at, bytes.len() as u32).copy_from(bytes);
}

fn read(at: u32, len: i32) -> Vec<u8> {
    assert!(len >= 0, "error {len}");
    memory(at, len as u32).to_vec()
}

/// Derives as the worker does; the wrap key.
fn derive(passphrase: &[u8], salt_at: u32, log_n: u32) -> Vec<u8> {
    let salt = read(salt_at, 16);
    let pass_len = passphrase.len() as u32;
    let at = kdf_reserve(pass_len);
    assert_ne!(at, 0);
    write(at + 32, &salt);
    write(at + 48, passphrase);
    assert_eq!(kdf_start(log_n, HALF), 0);
    while kdf_step(SLICE, VECTORS) > 0 {}
    assert_eq!(kdf_finish(), 0);
    let key = read(at, 32);
    assert_eq!(kdf_wipe(u32::MAX), 0);
    key
}

/// The mixer of four words at a time.
const VECTORS: u32 = 1;
/// The stride of two.
const HALF: u32 = 1;
/// Blocks to mix in one call.
const SLICE: u32 = 256;

/// Details that are there, as addresses and counts.
trait Number {
    fn number(&self, which: u32) -> u32;
}

impl Number for Decoder {
    fn number(&self, which: u32) -> u32 {
        self.detail(which) as u32
    }
}

impl Number for Encoder {
    fn number(&self, which: u32) -> u32 {
        self.detail(which)
    }
}

fn encoder(format: u32, chunk_size: u32) -> (Encoder, Vec<u8>) {
    let mut encoder = Encoder::new(format, chunk_size, 1);
    assert_eq!(encoder.begin(), NEED_WRAP_KEY);
    write(
        encoder.number(detail::KEY_SLOT),
        &derive(PASSPHRASE, encoder.number(detail::SALT), 1),
    );
    let len = encoder.provide(0);
    let header = read(encoder.number(detail::AT), len);
    (encoder, header)
}

fn seal(encoder: &mut Encoder, text: &[u8], position: u32) -> Vec<u8> {
    let at = encoder.input(text.len() as u32);
    assert_ne!(at, 0);
    write(at, text);
    let len = encoder.seal(text.len() as u32, position);
    read(encoder.number(detail::AT), len)
}

fn answer(decoder: &mut Decoder, passphrase: &[u8]) -> i32 {
    write(
        decoder.number(detail::KEY_SLOT),
        &derive(
            passphrase,
            decoder.number(detail::SALT),
            decoder.number(detail::LOG_N),
        ),
    );
    match decoder.answer(answers::WRAP_KEY) {
        NEED_WRAP_KEY => decoder.answer(answers::NONE),
        result => result,
    }
}

/// All chunks and the last result.
fn decode(decoder: &mut Decoder, mut input: &[u8], passphrase: &[u8]) -> (Vec<Vec<u8>>, i32) {
    let mut chunks = Vec::new();
    loop {
        let mut event = if input.is_empty() {
            decoder.finish()
        } else {
            let at = decoder.input(input.len() as u32);
            let (now, rest) = input.split_at(decoder.number(detail::ROOM) as usize);
            write(at, now);
            input = rest;
            decoder.advance(now.len() as u32)
        };
        loop {
            match event {
                NEED_INPUT => break,
                NEED_WRAP_KEY => match answer(decoder, passphrase) {
                    NEED_INPUT => {}
                    error => return (chunks, error),
                },
                len @ 0.. => chunks.push(read(decoder.number(detail::AT), len)),
                END if !input.is_empty() => break,
                other => return (chunks, other),
            }
            event = if input.is_empty() {
                decoder.finish()
            } else {
                decoder.advance(0)
            };
        }
    }
}

#[test]
fn both_formats_there_and_back() {
    for format in [AGE, AGE_RT] {
        let (mut encoder, mut stream) = encoder(format, 4);
        stream.extend(seal(&mut encoder, b"abcd", MIDDLE));
        stream.extend(seal(&mut encoder, b"ef", FINAL));

        let mut decoder = Decoder::new(AUTO, 65_536, 20, false);
        assert_eq!(decoder.detail(detail::FORMAT), -1.0);
        let (chunks, end) = decode(&mut decoder, &stream, PASSPHRASE);
        assert_eq!(end, END);
        assert_eq!(chunks, [&b"abcd"[..], b"ef"]);
        assert_eq!(decoder.detail(detail::FORMAT), f64::from(format));
        assert_eq!(decoder.number(detail::DONE), 1);
        assert_eq!(decoder.number(detail::WANTED), 0);
    }
}

#[test]
fn a_file_of_the_reference() {
    let stream = include_bytes!("vectors/rt_hello_world.age");
    let mut decoder = Decoder::new(AGE_RT, 65_536, 20, false);
    let (chunks, end) = decode(&mut decoder, stream, PASSPHRASE);
    assert_eq!(end, END);
    assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [5, 5, 0]);
}

#[test]
fn the_final_chunk_is_marked() {
    let (mut encoder, header) = encoder(AGE_RT, 4);
    let mut decoder = Decoder::new(AGE_RT, 65_536, 20, false);
    decode_start(&mut decoder, &header);
    for (position, is_final) in [(MIDDLE, 0), (FINAL, 1)] {
        let chunk = seal(&mut encoder, b"ab", position);
        write(decoder.input(chunk.len() as u32), &chunk);
        assert_eq!(decoder.advance(chunk.len() as u32), 2);
        assert_eq!(decoder.number(detail::FINAL_CHUNK), is_final);
    }
    assert_eq!(decoder.advance(0), END);
    assert_eq!(decoder.number(detail::FINAL_CHUNK), 0);
}

fn decode_start(decoder: &mut Decoder, header: &[u8]) {
    write(decoder.input(header.len() as u32), header);
    assert_eq!(decoder.advance(header.len() as u32), NEED_WRAP_KEY);
    assert_eq!(answer(decoder, PASSPHRASE), NEED_INPUT);
    assert_eq!(decoder.advance(0), NEED_INPUT);
}

#[test]
fn the_push_api_is_told_what_to_feed() {
    let (mut encoder, header) = encoder(AGE_RT, 64);
    let mut decoder = Decoder::new(AGE_RT, 65_536, 20, false);
    assert_eq!(decoder.number(detail::WANTED), 1);
    decode_start(&mut decoder, &header[..header.len() - 16]);
    assert_eq!(decoder.number(detail::WANTED), 16);
    write(decoder.input(16), &header[header.len() - 16..]);
    assert_eq!(decoder.advance(16), NEED_INPUT);
    assert_eq!(decoder.number(detail::WANTED), 4);
    let chunk = seal(&mut encoder, b"abc", FINAL);
    write(decoder.input(4), &chunk[..4]);
    assert_eq!(decoder.advance(4), NEED_INPUT);
    assert_eq!(decoder.number(detail::WANTED), 19);
}

#[test]
fn the_wrong_passphrase_sticks() {
    let (_, header) = encoder(AGE, 65_536);
    let mut decoder = Decoder::new(AUTO, 65_536, 20, false);
    let wrong = failure(Code::WrongPassphrase);
    assert_eq!(decode(&mut decoder, &header, b"incorrect horse").1, wrong);
    assert_eq!(decoder.advance(0), wrong);
    assert_eq!(decoder.finish(), wrong);
    decoder.input(1);
    assert_eq!(decoder.number(detail::ROOM), 0);
    assert_eq!(decoder.advance(0), wrong);
}

#[test]
fn the_wrap_key_is_wiped_from_its_slot() {
    let (encoder, header) = encoder(AGE, 65_536);
    assert_eq!(read(encoder.number(detail::KEY_SLOT), 32), [0; 32]);
    let mut decoder = Decoder::new(AUTO, 65_536, 20, false);
    decode_start(&mut decoder, &header);
    assert_eq!(read(decoder.number(detail::KEY_SLOT), 32), [0; 32]);
}

/// One with [`PASSPHRASE`], a salt of 0x73 and N = 64, that has taken its memory. Where the wrap
/// key will be.
fn started(stride: u32) -> u32 {
    let at = kdf_reserve(PASSPHRASE.len() as u32);
    write(at + 32, &[0x73; 16]);
    write(at + 48, PASSPHRASE);
    assert_eq!(kdf_start(LOG_N, stride), 0);
    at
}

const LOG_N: u32 = 6;

#[test]
fn the_passphrase_is_wiped_by_the_derivation() {
    let at = started(HALF);
    assert_eq!(read(at + 48, PASSPHRASE.len() as i32), PASSPHRASE);
    assert_eq!(kdf_step(SLICE, VECTORS), 0);
    assert_eq!(kdf_finish(), 0);
    assert_eq!(
        read(at + 48, PASSPHRASE.len() as i32),
        vec![0; PASSPHRASE.len()]
    );
    assert_ne!(read(at, 32), [0; 32]);
    kdf_wipe(u32::MAX);
    assert_eq!(read(at, 32), [0; 32]);
}

#[test]
fn every_stride_derives_what_the_scrypt_crate_does() {
    let mut key = [0; 32];
    let salt = [&b"age-encryption.org/v1/scrypt"[..], &[0x73; 16]].concat();
    for stride in 0..3 {
        for log_n in 1..=12 {
            let params = scrypt::Params::new(log_n as u8, 8, 1).expect("valid");
            scrypt::scrypt(PASSPHRASE, &salt, &params, &mut key).expect("valid");
            let at = started(stride);
            assert_eq!(kdf_start(log_n, stride), 0);
            let mut left = 2 << log_n;
            while left > 0 {
                let before: u32 = left;
                left = kdf_step(100, VECTORS);
                assert_eq!(left, before.saturating_sub(100));
            }
            assert_eq!(kdf_finish(), 0);
            assert_eq!(read(at, 32), key, "2^{log_n}, stride {stride}");
            kdf_wipe(u32::MAX);
        }
    }
}

/// 16 bytes each of scrypt's first block, a block of its table that every stride keeps, the last
/// that was mixed, and `ROMix`'s result, for [`started`], in diagonals, as
/// `tests/js/assurance/lib/scrypt-blocks.js` computes them. Inverted, or they would be found here.
const BLOCKS_OF_SCRYPT: [u128; 4] = [
    0x3ab0_094d_4071_867d_1df4_ddb8_8de8_8958,
    0x2ad2_8ebe_8436_001d_346f_db8a_8f50_aaa8,
    0x647b_96ae_3e86_3489_c0a5_d545_0610_027a,
    0x4d89_586c_f5ae_9f79_1119_2684_0ca4_917d,
];

/// Which of [`BLOCKS_OF_SCRYPT`] are in the memory. Byte by byte, inverted at once: a copy of what
/// was found would be found the next time.
fn blocks_in_memory() -> [bool; 4] {
    let memory: Memory = wasm_bindgen::memory().unchecked_into();
    let bytes = Uint8Array::new(&memory.buffer());
    let mut found = [false; 4];
    let mut last = 0;
    for at in 0..bytes.length() {
        last = last << 8 | u128::from(!bytes.get_index(at));
        for (found, wanted) in found.iter_mut().zip(BLOCKS_OF_SCRYPT) {
            *found |= last == wanted;
        }
    }
    found
}

/// That they are there before is the control: a search that never finds anything shows nothing.
#[test]
fn what_scrypt_works_on_is_wiped_on_every_ending() {
    for stride in 0..3 {
        started(stride);
        assert_eq!(kdf_step(SLICE, VECTORS), 0);
        assert_eq!(blocks_in_memory(), [true; 4], "stride {stride}");
        assert_eq!(kdf_finish(), 0);
        kdf_wipe(u32::MAX);
        assert_eq!(blocks_in_memory(), [false; 4], "at its end");

        started(stride);
        assert_eq!(kdf_step(80, VECTORS), 48);
        assert_eq!(blocks_in_memory(), [true, true, false, false]);
        // A slice of the wiping leaves the table's beginning for the next.
        assert!(kdf_wipe(1) > 0);
        assert!(blocks_in_memory()[0]);
        while kdf_wipe(1) > 0 {}
        assert_eq!(blocks_in_memory(), [false; 4], "given up");

        started(stride);
        assert_eq!(kdf_step(80, VECTORS), 48);
        kdf_reserve(1);
        assert_eq!(blocks_in_memory(), [false; 4], "where another begins");
        kdf_wipe(u32::MAX);
    }
}

#[test]
fn calls_out_of_their_order_are_misuse() {
    let misuse = failure(Code::Internal);
    kdf_wipe(u32::MAX);
    assert_eq!(kdf_start(1, HALF), misuse, "no memory");
    assert_eq!(kdf_finish(), misuse, "nothing begun");
    assert_eq!(kdf_step(SLICE, VECTORS), 0);
    kdf_reserve(1);
    for (log_n, stride) in [(0, 0), (23, 0), (u32::MAX, 0), (1, 3), (1, u32::MAX)] {
        assert_eq!(
            kdf_start(log_n, stride),
            misuse,
            "2^{log_n}, stride {stride}"
        );
    }
    assert_eq!(kdf_start(4, HALF), 0);
    assert_eq!(kdf_step(31, VECTORS), 1);
    assert_eq!(kdf_finish(), misuse, "before the last step");
    assert!(kdf_wipe(1) > 0);
    assert_eq!(kdf_step(SLICE, VECTORS), 0, "with a table that is wiped");
    assert_eq!(kdf_finish(), misuse, "with a table that is wiped");
    assert_eq!(kdf_wipe(u32::MAX), 0);
    assert_eq!(kdf_finish(), misuse, "after its end");
}

/// 2 GiB are more than an allocation can have, half of it is not.
#[test]
fn a_table_that_is_refused_is_halved() {
    kdf_reserve(1);
    assert_eq!(kdf_start(21, 0), 0);
    assert_eq!(kdf_step(1, VECTORS), (2 << 21) - 1);
    kdf_wipe(u32::MAX);
}

#[test]
fn memory_that_cannot_be_had_is_an_error() {
    assert_eq!(kdf_reserve(u32::MAX), 0);
}

#[test]
fn an_encoder_refuses_arguments_out_of_range() {
    for (chunk_size, log_n) in [(0, 1), (16_777_217, 1), (0, 0), (1, 23)] {
        assert_eq!(
            Encoder::new(AGE, chunk_size, log_n).begin(),
            failure(Code::Internal)
        );
    }
}

const FILE_KEY: [u8; 16] = *b"YELLOW SUBMARINE";

/// Appends a stanza; what came of it.
fn add_stanza(encoder: &mut Encoder, line: &[u8], body: &[u8]) -> i32 {
    let at = encoder.input((line.len() + body.len()) as u32);
    assert_ne!(at, 0);
    write(at, &[line, body].concat());
    encoder.provide(line.len() as u32)
}

/// Header and file key of an encoder for recipients.
fn for_recipients(format: u32) -> (Encoder, Vec<u8>, Vec<u8>) {
    let mut encoder = Encoder::new(format, 65_536, 0);
    assert_eq!(encoder.number(detail::FILE_KEY), 0);
    assert_eq!(encoder.begin(), NEED_FILE_KEY);
    let file_key = read(encoder.number(detail::FILE_KEY), 16);
    let body = [0; 48];
    assert_eq!(add_stanza(&mut encoder, b"x y z", &body), NEED_FILE_KEY);
    assert_eq!(add_stanza(&mut encoder, b"!~", b""), NEED_FILE_KEY);
    let len = encoder.provide(0);
    let header = read(encoder.number(detail::AT), len);
    (encoder, header, file_key)
}

#[test]
fn an_encoder_takes_stanzas_and_a_decoder_shows_them() {
    for format in [AGE, AGE_RT] {
        let (mut encoder, mut stream, file_key) = for_recipients(format);
        let header_len = stream.len() - 16;
        assert_ne!(file_key, [0; 16]);
        stream.extend(seal(&mut encoder, b"text", FINAL));

        let mut decoder = Decoder::new(AUTO, 65_536, 0, true);
        assert_eq!(decoder.detail(detail::HEADER_LEN), -1.0);
        write(decoder.input(stream.len() as u32), &stream);
        assert_eq!(decoder.advance(stream.len() as u32), NEED_FILE_KEY);
        let stanzas = read(
            decoder.number(detail::STANZAS),
            decoder.number(detail::STANZAS_LEN) as i32,
        );
        let body = "A".repeat(64);
        assert_eq!(stanzas, format!("-> x y z\n{body}\n\n-> !~\n\n").as_bytes());
        assert_eq!(decoder.number(detail::HEADER_LEN) as usize, header_len);
        assert_eq!(decoder.detail(detail::SALT), -1.0);
        assert_eq!(decoder.detail(detail::LOG_N), -1.0);

        write(decoder.number(detail::KEY_SLOT), &file_key);
        assert_eq!(decoder.answer(answers::FILE_KEY), NEED_INPUT);
        assert_eq!(read(decoder.number(detail::KEY_SLOT), 32), [0; 32]);
        assert_eq!(decoder.number(detail::STANZAS_LEN), 0);
        // A short chunk is the last of an age file, and only its end says so.
        assert_eq!(decoder.finish(), 4);
        assert_eq!(read(decoder.number(detail::AT), 4), b"text");
    }
}

#[test]
fn the_file_key_is_shown_while_the_header_is_made_and_never_again() {
    let (encoder, ..) = for_recipients(AGE);
    assert_eq!(encoder.number(detail::FILE_KEY), 0);
    // A passphrase's never.
    let mut encoder = Encoder::new(AGE, 65_536, 1);
    assert_eq!(encoder.begin(), NEED_WRAP_KEY);
    assert_eq!(encoder.number(detail::FILE_KEY), 0);
}

#[test]
fn a_header_is_made_in_its_order() {
    let internal = failure(Code::Internal);
    // Nothing was begun.
    let mut encoder = Encoder::new(AGE, 65_536, 0);
    assert_eq!(add_stanza(&mut encoder, b"x", b""), internal);
    assert_eq!(encoder.provide(0), internal);
    // Without a stanza nobody could ever open it.
    assert_eq!(encoder.begin(), NEED_FILE_KEY);
    assert_eq!(encoder.provide(0), internal);
    // More of a line than there is.
    assert_eq!(encoder.begin(), NEED_FILE_KEY);
    encoder.input(1);
    assert_eq!(encoder.provide(2), internal);
    // A finished header takes nothing more.
    let (mut encoder, ..) = for_recipients(AGE);
    encoder.input(1);
    assert_eq!(encoder.provide(1), internal);
    assert_eq!(encoder.provide(0), internal);
}

#[test]
fn another_passphrase_may_be_tried_before_giving_up() {
    let (_, header) = encoder(AGE, 65_536);
    let mut decoder = Decoder::new(AUTO, 65_536, 20, false);
    write(decoder.input(header.len() as u32), &header);
    assert_eq!(decoder.advance(header.len() as u32), NEED_WRAP_KEY);
    write(decoder.number(detail::KEY_SLOT), &[1; 32]);
    assert_eq!(decoder.answer(answers::WRAP_KEY), NEED_WRAP_KEY);
    assert_eq!(read(decoder.number(detail::KEY_SLOT), 32), [0; 32]);
    assert_eq!(decoder.finish(), failure(Code::KeyPending));
    assert_eq!(answer(&mut decoder, PASSPHRASE), NEED_INPUT);
    assert_eq!(decoder.advance(0), NEED_INPUT);
}

#[test]
fn a_file_key_is_for_decoders_that_ask_identities() {
    let (_, header) = encoder(AGE, 65_536);
    let mut decoder = Decoder::new(AUTO, 65_536, 20, false);
    write(decoder.input(header.len() as u32), &header);
    assert_eq!(decoder.advance(header.len() as u32), NEED_WRAP_KEY);
    assert_eq!(decoder.number(detail::STANZAS_LEN), 0);
    write(decoder.number(detail::KEY_SLOT), &FILE_KEY);
    assert_eq!(decoder.answer(answers::FILE_KEY), failure(Code::Internal));
}

#[test]
fn an_encoder_without_its_key_is_misuse() {
    let mut encoder = Encoder::new(AGE, 65_536, 1);
    // A place for a stanza, which nothing takes: the header was not begun.
    assert_ne!(encoder.input(1), 0);
    assert_eq!(encoder.provide(1), failure(Code::Internal));
    assert_eq!(encoder.seal(0, FINAL), failure(Code::Internal));
    assert_eq!(encoder.provide(0), failure(Code::Internal));
}

#[test]
fn a_chunk_after_the_final_one() {
    let (mut encoder, _) = encoder(AGE_RT, 65_536);
    seal(&mut encoder, b"", FINAL);
    assert_eq!(encoder.seal(0, MIDDLE), failure(Code::AlreadyFinalized));
}

#[test]
fn a_chunk_that_is_too_long_has_no_place() {
    let (mut encoder, _) = encoder(AGE_RT, 4);
    assert_eq!(encoder.input(5), 0);
    assert_eq!(encoder.seal(5, FINAL), failure(Code::Internal));
}

#[test]
fn random_numbers_are_new_for_each_stream() {
    let (_, first) = encoder(AGE, 65_536);
    let (_, second) = encoder(AGE, 65_536);
    assert_ne!(first, second);
}

#[test]
fn an_armored_file_has_its_reason() {
    let mut decoder = Decoder::new(AUTO, 65_536, 20, false);
    let (_, result) = decode(&mut decoder, b"-----BEGIN AGE ENCRYPTED FILE-----\n", b"");
    assert_eq!(result, failure(Code::NotAge));
    assert_eq!(decoder.number(detail::ERROR_REASON), 1);
}

#[test]
fn the_types_of_stanzas_come_with_the_error() {
    let mac = "A".repeat(43);
    let header = format!("age-encryption.org/v1\n-> X25519 x\n\n-> ssh-rsa\n\n--- {mac}\n");
    let mut decoder = Decoder::new(AUTO, 65_536, 20, false);
    let (_, result) = decode(&mut decoder, header.as_bytes(), b"");
    assert_eq!(result, failure(Code::NoPassphraseStanza));
    let text = read(
        decoder.number(detail::STANZAS),
        decoder.number(detail::STANZAS_LEN) as i32,
    );
    assert_eq!(text, b"X25519\nssh-rsa");
}

#[test]
fn the_work_factor_comes_with_the_error() {
    let (salt, body) = ("A".repeat(22), "A".repeat(43));
    let header = format!("age-encryption.org/v1\n-> scrypt {salt} 30\n{body}\n--- {body}\n");
    let mut decoder = Decoder::new(AUTO, 65_536, 18, false);
    let (_, result) = decode(&mut decoder, header.as_bytes(), b"");
    assert_eq!(result, failure(Code::ExcessiveWorkFactor));
    assert_eq!(
        (
            decoder.detail(detail::ERROR_WORK_FACTOR),
            decoder.detail(detail::ERROR_LIMIT)
        ),
        (30.0, 18.0)
    );
    assert_eq!(decoder.detail(detail::ERROR_INDEX), -1.0);
}

#[test]
fn the_index_of_the_chunk_comes_with_the_error() {
    let (mut encoder, mut stream) = encoder(AGE_RT, 4);
    stream.extend(seal(&mut encoder, b"ab", MIDDLE));
    stream.extend([0, 0, 0, 21]);
    let mut decoder = Decoder::new(AUTO, 65_536, 20, false);
    let (chunks, result) = decode(&mut decoder, &stream, PASSPHRASE);
    assert_eq!(chunks, [b"ab"]);
    assert_eq!(result, failure(Code::ChunkLength));
    assert_eq!(decoder.detail(detail::ERROR_INDEX), 1.0);
    assert_eq!(
        (
            decoder.detail(detail::ERROR_SIZE),
            decoder.detail(detail::ERROR_LIMIT)
        ),
        (21.0, 20.0)
    );
}

#[test]
fn objects_are_counted_while_they_live() {
    let before = live_objects();
    let encoder = Encoder::new(AGE, 65_536, 1);
    let decoder = Decoder::new(AGE, 65_536, 20, false);
    assert_eq!(live_objects(), before + 2);
    drop((encoder, decoder));
    assert_eq!(live_objects(), before);
}
