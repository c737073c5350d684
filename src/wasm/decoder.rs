//! The decoder's class.

use alloc::boxed::Box;

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

use super::{
    END, Live, NEED_FILE_KEY, NEED_INPUT, NEED_WRAP_KEY, address, failure, length, place, take,
};
use crate::{
    decoder::{self, Event, Question, Tried, Ways},
    error::Error,
    format::{ChunkSize, Format, Identifier, StanzaTypes, parser::Accept},
    keys::{FileKey, WrapKey},
    scrypt::{ScryptStanza, WorkFactor},
    spec::WRAP_KEY_LEN,
    stream::Position,
};

/// What [`Decoder::detail`] tells; -1 where there is no such thing.
pub mod detail {
    /// Where the chunk just returned is, until the next call.
    pub const AT: u32 = 0;
    /// Where the 32 bytes of a wrap key go, or the 16 of a file key.
    pub const KEY_SLOT: u32 = 1;
    /// Where the 16 bytes of salt are while the wrap key is needed.
    pub const SALT: u32 = 2;
    /// The log2(N) of the header while the wrap key is needed.
    pub const LOG_N: u32 = 3;
    /// How many bytes the last `input()` made room for.
    pub const ROOM: u32 = 4;
    /// How many bytes to give next so that none is left over.
    pub const WANTED: u32 = 5;
    /// 1 once the final chunk has been given, else 0.
    pub const DONE: u32 = 6;
    /// 1 if the chunk just returned was the final one, else 0.
    pub const FINAL_CHUNK: u32 = 7;
    /// 0 for age, 1 for age-rt, once the header has been read.
    pub const FORMAT: u32 = 8;
    /// [`Error::reason`](crate::error::Error::reason): tells apart the errors of one code.
    pub const ERROR_REASON: u32 = 9;
    /// Position of the chunk at fault.
    pub const ERROR_INDEX: u32 = 10;
    /// The log2(N) that was refused.
    pub const ERROR_WORK_FACTOR: u32 = 11;
    /// The limit that was exceeded.
    pub const ERROR_LIMIT: u32 = 12;
    /// The size that was refused.
    pub const ERROR_SIZE: u32 = 13;
    /// Where the stanzas are, ASCII: as they were received while a key is needed and identities are
    /// asked; their types, one a line, where nobody has it.
    pub const STANZAS: u32 = 14;
    /// Bytes at [`STANZAS`].
    pub const STANZAS_LEN: u32 = 15;
    /// Bytes of the header without the nonce, once it has been read.
    pub const HEADER_LEN: u32 = 16;
    /// Where an encoder's file key is while recipients make its header; a decoder's, once its
    /// header was opened and before the nonce.
    pub const FILE_KEY: u32 = 17;
    /// The chunk size that the header names, once it has been read.
    pub const CHUNK_SIZE: u32 = 18;
    /// Where the 32 bytes of the payload key of an age file are, for workers that seal or open some
    /// of its chunks.
    pub const PAYLOAD_KEY: u32 = 19;
}

/// What [`Decoder::answer`] is given.
pub mod answer {
    /// A wrap key, in 32 bytes at `KEY_SLOT`.
    pub const WRAP_KEY: u32 = 0;
    /// A file key that an identity has found, in the first 16 bytes at `KEY_SLOT`.
    pub const FILE_KEY: u32 = 1;
    /// Nobody has the key.
    pub const NONE: u32 = 2;
}

/// What [`Decoder::detail`] tells where there is nothing to tell.
const NOTHING: f64 = -1.0;

/// Decrypts one stream.
#[wasm_bindgen]
pub struct Decoder {
    inner: decoder::Decoder,
    slot: Box<[u8; WRAP_KEY_LEN]>,
    at: u32,
    room: u32,
    final_chunk: bool,
    _live: Live,
}

#[wasm_bindgen]
impl Decoder {
    /// `format` is 0 for age, 1 for age-rt, 2 for either; `max_log_n` is 0 where there is no
    /// passphrase; `outside` says that there are identities, to whom the stanzas are shown.
    /// Undefined for arguments out of range: the caller has refused them.
    #[wasm_bindgen(constructor)]
    pub fn new(format: u32, max_chunk: u32, max_log_n: u32, outside: bool) -> Self {
        let accept = match format {
            0 => Accept::Only(Format::Age),
            1 => Accept::Only(Format::AgeRt),
            _ => Accept::Any,
        };
        // The smallest value instead of one out of range: it lets nothing through that was not
        // asked for.
        let max_chunk = ChunkSize::new(max_chunk).unwrap_or(ChunkSize::SMALLEST);
        let ways = Ways {
            max_work_factor: WorkFactor::new(max_log_n).ok(),
            outside,
        };
        Self {
            inner: decoder::Decoder::new(accept, max_chunk, ways),
            slot: Box::new([0; WRAP_KEY_LEN]),
            at: 0,
            room: 0,
            final_chunk: false,
            _live: Live::new(),
        }
    }

    /// Where up to [`detail::ROOM`] bytes of further input go.
    pub fn input(&mut self, len: u32) -> u32 {
        let room = self.inner.input(len as usize).unwrap_or_default();
        self.room = length(room);
        address(room)
    }

    /// `len` bytes were written to `input()`; with 0, the next event without new input.
    pub fn advance(&mut self, len: u32) -> i32 {
        self.room = 0;
        let event = self.inner.advance(len as usize);
        report(&event, &mut self.at, &mut self.final_chunk)
    }

    /// The input ends here; call again after a chunk.
    pub fn finish(&mut self) -> i32 {
        let event = self.inner.finish();
        report(&event, &mut self.at, &mut self.final_chunk)
    }

    /// The `len` bytes that were written to `input()` are chunk number `index` of an age file,
    /// whichever was read before it; `position` is 0 for a middle chunk, 1 for the final one. The
    /// length of its plaintext. A chunk that does not verify changes nothing.
    #[wasm_bindgen(js_name = openAt)]
    pub fn open_at(&mut self, len: u32, index: f64, position: u32) -> i32 {
        self.room = 0;
        let position = if position == 0 {
            Position::Middle
        } else {
            Position::Final
        };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a whole number below 2^53; a cast of any other gives a chunk that does not verify"
        )]
        match self.inner.open_at(len as usize, index as u64, position) {
            Ok(plaintext) => place(&mut self.at, plaintext),
            Err(error) => failure(error),
        }
    }

    /// The next `count` chunks of an age file were opened in workers. 0, or an error.
    pub fn skip(&mut self, count: u32) -> i32 {
        self.room = 0;
        self.inner.skip(count.into()).map_or_else(failure, |()| 0)
    }

    /// An answer to the decoder's question, one of the numbers in [`answer`]; a key is taken out of
    /// its slot, which is wiped.
    ///
    /// [`NEED_INPUT`] where it opens the header: then `advance(0)`. [`NEED_WRAP_KEY`] where it is
    /// another passphrase's: try the next.
    pub fn answer(&mut self, which: u32) -> i32 {
        let tried = match which {
            answer::WRAP_KEY => {
                let wrap_key = WrapKey::filled(|key| take(&mut *self.slot, key));
                self.inner.try_wrap_key(&wrap_key)
            }
            answer::FILE_KEY => {
                let file_key = FileKey::filled(|key| take(&mut *self.slot, key));
                self.inner.try_file_key(file_key)
            }
            _ => Err(self.inner.give_up()),
        };
        match tried {
            Ok(Tried::Opened) => NEED_INPUT,
            Ok(Tried::NotThis) => NEED_WRAP_KEY,
            Err(error) => failure(error),
        }
    }

    /// One of the numbers in [`detail`]. A method for each would be half of what the bindings
    /// weigh.
    #[expect(clippy::cast_precision_loss, reason = "exact for 2^53 chunks")]
    pub fn detail(&self, which: u32) -> f64 {
        let error = self.inner.error();
        let found = match which {
            detail::AT => Some(self.at),
            detail::ROOM => Some(self.room),
            detail::WANTED => u32::try_from(self.inner.wanted()).ok(),
            detail::DONE => Some(self.inner.is_done().into()),
            detail::FINAL_CHUNK => Some(self.final_chunk.into()),
            detail::FORMAT => self.inner.format().map(|format| match format {
                Format::Age => 0,
                Format::AgeRt => 1,
            }),
            detail::KEY_SLOT => Some(address(&*self.slot)),
            detail::SALT => self.scrypt().map(|stanza| address(&stanza.salt)),
            detail::LOG_N => self
                .scrypt()
                .map(|stanza| stanza.work_factor.log_n().into()),
            detail::ERROR_REASON => error.map(|error| error.reason().into()),
            detail::ERROR_INDEX => {
                return error
                    .and_then(Error::chunk_index)
                    .map_or(NOTHING, |index| index as f64);
            }
            detail::ERROR_WORK_FACTOR => error.and_then(Error::work_factor),
            detail::ERROR_LIMIT => error.and_then(Error::limit),
            detail::ERROR_SIZE => error.and_then(Error::size),
            detail::STANZAS => Some(address(self.stanzas())),
            detail::STANZAS_LEN => Some(length(self.stanzas())),
            detail::HEADER_LEN => self
                .inner
                .header_len()
                .and_then(|len| u32::try_from(len).ok()),
            detail::FILE_KEY => self.inner.file_key().map(|key| address(key.expose())),
            detail::CHUNK_SIZE => self.inner.chunk_size().map(ChunkSize::get),
            detail::PAYLOAD_KEY => self.inner.payload_key().map(|key| address(key.expose())),
            _ => None,
        };
        found.map_or(NOTHING, f64::from)
    }

    fn scrypt(&self) -> Option<&ScryptStanza> {
        match self.inner.question() {
            Some(Question::Scrypt(stanza)) => Some(stanza),
            _ => None,
        }
    }

    fn stanzas(&self) -> &[u8] {
        let types = self.inner.stanza_types().map(StanzaTypes::as_lines);
        self.inner.stanza_text().or(types).unwrap_or_default()
    }
}

impl Decoder {
    /// For an encoder's `rewrap()`.
    pub(super) fn rewrap(&mut self) -> Result<(Identifier, FileKey), Error> {
        self.inner.rewrap()
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.slot.zeroize();
    }
}

fn report(event: &Result<Event<'_>, Error>, at: &mut u32, final_chunk: &mut bool) -> i32 {
    *final_chunk = matches!(event, Ok(Event::Chunk(_, Position::Final)));
    match event {
        Ok(Event::NeedInput) => NEED_INPUT,
        Ok(Event::NeedWrapKey) => NEED_WRAP_KEY,
        Ok(Event::NeedFileKey) => NEED_FILE_KEY,
        Ok(Event::End) => END,
        Ok(Event::Chunk(plaintext, _)) => place(at, plaintext),
        Err(error) => failure(*error),
    }
}
