//! The encoder's class.

use alloc::boxed::Box;

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

use super::{Live, NEED_WRAP_KEY, address, detail, failure, place, take};
use crate::{
    encoder::{self, Randomness},
    error::{Error, HostError, Misuse},
    format::{ChunkSize, Format, HeaderWriter, Identifier},
    keys::{FileKey, WrapKey},
    memory::allocate,
    scrypt::{Recipient, Salt, WorkFactor},
    spec::{SALT_LEN, WRAP_KEY_LEN},
    stream::Position,
};

/// Encrypts one stream.
#[wasm_bindgen]
pub struct Encoder {
    identifier: Result<Identifier, Error>,
    work_factor: Result<WorkFactor, Misuse>,
    pending: Option<(Recipient, Randomness)>,
    inner: Option<encoder::Encoder>,
    salt: Salt,
    slot: Box<[u8; WRAP_KEY_LEN]>,
    at: u32,
    _live: Live,
}

#[wasm_bindgen]
impl Encoder {
    /// `format` is 0 for age, 1 for age-rt.
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
            work_factor: WorkFactor::new(log_n),
            pending: None,
            inner: None,
            salt: [0; SALT_LEN],
            slot: Box::new([0; WRAP_KEY_LEN]),
            at: 0,
            _live: Live::new(),
        }
    }

    /// Draws file key, salt and nonce.
    pub fn begin(&mut self) -> i32 {
        match self.try_begin() {
            Ok(()) => NEED_WRAP_KEY,
            Err(error) => failure(error),
        }
    }

    /// Takes and wipes the wrap key; the header and nonce.
    #[wasm_bindgen(js_name = provideWrapKey)]
    pub fn provide_wrap_key(&mut self) -> i32 {
        let wrap_key = take(&mut self.slot);
        match self.try_provide(&wrap_key) {
            Ok(encoder) => {
                let encoder = self.inner.insert(encoder);
                place(&mut self.at, encoder.header())
            }
            Err(error) => failure(error),
        }
    }

    /// Where `len` bytes of plaintext go; what is there stays. 0 if that is more than a chunk holds.
    pub fn input(&mut self, len: u32) -> u32 {
        self.inner
            .as_mut()
            .and_then(|encoder| encoder.input(len as usize).ok())
            .map_or(0, |room| address(room))
    }

    /// Seals the first `len` bytes of the input; `position` is 0 for a middle chunk, 1 for the final one.
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

    /// One of the numbers of the decoder's `detail()` that an encoder has: `AT`, `KEY_SLOT`, `SALT`.
    pub fn detail(&self, which: u32) -> u32 {
        match which {
            detail::AT => self.at,
            detail::KEY_SLOT => address(&*self.slot),
            _ => address(&self.salt),
        }
    }

    fn try_begin(&mut self) -> Result<(), Error> {
        let work_factor = self.work_factor?;
        self.identifier?;
        // What it takes from here on cannot be refused.
        allocate(0)?;
        let file_key = FileKey::try_filled(|bytes| fill_random(bytes))?;
        let mut nonce = [0; _];
        fill_random(&mut nonce)?;
        fill_random(&mut self.salt)?;
        let recipient = Recipient {
            salt: self.salt,
            work_factor,
        };
        self.pending = Some((recipient, Randomness { file_key, nonce }));
        Ok(())
    }

    fn try_provide(&mut self, wrap_key: &WrapKey) -> Result<encoder::Encoder, Error> {
        let mut header = HeaderWriter::new(self.identifier?);
        let (recipient, randomness) = self.pending.take().ok_or(Misuse::OutOfOrder)?;
        recipient.wrap(&randomness.file_key, wrap_key, &mut header);
        Ok(encoder::Encoder::new(header, randomness))
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.slot.zeroize();
    }
}

fn fill_random(bytes: &mut [u8]) -> Result<(), HostError> {
    getrandom::fill(bytes).map_err(|_| HostError::NoRandom)
}
