//! The encoder's class.

use alloc::{boxed::Box, vec::Vec};

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

use super::{
    Decoder, Live, NEED_FILE_KEY, NEED_WRAP_KEY, address, detail, failure, fill_random, place, take,
};
use crate::{
    encoder::{self, Randomness},
    error::{Error, Misuse},
    format::{ChunkSize, Format, HeaderWriter, Identifier},
    keys::{FileKey, WrapKey},
    memory::{WipedBytes, allocate},
    scrypt::{Recipient, Salt, WorkFactor},
    spec::{PAYLOAD_NONCE_LEN, SALT_LEN, WRAP_KEY_LEN},
    stream::Position,
};

/// Encrypts one stream.
#[wasm_bindgen]
pub struct Encoder {
    identifier: Result<Identifier, Error>,
    /// None where recipients make the stanzas.
    work_factor: Result<Option<WorkFactor>, Misuse>,
    pending: Option<Pending>,
    inner: Option<encoder::Encoder>,
    /// A header for a payload that is there already.
    header: Vec<u8>,
    stanza: WipedBytes,
    salt: Salt,
    slot: Box<[u8; WRAP_KEY_LEN]>,
    at: u32,
    _live: Live,
}

/// A header that is being made.
struct Pending {
    file_key: FileKey,
    /// None where the payload is there already, and nothing will be sealed.
    nonce: Option<[u8; PAYLOAD_NONCE_LEN]>,
    header: HeaderWriter,
    stanzas: u32,
    /// The passphrase's, where that is the one recipient.
    work_factor: Option<WorkFactor>,
}

#[wasm_bindgen]
impl Encoder {
    /// `format` is 0 for age, 1 for age-rt; `log_n` is 0 where recipients make the stanzas.
    #[wasm_bindgen(constructor)]
    pub fn new(format: u32, chunk_size: u32, log_n: u32) -> Self {
        let format = if format == 0 {
            Format::Age
        } else {
            Format::AgeRt
        };
        Self {
            identifier: ChunkSize::new(chunk_size)
                .map(|chunk_size| Identifier::new(format, chunk_size))
                .map_err(Error::from),
            work_factor: match log_n {
                0 => Ok(None),
                log_n => WorkFactor::for_writing(log_n).map(Some),
            },
            pending: None,
            inner: None,
            header: Vec::new(),
            stanza: WipedBytes::new(),
            salt: [0; SALT_LEN],
            slot: Box::new([0; WRAP_KEY_LEN]),
            at: 0,
            _live: Live::new(),
        }
    }

    /// Draws file key, salt and nonce. [`NEED_WRAP_KEY`], or [`NEED_FILE_KEY`]: each recipient gets
    /// a copy of the file key, and `provide()` what it has made of it.
    pub fn begin(&mut self) -> i32 {
        match self.try_begin(None) {
            Ok(need) => need,
            Err(error) => failure(error),
        }
    }

    /// `begin()`, for another header of the payload that `decoder` has opened. The header has the
    /// identifier and the file key of `decoder`, which gives that key away, and no nonce. This
    /// encoder seals nothing.
    pub fn rewrap(&mut self, decoder: &mut Decoder) -> i32 {
        match self.try_begin(Some(decoder)) {
            Ok(need) => need,
            Err(error) => failure(error),
        }
    }

    /// The next step of the header.
    ///
    /// Where a passphrase opens it: takes and wipes the wrap key. Else appends the stanza that was
    /// written to `input()`. Its first `line_len` bytes are the arguments, with a space between
    /// them; the rest is the body. The caller has refused what no header may hold. With 0, ends the
    /// header: from then on nobody is shown the file key.
    ///
    /// The length of header and nonce, of the header alone after `rewrap()`, or [`NEED_FILE_KEY`]
    /// after a stanza.
    pub fn provide(&mut self, line_len: u32) -> i32 {
        match self.try_provide(line_len as usize) {
            Ok(true) => {
                let header = self
                    .inner
                    .as_ref()
                    .map_or(&*self.header, encoder::Encoder::header);
                place(&mut self.at, header)
            }
            Ok(false) => NEED_FILE_KEY,
            Err(error) => failure(error),
        }
    }

    /// Where `len` bytes of plaintext go; what is there stays. 0 if that is more than a chunk
    /// holds, or if there is no memory for it.
    ///
    /// While the header is made, where the `len` bytes of a stanza go.
    pub fn input(&mut self, len: u32) -> u32 {
        let len = len as usize;
        if let Some(encoder) = &mut self.inner {
            return encoder.input(len).map_or(0, |room| address(room));
        }
        // The header doubles its memory for it, and what it takes then cannot be refused.
        self.stanza.wipe();
        match allocate((self.header_len() + len * 2) * 2).and_then(|_| self.stanza.grow(len, len)) {
            Ok(()) => address(self.stanza.get(0..len)),
            Err(_) => 0,
        }
    }

    /// Seals the first `len` bytes of the input; `position` is 0 for a middle chunk, 1 for the
    /// final one.
    pub fn seal(&mut self, len: u32, position: u32) -> i32 {
        let position = if position == 0 {
            Position::Middle
        } else {
            Position::Final
        };
        let Some(encoder) = &mut self.inner else {
            return failure(Misuse::OutOfOrder.into());
        };
        match encoder.seal(len as usize, position) {
            Ok(chunk) => place(&mut self.at, chunk),
            Err(error) => failure(error),
        }
    }

    /// Gives away the next `count` chunks of an age file, to be sealed in a worker: the number of
    /// the first. Nobody is given it twice, and `seal()` goes on behind them. Below 0, an error.
    #[expect(clippy::cast_precision_loss, reason = "exact for 2^53 chunks")]
    pub fn grant(&mut self, count: u32) -> f64 {
        let granted = self
            .inner
            .as_mut()
            .ok_or_else(|| Misuse::OutOfOrder.into())
            .and_then(|encoder| encoder.grant(count.into()));
        match granted {
            Ok(first) => first as f64,
            Err(error) => failure(error).into(),
        }
    }

    /// One of the numbers of the decoder's `detail()` that an encoder has: `AT`, `KEY_SLOT`,
    /// `SALT`; `FILE_KEY`, which is 0 but while recipients make stanzas; `PAYLOAD_KEY`, which is 0
    /// before the header, after the final chunk and in age-rt.
    pub fn detail(&self, which: u32) -> u32 {
        match which {
            detail::AT => self.at,
            detail::KEY_SLOT => address(&*self.slot),
            detail::FILE_KEY => match &self.pending {
                Some(Pending {
                    file_key,
                    work_factor: None,
                    ..
                }) => address(file_key.expose()),
                _ => 0,
            },
            detail::PAYLOAD_KEY => self
                .inner
                .as_ref()
                .and_then(encoder::Encoder::payload_key)
                .map_or(0, |key| address(key.expose())),
            _ => address(&self.salt),
        }
    }

    fn try_begin(&mut self, opened: Option<&mut Decoder>) -> Result<i32, Error> {
        let work_factor = self.work_factor?;
        let mut identifier = self.identifier?;
        // What it takes from here on cannot be refused.
        allocate(0)?;
        let (file_key, nonce) = if let Some(decoder) = opened {
            let (same, file_key) = decoder.rewrap()?;
            identifier = same;
            (file_key, None)
        } else {
            let file_key = FileKey::try_filled(|bytes| fill_random(bytes))?;
            let mut nonce = [0; _];
            fill_random(&mut nonce)?;
            (file_key, Some(nonce))
        };
        fill_random(&mut self.salt)?;
        self.pending = Some(Pending {
            file_key,
            nonce,
            header: HeaderWriter::new(identifier),
            stanzas: 0,
            work_factor,
        });
        Ok(if work_factor.is_some() {
            NEED_WRAP_KEY
        } else {
            NEED_FILE_KEY
        })
    }

    /// Whether the header is whole.
    fn try_provide(&mut self, line_len: usize) -> Result<bool, Error> {
        let pending = self.pending.as_mut().ok_or(Misuse::OutOfOrder)?;
        if let Some(work_factor) = pending.work_factor {
            let recipient = Recipient {
                salt: self.salt,
                work_factor,
            };
            let wrap_key = WrapKey::filled(|key| take(&mut *self.slot, key));
            recipient.wrap(&pending.file_key, &wrap_key, &mut pending.header);
        } else if line_len > 0 {
            let text = self.stanza.get(0..self.stanza.len());
            let (line, body) = text.split_at_checked(line_len).ok_or(Misuse::OutOfOrder)?;
            pending.header.stanza(&[line], body);
            pending.stanzas += 1;
            self.stanza.wipe();
            return Ok(false);
        } else if pending.stanzas == 0 {
            // Nobody could ever open it.
            return Err(Misuse::OutOfOrder.into());
        }
        let Some(Pending {
            file_key,
            nonce,
            header,
            ..
        }) = self.pending.take()
        else {
            return Err(Misuse::OutOfOrder.into());
        };
        match nonce {
            Some(nonce) => {
                let randomness = Randomness { file_key, nonce };
                self.inner = Some(encoder::Encoder::new(header, randomness));
            }
            None => self.header = encoder::rewrapped(header, &file_key),
        }
        Ok(true)
    }

    fn header_len(&self) -> usize {
        self.pending
            .as_ref()
            .map_or(0, |pending| pending.header.text_len())
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.slot.zeroize();
    }
}
