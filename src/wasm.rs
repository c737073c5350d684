//! The exported classes and functions: integers in, integers out, bytes through `memory`.
//!
//! Every `i32` result is the length of what lies at `at()`, or one of [`NEED_INPUT`], [`NEED_WRAP_KEY`] and [`END`], or
//! `-16 - code` for an error. It converts and forwards; what is allowed when is for the core to say.

use core::cell::RefCell;
use core::sync::atomic::{AtomicU32, Ordering};

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

use crate::{
    decoder::{self, Event},
    encoder::{self, Randomness},
    error::{Code, Error, HostError, Misuse},
    format::{ChunkSize, Format, HeaderWriter, Identifier, parser::Accept},
    keys::{FileKey, WrapKey},
    scrypt::{self, Passphrase, Recipient, Salt, WorkFactor},
    spec::{SALT_LEN, WRAP_KEY_LEN},
    stream::Position,
    window::WipedBytes,
};

/// More input is needed.
pub const NEED_INPUT: i32 = -1;
/// The wrap key is needed.
pub const NEED_WRAP_KEY: i32 = -2;
/// The final chunk was given, and nothing follows it.
pub const END: i32 = -3;
/// Errors are from here downwards.
const FIRST_ERROR: i32 = -16;

/// Encoders and decoders not yet freed.
static LIVE_OBJECTS: AtomicU32 = AtomicU32::new(0);

/// Counts its owner as long as that lives.
struct Live;

impl Live {
    fn new() -> Self {
        LIVE_OBJECTS.fetch_add(1, Ordering::Relaxed);
        Self
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        LIVE_OBJECTS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Encoders and decoders not yet freed.
#[wasm_bindgen(js_name = liveObjects)]
pub fn live_objects() -> u32 {
    LIVE_OBJECTS.load(Ordering::Relaxed)
}

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
            Err(error) => failure(&error),
        }
    }

    /// Where the 16 bytes of salt are.
    pub fn salt(&self) -> u32 {
        address(&self.salt)
    }

    /// Where the 32 bytes of the wrap key go.
    #[wasm_bindgen(js_name = keySlot)]
    pub fn key_slot(&self) -> u32 {
        address(&*self.slot)
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
            Err(error) => failure(&error),
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
            return failure(&Misuse::OutOfOrder.into());
        };
        match encoder.seal(len as usize, position) {
            Ok(chunk) => place(&mut self.at, chunk),
            Err(error) => failure(&error),
        }
    }

    /// Where the header or chunk just returned is, until the next call.
    pub fn at(&self) -> u32 {
        self.at
    }

    /// Has the final chunk been sealed?
    pub fn finalized(&self) -> bool {
        self.inner
            .as_ref()
            .is_some_and(encoder::Encoder::is_finalized)
    }

    fn try_begin(&mut self) -> Result<(), Error> {
        let work_factor = self.work_factor?;
        self.identifier.clone()?;
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
        let mut header = HeaderWriter::new(self.identifier.clone()?);
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

/// One derivation's memory: wrap key, salt, passphrase. Of this instance, not of an object, so that a worker needs no glue.
const KDF_SALT: usize = WRAP_KEY_LEN;
const KDF_PASSPHRASE: usize = KDF_SALT + SALT_LEN;

thread_local! {
    static KDF_BUFFER: RefCell<WipedBytes> = const { RefCell::new(WipedBytes::new()) };
}

/// Where the wrap key will be, then the salt goes, then the passphrase. 0 if there is no memory for it.
#[wasm_bindgen(js_name = kdfReserve)]
pub fn kdf_reserve(pass_len: u32) -> u32 {
    let len = KDF_PASSPHRASE.saturating_add(pass_len as usize);
    KDF_BUFFER.with_borrow_mut(|buffer| {
        buffer.wipe();
        match buffer.grow(len, len) {
            Ok(()) => address(buffer.get(0..len)),
            Err(_) => 0,
        }
    })
}

/// Derives the wrap key and wipes the passphrase; 0, or the number of an error's code.
#[wasm_bindgen(js_name = kdfRun)]
pub fn kdf_run(pass_len: u32, log_n: u32) -> u32 {
    match KDF_BUFFER.with_borrow_mut(|buffer| try_kdf(buffer.all_mut(), pass_len as usize, log_n)) {
        Ok(()) => 0,
        Err(error) => error.code() as u32,
    }
}

/// Wipes and frees the memory of [`kdf_reserve`].
#[wasm_bindgen(js_name = kdfWipe)]
pub fn kdf_wipe() {
    KDF_BUFFER.with_borrow_mut(WipedBytes::wipe);
}

fn try_kdf(buffer: &mut [u8], pass_len: usize, log_n: u32) -> Result<(), Error> {
    let work_factor = WorkFactor::new(log_n)?;
    let (wrap_key, rest) = buffer.split_first_chunk_mut().ok_or(Misuse::OutOfOrder)?;
    let (salt, rest) = rest.split_first_chunk_mut().ok_or(Misuse::OutOfOrder)?;
    let passphrase = rest.get_mut(..pass_len).ok_or(Misuse::OutOfOrder)?;
    let outcome = scrypt::derive_into(passphrase, salt, work_factor, wrap_key);
    passphrase.zeroize();
    Ok(outcome?)
}

fn fill_random(bytes: &mut [u8]) -> Result<(), HostError> {
    getrandom::fill(bytes).map_err(|_| HostError::NoRandom)
}

/// Moves the wrap key out of its slot.
fn take(slot: &mut [u8; WRAP_KEY_LEN]) -> WrapKey {
    let wrap_key = WrapKey::filled(|key| key.copy_from_slice(slot));
    slot.zeroize();
    wrap_key
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

fn place(at: &mut u32, bytes: &[u8]) -> i32 {
    *at = address(bytes);
    i32::try_from(bytes.len()).unwrap_or(failure_code(Code::Internal))
}

fn failure(error: &Error) -> i32 {
    failure_code(error.code())
}

const fn failure_code(code: Code) -> i32 {
    FIRST_ERROR - code as i32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "an address of wasm32 has 32 bits"
)]
fn address(bytes: &[u8]) -> u32 {
    bytes.as_ptr() as usize as u32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a length of wasm32 has 32 bits"
)]
const fn length(bytes: &[u8]) -> u32 {
    bytes.len() as u32
}
