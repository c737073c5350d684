//! The decoder's class.

use alloc::boxed::Box;

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

use super::{END, Live, NEED_INPUT, NEED_WRAP_KEY, address, failure, length, place, take};
use crate::{
    decoder::{self, Event},
    error::{Error, Misuse},
    format::{ChunkSize, Format, parser::Accept},
    scrypt::{Passphrase, WorkFactor},
    spec::WRAP_KEY_LEN,
    stream::Position,
};

/// What [`Decoder::detail`] tells; -1 where there is no such thing.
pub mod detail {
    /// Where the chunk just returned is, until the next call.
    pub const AT: u32 = 0;
    /// Where the 32 bytes of the wrap key go.
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
    /// Where the types of the stanzas are, ASCII, one a line.
    pub const ERROR_TEXT: u32 = 14;
    /// Bytes at [`ERROR_TEXT`].
    pub const ERROR_TEXT_LEN: u32 = 15;
}

/// What [`Decoder::detail`] tells where there is nothing to tell.
const NOTHING: f64 = -1.0;

/// Decrypts one stream.
#[wasm_bindgen]
pub struct Decoder {
    inner: decoder::Decoder<Passphrase>,
    slot: Box<[u8; WRAP_KEY_LEN]>,
    at: u32,
    room: u32,
    final_chunk: bool,
    _live: Live,
}

#[wasm_bindgen]
impl Decoder {
    /// `format` is 0 for age, 1 for age-rt, 2 for either. Undefined for arguments out of range: the caller has refused them.
    #[wasm_bindgen(constructor)]
    pub fn new(format: u32, max_chunk: u32, max_log_n: u32) -> Self {
        let accept = match format {
            0 => Accept::Only(Format::Age),
            1 => Accept::Only(Format::AgeRt),
            _ => Accept::Any,
        };
        // The smallest value instead of one out of range: it lets nothing through that was not asked for.
        let max_chunk = ChunkSize::new(max_chunk).unwrap_or(ChunkSize::SMALLEST);
        let max_work_factor = WorkFactor::new(max_log_n).unwrap_or(WorkFactor::SMALLEST);
        Self {
            inner: decoder::Decoder::new(accept, max_chunk, Passphrase { max_work_factor }),
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

    /// Takes and wipes the wrap key; opens the stanza and verifies the header. Then `advance(0)`.
    #[wasm_bindgen(js_name = provideWrapKey)]
    pub fn provide_wrap_key(&mut self) -> i32 {
        let wrap_key = take(&mut self.slot);
        let answer = self
            .inner
            .challenge()
            .map_or(Err(Misuse::OutOfOrder.into()), |stanza| {
                stanza.unwrap(&wrap_key)
            });
        match self.inner.provide_file_key(answer) {
            Ok(()) => NEED_INPUT,
            Err(error) => failure(error),
        }
    }

    /// One of the numbers in [`detail`]. A method for each would be half of what the bindings weigh.
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
            detail::SALT => self.inner.challenge().map(|stanza| address(&stanza.salt)),
            detail::LOG_N => self
                .inner
                .challenge()
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
            detail::ERROR_TEXT => Some(address(self.stanza_types())),
            detail::ERROR_TEXT_LEN => Some(length(self.stanza_types())),
            _ => None,
        };
        found.map_or(NOTHING, f64::from)
    }

    fn stanza_types(&self) -> &[u8] {
        self.inner
            .stanza_types()
            .map_or(&[], |types| types.as_lines())
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
        Ok(Event::NeedFileKey) => NEED_WRAP_KEY,
        Ok(Event::End) => END,
        Ok(Event::Chunk(plaintext, _)) => place(at, plaintext),
        Err(error) => failure(*error),
    }
}
