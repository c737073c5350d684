//! Chunks of one age file, sealed or opened in a worker, for an instance of its own.
//!
//! Plain exports with integers only, as the derivation's: a worker calls them without any glue. The
//! way is [`chunks_reserve`] and [`chunks_start`] with the key, once, then [`chunks_reserve`] and
//! [`chunks_seal`] or [`chunks_open`] for each batch. At the end the worker overwrites the whole
//! memory.

use spin::{Mutex, MutexGuard};
use wasm_bindgen::prelude::wasm_bindgen;

use super::{address, failure, take};
use crate::{
    error::{Error, Misuse},
    format::ChunkSize,
    keys::PayloadKey,
    memory::WipedBytes,
    spec::{PAYLOAD_KEY_LEN, TAG_LEN},
    stream::{ChunkCipher, Position},
};

/// Of this instance, not of an object, so that a worker needs no glue.
struct State {
    /// The key, once; then one batch: full chunks, each with its tag, or with room for it.
    buffer: WipedBytes,
    cipher: Option<(ChunkCipher, ChunkSize)>,
}

static STATE: Mutex<State> = Mutex::new(State {
    buffer: WipedBytes::new(),
    cipher: None,
});

/// One at a time: there is one thread, and nothing here calls back.
fn state() -> MutexGuard<'static, State> {
    STATE.lock()
}

/// Where `len` bytes go. 0 if there is no memory for them.
#[wasm_bindgen(js_name = chunksReserve)]
pub fn chunks_reserve(len: u32) -> u32 {
    let len = len as usize;
    let mut state = state();
    match state.buffer.grow(len, len) {
        Ok(()) => address(state.buffer.get(0..len)),
        Err(_) => 0,
    }
}

/// Takes the key of 32 bytes and wipes it where it lies. 0, or an error: a second key is refused.
#[wasm_bindgen(js_name = chunksStart)]
pub fn chunks_start(chunk_size: u32) -> i32 {
    state().start(chunk_size).map_or_else(failure, |()| 0)
}

/// Seals the `len` bytes: full middle chunks, each with room for its tag behind it, from number
/// `index` on. 0, or an error. A number at or below one that was used is refused.
#[wasm_bindgen(js_name = chunksSeal)]
pub fn chunks_seal(len: u32, index: f64) -> i32 {
    state()
        .seal(len, number(index))
        .map_or_else(failure, |()| 0)
}

/// Opens the `len` bytes, full middle chunks with their tags, in place; how many of them verified.
/// The first that does not is left as it was, and so is what follows it.
#[wasm_bindgen(js_name = chunksOpen)]
pub fn chunks_open(len: u32, index: f64) -> i32 {
    state()
        .open(len, number(index))
        .map_or_else(failure, |count| i32::try_from(count).unwrap_or(i32::MAX))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a whole number below 2^53"
)]
fn number(index: f64) -> u64 {
    index as u64
}

impl State {
    fn start(&mut self, chunk_size: u32) -> Result<(), Error> {
        let chunk_size = ChunkSize::new(chunk_size)?;
        if self.cipher.is_some() || self.buffer.len() < PAYLOAD_KEY_LEN {
            return Err(Misuse::OutOfOrder.into());
        }
        let key = PayloadKey::filled(|key| take(self.buffer.all_mut(), key));
        self.cipher = Some((ChunkCipher::new(key), chunk_size));
        Ok(())
    }

    fn seal(&mut self, len: u32, index: u64) -> Result<(), Error> {
        let (cipher, sealed_len) = parts(&mut self.cipher)?;
        cipher.forward_to(index)?;
        for chunk in batch(&mut self.buffer, len, sealed_len)? {
            let (text, tag) = chunk.split_last_chunk_mut().ok_or(Misuse::OutOfOrder)?;
            cipher.seal(text, tag, Position::Middle)?;
        }
        Ok(())
    }

    fn open(&mut self, len: u32, index: u64) -> Result<usize, Error> {
        let (cipher, sealed_len) = parts(&mut self.cipher)?;
        let mut opened = 0;
        for (index, chunk) in (index..).zip(batch(&mut self.buffer, len, sealed_len)?) {
            if cipher.open_at(index, chunk, Position::Middle).is_err() {
                break;
            }
            opened += 1;
        }
        Ok(opened)
    }
}

/// The cipher, and the bytes of a full chunk with its tag.
fn parts(
    cipher: &mut Option<(ChunkCipher, ChunkSize)>,
) -> Result<(&mut ChunkCipher, usize), Misuse> {
    let (cipher, chunk_size) = cipher.as_mut().ok_or(Misuse::OutOfOrder)?;
    Ok((cipher, chunk_size.as_usize() + TAG_LEN))
}

/// The full chunks of a batch, which holds nothing else.
fn batch(
    buffer: &mut WipedBytes,
    len: u32,
    sealed_len: usize,
) -> Result<impl Iterator<Item = &mut [u8]>, Misuse> {
    let len = len as usize;
    let bytes = buffer.get_mut(0..len);
    if bytes.len() != len || !len.is_multiple_of(sealed_len) {
        return Err(Misuse::OutOfOrder);
    }
    Ok(bytes.chunks_exact_mut(sealed_len))
}
