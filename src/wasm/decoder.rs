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

    /// Where up to `room()` bytes of further input go.
    pub fn input(&mut self, len: u32) -> u32 {
        let room = self.inner.input(len as usize).unwrap_or_default();
        self.room = length(room);
        address(room)
    }

    /// How many bytes the last `input()` made room for.
    pub fn room(&self) -> u32 {
        self.room
    }

    /// `len` bytes were written to `input()`.
    pub fn advance(&mut self, len: u32) -> i32 {
        self.room = 0;
        let event = self.inner.advance(len as usize);
        report(event, &mut self.at, &mut self.final_chunk)
    }

    /// The next event without new input.
    #[wasm_bindgen(js_name = next)]
    pub fn next_event(&mut self) -> i32 {
        let event = self.inner.next_event();
        report(event, &mut self.at, &mut self.final_chunk)
    }

    /// The input ends here; call again after a chunk.
    pub fn finish(&mut self) -> i32 {
        let event = self.inner.finish();
        report(event, &mut self.at, &mut self.final_chunk)
    }

    /// Where the 16 bytes of salt are while the wrap key is needed, else 0.
    pub fn salt(&self) -> u32 {
        self.inner
            .challenge()
            .map_or(0, |stanza| address(&stanza.salt))
    }

    /// The log2(N) of the header while the wrap key is needed, else 0.
    #[wasm_bindgen(js_name = logN)]
    pub fn log_n(&self) -> u32 {
        self.inner
            .challenge()
            .map_or(0, |stanza| stanza.work_factor.log_n().into())
    }

    /// Where the 32 bytes of the wrap key go.
    #[wasm_bindgen(js_name = keySlot)]
    pub fn key_slot(&self) -> u32 {
        address(&*self.slot)
    }

    /// Takes and wipes the wrap key; opens the stanza and verifies the header. Then `next()`.
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
            Err(error) => failure(&error),
        }
    }

    /// How many bytes to give next so that none is left over.
    pub fn wanted(&self) -> u32 {
        u32::try_from(self.inner.wanted()).unwrap_or_default()
    }

    /// Where the chunk just returned is, until the next call.
    pub fn at(&self) -> u32 {
        self.at
    }

    /// Has the final chunk been given?
    pub fn done(&self) -> bool {
        self.inner.is_done()
    }

    /// 0 for age, 1 for age-rt, -1 before the header has been read.
    #[wasm_bindgen(js_name = detectedFormat)]
    pub fn detected_format(&self) -> i32 {
        match self.inner.format() {
            None => -1,
            Some(Format::Age) => 0,
            Some(Format::AgeRt) => 1,
        }
    }

    /// Was the chunk just returned the final one?
    #[wasm_bindgen(js_name = finalChunk)]
    pub fn final_chunk(&self) -> bool {
        self.final_chunk
    }

    /// Position of the chunk at fault, or -1.
    #[wasm_bindgen(js_name = errorIndex)]
    #[expect(clippy::cast_precision_loss, reason = "exact for 2^53 chunks")]
    pub fn error_index(&self) -> f64 {
        self.detail(Error::chunk_index)
            .map_or(-1.0, |index| index as f64)
    }

    /// The log2(N) that was refused, or -1.
    #[wasm_bindgen(js_name = errorWorkFactor)]
    pub fn error_work_factor(&self) -> f64 {
        self.detail(Error::work_factor).map_or(-1.0, f64::from)
    }

    /// The limit that was exceeded, or -1.
    #[wasm_bindgen(js_name = errorLimit)]
    pub fn error_limit(&self) -> f64 {
        self.detail(Error::limit).map_or(-1.0, f64::from)
    }

    /// The size that was refused, or -1.
    #[wasm_bindgen(js_name = errorSize)]
    pub fn error_size(&self) -> f64 {
        self.detail(Error::size).map_or(-1.0, f64::from)
    }

    /// Where the types of the stanzas are, ASCII, one a line.
    #[wasm_bindgen(js_name = errorText)]
    pub fn error_text(&self) -> u32 {
        address(self.stanza_types())
    }

    /// Bytes at `errorText()`.
    #[wasm_bindgen(js_name = errorTextLen)]
    pub fn error_text_len(&self) -> u32 {
        length(self.stanza_types())
    }

    /// [`Error::reason`]: tells apart the errors of one code.
    #[wasm_bindgen(js_name = errorReason)]
    pub fn error_reason(&self) -> u32 {
        self.inner.error().map_or(0, |error| error.reason().into())
    }

    fn detail<T>(&self, detail: impl FnOnce(&Error) -> Option<T>) -> Option<T> {
        self.inner.error().and_then(detail)
    }

    fn stanza_types(&self) -> &[u8] {
        self.inner
            .error()
            .and_then(Error::stanza_types)
            .map_or(&[], |types| types.as_lines().as_bytes())
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.slot.zeroize();
    }
}

fn report(event: Result<Event<'_>, Error>, at: &mut u32, final_chunk: &mut bool) -> i32 {
    *final_chunk = matches!(event, Ok(Event::Chunk(_, Position::Final)));
    match event {
        Ok(Event::NeedInput) => NEED_INPUT,
        Ok(Event::NeedFileKey) => NEED_WRAP_KEY,
        Ok(Event::End) => END,
        Ok(Event::Chunk(plaintext, _)) => place(at, plaintext),
        Err(error) => failure(&error),
    }
}
