//! What the integration tests share: files made with known keys, a driver for the decoder, and ways
//! to cut its input.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::cast_possible_truncation,
    reason = "each test binary uses its part of one module; small numbers"
)]

pub mod derivations;

use std::{collections::HashMap, ops::Range, sync::Mutex};

use age_rt::{
    decoder::{Decoder, Event, Question, Tried, Ways},
    encoder::{Encoder, Randomness},
    error::{Code, Error},
    format::{ChunkSize, Format, HeaderWriter, Identifier, parser::Accept},
    keys::{FileKey, WrapKey},
    scrypt::{self, Mixer, Recipient, Salt, ScryptStanza, Stride, WorkFactor},
    stream::Position,
};

pub const PASSPHRASE: &[u8] = b"correct horse battery staple";

/// A decoder's arguments.
#[derive(Clone, Copy)]
pub struct Options {
    pub accept: Accept,
    pub max_chunk: u32,
    pub max_log_n: u32,
}

impl Options {
    pub fn only(format: Format) -> Self {
        Self {
            accept: Accept::Only(format),
            max_chunk: 65_536,
            max_log_n: 20,
        }
    }

    pub fn any() -> Self {
        Self {
            accept: Accept::Any,
            max_chunk: 65_536,
            max_log_n: 20,
        }
    }

    pub fn max_chunk(self, max_chunk: u32) -> Self {
        Self { max_chunk, ..self }
    }

    pub fn max_log_n(self, max_log_n: u32) -> Self {
        Self { max_log_n, ..self }
    }

    /// For somebody who knows a passphrase.
    pub fn decoder(self) -> Decoder {
        self.decoder_for(self.passphrase(false))
    }

    /// A passphrase that accepts this much work, and perhaps identities beside it.
    pub fn passphrase(self, outside: bool) -> Ways {
        Ways {
            max_work_factor: Some(WorkFactor::new(self.max_log_n).expect("1..=22")),
            outside,
        }
    }

    pub fn decoder_for(self, ways: Ways) -> Decoder {
        Decoder::new(
            self.accept,
            ChunkSize::new(self.max_chunk).expect("1..=16 MiB"),
            ways,
        )
    }
}

/// What came of an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    pub chunks: Vec<Vec<u8>>,
    pub final_seen: bool,
    pub result: Result<(), Error>,
}

impl Outcome {
    pub fn code(&self) -> Option<Code> {
        self.result.as_ref().err().map(Error::code)
    }

    pub fn plaintext(&self) -> Vec<u8> {
        self.chunks.concat()
    }

    pub fn lengths(&self) -> Vec<usize> {
        self.chunks.iter().map(Vec::len).collect()
    }
}

/// The wrap key, derived once for each salt: the vectors take half a second each.
pub fn wrap_key(passphrase: &[u8], salt: &Salt, work_factor: WorkFactor) -> WrapKey {
    type Derived = HashMap<(Vec<u8>, Salt, u8), [u8; 32]>;
    static DERIVED: Mutex<Option<Derived>> = Mutex::new(None);

    let mut derived = DERIVED.lock().expect("no test panics while deriving");
    let key = derived
        .get_or_insert_default()
        .entry((passphrase.to_vec(), *salt, work_factor.log_n()))
        .or_insert_with(|| {
            let mut key = [0; 32];
            let mut derivation =
                scrypt::start(passphrase, salt, work_factor, Stride::One).expect("memory");
            derivation.step(u32::MAX, Mixer::Integers);
            derivation.finish(passphrase, &mut key).expect("all steps");
            key
        });
    WrapKey::filled(|slot| *slot = *key)
}

/// What a decoder asks of those who know a passphrase.
pub fn scrypt_stanza(decoder: &Decoder) -> ScryptStanza {
    match decoder.question() {
        Some(Question::Scrypt(stanza)) => *stanza,
        _ => panic!("the decoder does not ask for a passphrase"),
    }
}

/// Tries `passphrase`.
pub fn try_passphrase(decoder: &mut Decoder, passphrase: &[u8]) -> Result<Tried, Error> {
    let stanza = scrypt_stanza(decoder);
    let key = wrap_key(passphrase, &stanza.salt, stanza.work_factor);
    decoder.try_wrap_key(&key)
}

/// Answers the decoder's question as somebody who knows `passphrase` and nothing else.
pub fn answer(decoder: &mut Decoder, passphrase: &[u8]) -> Result<(), Error> {
    match try_passphrase(decoder, passphrase)? {
        Tried::Opened => Ok(()),
        Tried::NotThis => Err(decoder.give_up()),
    }
}

/// An event that does not borrow the decoder.
enum Seen {
    Chunk(Vec<u8>, Position),
    Question,
    Nothing,
}

#[allow(clippy::needless_pass_by_value, reason = "it is mapped over results")]
fn seen(event: Event<'_>) -> Seen {
    match event {
        Event::Chunk(plaintext, position) => Seen::Chunk(plaintext.to_vec(), position),
        Event::NeedWrapKey | Event::NeedFileKey => Seen::Question,
        Event::NeedInput | Event::End => Seen::Nothing,
    }
}

/// One stream on its way through a decoder.
pub struct Run<'a> {
    pub decoder: Decoder,
    passphrase: &'a [u8],
    pub chunks: Vec<Vec<u8>>,
    pub final_seen: bool,
}

impl<'a> Run<'a> {
    pub fn new(options: Options, passphrase: &'a [u8]) -> Self {
        Self {
            decoder: options.decoder(),
            passphrase,
            chunks: Vec::new(),
            final_seen: false,
        }
    }

    /// Gives all of `piece` and takes every event that comes of it.
    pub fn write(&mut self, mut piece: &[u8]) -> Result<(), Error> {
        while !piece.is_empty() {
            let room = self.decoder.input(piece.len())?;
            let (taken, rest) = piece.split_at(room.len());
            assert!(!taken.is_empty(), "there is room after NeedInput");
            room.copy_from_slice(taken);
            piece = rest;
            let event = self.decoder.advance(taken.len()).map(seen);
            self.take_all(event, Decoder::next_event)?;
        }
        Ok(())
    }

    /// The end of the input.
    pub fn finish(&mut self) -> Result<(), Error> {
        let event = self.decoder.finish().map(seen);
        self.take_all(event, Decoder::finish)
    }

    fn take_all(
        &mut self,
        mut event: Result<Seen, Error>,
        next: fn(&mut Decoder) -> Result<Event<'_>, Error>,
    ) -> Result<(), Error> {
        loop {
            match event? {
                Seen::Nothing => return Ok(()),
                Seen::Question => answer(&mut self.decoder, self.passphrase)?,
                Seen::Chunk(plaintext, position) => {
                    assert!(!self.final_seen, "nothing comes after the final chunk");
                    self.chunks.push(plaintext);
                    self.final_seen = position == Position::Final;
                }
            }
            event = next(&mut self.decoder).map(seen);
        }
    }

    pub fn outcome(self, result: Result<(), Error>) -> Outcome {
        Outcome {
            chunks: self.chunks,
            final_seen: self.final_seen,
            result,
        }
    }
}

/// Gives `input` in pieces as long as `piece` says.
pub fn decode_pieces(
    options: Options,
    passphrase: &[u8],
    input: &[u8],
    mut piece: impl FnMut() -> usize,
) -> Outcome {
    let mut run = Run::new(options, passphrase);
    let result = (|| {
        let mut rest = input;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(piece().clamp(1, rest.len()));
            run.write(now)?;
            rest = later;
        }
        run.finish()
    })();
    run.outcome(result)
}

/// Gives `input` at once.
pub fn decode(options: Options, passphrase: &[u8], input: &[u8]) -> Outcome {
    decode_pieces(options, passphrase, input, || usize::MAX)
}

/// The push API: exactly as many bytes as are wanted, fewer only at the end of the input.
pub fn decode_push(options: Options, passphrase: &[u8], input: &[u8]) -> Outcome {
    let mut run = Run::new(options, passphrase);
    let result = (|| {
        let mut rest = input;
        while !rest.is_empty() {
            // What is left when nothing is wanted is given to see what comes of it.
            let wanted = match run.decoder.wanted() {
                0 => rest.len(),
                wanted => wanted,
            };
            let (now, later) = rest.split_at(wanted.min(rest.len()));
            run.write(now)?;
            rest = later;
        }
        run.finish()
    })();
    run.outcome(result)
}

/// A file made with known keys, at work factor 1; the last of `chunks` is the final one.
pub fn file(format: Format, chunk_size: u32, chunks: &[&[u8]]) -> Vec<u8> {
    let mut stream = Stream::new(format, chunk_size);
    let (last, others) = chunks.split_last().expect("a final chunk");
    for chunk in others {
        stream.seal(chunk, Position::Middle);
    }
    stream.seal(last, Position::Final);
    stream.bytes
}

/// A file in the making, which may be left unfinished.
pub struct Stream {
    pub encoder: Encoder,
    pub bytes: Vec<u8>,
}

impl Stream {
    pub fn new(format: Format, chunk_size: u32) -> Self {
        Self::with_nonce(format, chunk_size, [0x6e; 16])
    }

    pub fn with_nonce(format: Format, chunk_size: u32, nonce: [u8; 16]) -> Self {
        let chunk_size = ChunkSize::new(chunk_size).expect("1..=16 MiB");
        let encoder = encoder_with(Identifier::new(format, chunk_size), nonce);
        let bytes = encoder.header().to_vec();
        Self { encoder, bytes }
    }

    pub fn seal(&mut self, chunk: &[u8], position: Position) {
        self.encoder
            .input(chunk.len())
            .expect("it fits")
            .copy_from_slice(chunk);
        self.bytes
            .extend_from_slice(self.encoder.seal(chunk.len(), position).expect("it may"));
    }
}

/// An encoder with keys that are always the same.
pub fn encoder(identifier: Identifier) -> Encoder {
    encoder_with(identifier, [0x6e; 16])
}

fn encoder_with(identifier: Identifier, nonce: [u8; 16]) -> Encoder {
    let randomness = Randomness {
        file_key: file_key(),
        nonce,
    };
    let recipient = Recipient {
        salt: [0x73; 16],
        work_factor: WorkFactor::SMALLEST,
    };
    let wrap_key = wrap_key(PASSPHRASE, &recipient.salt, recipient.work_factor);
    let mut header = HeaderWriter::new(identifier);
    recipient.wrap(&randomness.file_key, &wrap_key, &mut header);
    Encoder::new(header, randomness)
}

/// The file key of every file made here.
pub fn file_key() -> FileKey {
    FileKey::filled(|key| key.copy_from_slice(b"YELLOW SUBMARINE"))
}

/// A header over any text that ends where the MAC line begins, with the right MAC.
pub fn header_of(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.extend_from_slice(b"---");
    let mac = file_key().header_mac(&bytes);
    bytes.push(b' ');
    age_rt::base64::encode(&mac, &mut bytes);
    bytes.push(b'\n');
    bytes
}

/// Somebody who finds the file key by himself, whatever the stanzas say.
pub const OUTSIDE: Ways = Ways {
    max_work_factor: None,
    outside: true,
};

/// Bytes in which a swapped or shifted piece shows: 251 is the largest prime below 256.
pub fn painted(len: usize) -> Vec<u8> {
    (0..len).map(|index| (index % 251) as u8).collect()
}

/// `SplitMix64`, so that a failure can be repeated from its seed.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// 0..`bound`
    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }

    /// 1..=2^`bits`, small ones as likely as large ones.
    pub fn length(&mut self, bits: usize) -> usize {
        let bits = self.below(bits + 1);
        1 + self.below(1 << bits)
    }
}

pub const FORMATS: [Format; 2] = [Format::Age, Format::AgeRt];

/// A small file of three chunks, and where its parts are.
pub struct Sample {
    pub format: Format,
    pub bytes: Vec<u8>,
    pub header: Range<usize>,
    pub nonce: Range<usize>,
    pub chunks: Vec<Range<usize>>,
}

pub const CHUNKS: [&[u8]; 3] = [b"abcd", b"efgh", b"ij"];

impl Sample {
    pub fn new(format: Format) -> Self {
        Self::of(format, &CHUNKS)
    }

    pub fn of(format: Format, texts: &[&[u8]]) -> Self {
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

    pub fn decode(&self, input: &[u8]) -> Outcome {
        decode(Options::only(self.format).max_chunk(4), PASSPHRASE, input)
    }

    /// How many chunks end at or before `at`.
    pub fn complete(&self, at: usize) -> usize {
        self.chunks.iter().filter(|chunk| chunk.end <= at).count()
    }
}
