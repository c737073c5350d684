//! What must hold for any bytes. Each function panics where it does not.
#![allow(
    unreachable_pub,
    reason = "public to the fuzzer, which has it as a crate"
)]

use std::iter::once;

use age_rt::{
    base64,
    decoder::{Decoder, Event},
    error::{Code, Error},
    format::{
        Format, Header, HeaderWriter,
        parser::{Accept, HeaderParser},
    },
    keys::FileKey,
    spec::MAX_HEADER_LEN,
    stream::Position,
};

use crate::common::{OUTSIDE, Options, PASSPHRASE, Stream, decode, decode_pieces, file_key};

/// Takes decisions from the front of the data; zeros when it is used up.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    fn byte(&mut self) -> u8 {
        let (byte, rest) = self.0.split_first().unwrap_or((&0, &[]));
        self.0 = rest;
        *byte
    }

    fn below(&mut self, bound: usize) -> usize {
        let choice = usize::from(self.byte()) << 8 | usize::from(self.byte());
        choice % bound
    }

    fn of<T: Copy, const N: usize>(&mut self, all: [T; N]) -> T {
        all[usize::from(self.byte()) % N]
    }

    fn take(&mut self, len: usize) -> Vec<u8> {
        let (taken, rest) = self.0.split_at(len.min(self.0.len()));
        self.0 = rest;
        taken.to_vec()
    }
}

const ACCEPT: [Accept; 3] = [
    Accept::Any,
    Accept::Only(Format::Age),
    Accept::Only(Format::AgeRt),
];

/// Parsing does not depend on how the input is cut, and writing what was parsed gives the same
/// bytes.
pub fn header(data: &[u8]) {
    let mut choices = Choices(data);
    let accept = choices.of(ACCEPT);
    let piece_len = 1 + choices.below(64);
    let input = choices.0;

    let whole = parsed(accept, input, input.len().max(1));
    let pieces = parsed(accept, input, piece_len);
    let shape = |outcome: &Result<(usize, Header), Error>| {
        outcome
            .as_ref()
            .map_err(Error::clone)
            .map(|(used, header)| {
                (
                    *used,
                    header.stanzas().count(),
                    header.authenticated_bytes().to_vec(),
                    *header.mac(),
                )
            })
    };
    assert_eq!(shape(&whole), shape(&pieces));

    if let Ok((used, header)) = whole {
        let mut writer = HeaderWriter::new(header.identifier());
        for stanza in header.stanzas() {
            let arguments = once(stanza.stanza_type()).chain(stanza.arguments());
            writer.stanza(&arguments.collect::<Vec<_>>(), &stanza.body());
        }
        assert_eq!(writer.finish(|_| *header.mac()), &input[..used]);
    }
}

fn parsed(accept: Accept, input: &[u8], piece_len: usize) -> Result<(usize, Header), Error> {
    let mut parser = HeaderParser::new(accept, MAX_HEADER_LEN);
    let mut used = 0;
    for piece in input.chunks(piece_len) {
        let (taken, header) = parser.push(piece)?;
        assert!(taken <= piece.len());
        used += taken;
        if let Some(header) = header {
            return Ok((used, header));
        }
        assert_eq!(taken, piece.len(), "an unfinished header takes everything");
    }
    Err(parser.end_of_input())
}

/// Text is base64 in one way only, and bytes come back as they were.
pub fn base64(data: &[u8]) {
    let mut bytes = vec![0; data.len()];
    let decoded = base64::decode_line(data, &mut bytes);
    assert_eq!(
        base64::is_body_line(data),
        decoded.is_some() && data.len() <= 64
    );
    if let Some(len) = decoded {
        let mut text = Vec::new();
        base64::encode(&bytes[..len], &mut text);
        assert_eq!(text, data, "one text for these bytes");
    }
    let array = base64::decode_array::<16>(data);
    assert_eq!(array.is_some(), decoded == Some(16));
    assert!(array.is_none_or(|array| bytes.starts_with(&array)));

    let mut text = Vec::new();
    base64::encode(data, &mut text);
    assert_eq!(text.len(), base64::encoded_len(data.len()));
    let mut back = vec![0; text.len()];
    assert_eq!(base64::decode_line(&text, &mut back), Some(data.len()));
    assert!(back.starts_with(data));

    let mut body = Vec::new();
    base64::encode_body(data, &mut body);
    let lines: Vec<_> = body
        .strip_suffix(b"\n")
        .expect("an end")
        .split(|&byte| byte == b'\n')
        .collect();
    let (last, full) = lines.split_last().expect("a line");
    assert!(last.len() < 64 && base64::is_body_line(last));
    assert!(
        full.iter()
            .all(|line| line.len() == 64 && base64::is_body_line(line))
    );
}

const CHUNKS: [&[u8]; 3] = [b"abcd", b"efgh", b"ij"];
/// Of the files that the decoder target starts from.
const CHUNK_SIZE: u32 = 4;

fn sample(format: Format) -> Vec<u8> {
    let mut stream = Stream::new(format, CHUNK_SIZE);
    let [first, second, last] = CHUNKS;
    stream.seal(first, Position::Middle);
    stream.seal(second, Position::Middle);
    stream.seal(last, Position::Final);
    stream.bytes
}

/// Calls in any order, on any input: nothing panics, the first error is the last, and only what was
/// sealed comes out.
pub fn decoder(data: &[u8]) {
    let mut choices = Choices(data);
    let accept = choices.of(ACCEPT);
    let max_chunk = choices.of([CHUNK_SIZE, 1, 64, 65_536, 16_777_216]);
    let mut input = match choices.of([0, 1, 2, 3, 4]) {
        0 => Vec::new(),
        kind => {
            let mut bytes = sample(if kind % 2 == 0 {
                Format::Age
            } else {
                Format::AgeRt
            });
            bytes.truncate(if kind > 2 {
                choices.below(bytes.len() + 1)
            } else {
                bytes.len()
            });
            bytes
        }
    };
    let extra = choices.below(300);
    input.extend(choices.take(extra));

    let mut decoder = Options {
        accept,
        max_chunk,
        max_log_n: 20,
    }
    .decoder_for(OUTSIDE);
    let mut rest = &input[..];
    let mut released = 0;
    let mut failed: Option<Error> = None;
    for _ in 0..200 {
        let outcome = match choices.byte() % 16 {
            0..=6 => write(&mut decoder, &mut rest, usize::from(choices.byte())),
            7 => write(&mut decoder, &mut rest, usize::MAX),
            8 => decoder.advance(0).map(told),
            9 => decoder.finish().map(told),
            10 => decoder
                .try_file_key(FileKey::filled(|key| key.fill(1)))
                .map(|_| Told::Nothing),
            11 => Err(decoder.give_up()),
            12 => decoder.advance(usize::from(choices.byte())).map(told),
            13 if decoder.question().is_none() => decoder.next_event().map(told),
            _ if decoder.question().is_some() => {
                decoder.try_file_key(file_key()).map(|_| Told::Nothing)
            }
            _ => decoder.next_event().map(told),
        };
        assert!(decoder.buffer_len() <= (max_chunk as usize + 20).max(4096));
        match outcome {
            // The one error that changes nothing.
            Err(error) if error.code() == Code::KeyPending => {
                assert!(failed.is_none() && decoder.question().is_some());
                assert_eq!(decoder.error(), None);
            }
            Err(error) => {
                assert!(
                    failed.as_ref().is_none_or(|first| *first == error),
                    "the first error is the last"
                );
                assert_eq!(decoder.error(), Some(&error));
                assert_eq!(decoder.buffer_len(), 0);
                assert_eq!(decoder.wanted(), 0);
                assert!(!decoder.is_done());
                // Every detail is there for the asking, and none of it panics.
                let _ = (
                    error.to_string(),
                    error.code(),
                    error.reason(),
                    error.limit(),
                    error.size(),
                );
                failed = Some(error);
            }
            Ok(told) => {
                assert!(failed.is_none(), "nothing works after an error");
                match told {
                    Told::Chunk(text, position) => {
                        assert_eq!(CHUNKS.get(released), Some(&&text[..]));
                        released += 1;
                        assert_eq!(position == Position::Final, released == CHUNKS.len());
                        assert_eq!(position == Position::Final, decoder.is_done());
                    }
                    Told::End => assert!(decoder.is_done() && released == CHUNKS.len()),
                    Told::Nothing => {}
                }
            }
        }
    }
}

enum Told {
    Chunk(Vec<u8>, Position),
    End,
    Nothing,
}

#[allow(clippy::needless_pass_by_value, reason = "it is mapped over results")]
fn told(event: Event<'_>) -> Told {
    match event {
        Event::Chunk(text, position) => Told::Chunk(text.to_vec(), position),
        Event::End => Told::End,
        Event::NeedInput | Event::NeedWrapKey | Event::NeedFileKey => Told::Nothing,
    }
}

fn write(decoder: &mut Decoder, rest: &mut &[u8], len: usize) -> Result<Told, Error> {
    let len = len.min(rest.len());
    let room = decoder.input(len)?;
    assert!(room.len() <= len);
    let (now, later) = rest.split_at(room.len());
    room.copy_from_slice(now);
    *rest = later;
    decoder.advance(now.len()).map(told)
}

/// A stream that was changed in any way fails, and gives whole chunks from its beginning and
/// nothing else.
pub fn framing(data: &[u8]) {
    let mut choices = Choices(data);
    let format = choices.of([Format::Age, Format::AgeRt]);
    let chunk_size = 1 + choices.below(70);
    let mut stream = Stream::new(format, chunk_size as u32);
    let mut ends = vec![stream.bytes.len()];
    let mut texts: Vec<Vec<u8>> = Vec::new();
    let count = choices.below(6);
    let finished = choices.byte() % 8 != 0;
    for index in 0..=count {
        let position = if finished && index == count {
            Position::Final
        } else {
            Position::Middle
        };
        let len = match (format, position) {
            (Format::Age, Position::Middle) => chunk_size,
            (Format::Age, Position::Final) if index > 0 => 1 + choices.below(chunk_size),
            _ => choices.below(chunk_size + 1),
        };
        let text = vec![choices.byte(); len];
        stream.seal(&text, position);
        ends.push(stream.bytes.len());
        texts.push(text);
    }

    let original = stream.bytes;
    let mut changed = original.clone();
    for _ in 0..choices.below(3) {
        mutate(&mut changed, &ends, &mut choices);
    }
    let seed = choices.byte();
    let mut piece = || {
        let byte = choices.byte();
        1 + usize::from(if byte == 0 { seed } else { byte }) % 90
    };

    let options = Options::only(format).max_chunk(chunk_size as u32);
    let outcome = decode_pieces(options, PASSPHRASE, &changed, &mut piece);
    assert_eq!(
        outcome,
        decode(options, PASSPHRASE, &changed),
        "the split does not matter"
    );
    assert_eq!(
        outcome.result.is_ok(),
        finished && changed == original,
        "{:?}",
        outcome.result
    );
    assert!(outcome.chunks.len() <= texts.len());
    assert_eq!(outcome.chunks, texts[..outcome.chunks.len()]);
    assert!(outcome.result.is_err() || outcome.chunks.len() == texts.len());
}

fn mutate(bytes: &mut Vec<u8>, ends: &[usize], choices: &mut Choices<'_>) {
    let kind = choices.byte() % 7;
    let at = choices.below(bytes.len() + 1);
    // Two chunks, where the bytes still have them.
    let [(start, end), (_, to)] = [0, 1].map(|_| {
        let index = choices.below(ends.len() - 1);
        (
            ends[index].min(bytes.len()),
            ends[index + 1].min(bytes.len()),
        )
    });
    match kind {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, at as u8),
        2 if at < bytes.len() => drop(bytes.remove(at)),
        3 => drop(bytes.drain(start..end)),
        4 => drop(bytes.splice(to..to, bytes[start..end].to_vec())),
        5 => {
            let moved: Vec<u8> = bytes.drain(start..end).collect();
            let to = to.min(bytes.len());
            bytes.splice(to..to, moved);
        }
        _ => {
            let bit = choices.byte() % 8;
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << bit;
            }
        }
    }
}
