//! The exported classes and functions: integers in, integers out, bytes through `memory`.
//!
//! Every `i32` result is the length of what lies at `at()`, or one of [`NEED_INPUT`],
//! [`NEED_WRAP_KEY`], [`END`] and [`NEED_FILE_KEY`], or `-16 - code` for an error. It converts and
//! forwards; what is allowed when is for the core to say.

#![cfg_attr(
    not(feature = "module-files"),
    allow(
        dead_code,
        unused_imports,
        reason = "four modules are built of this, and each takes its part"
    )
)]

#[cfg(feature = "module-files")]
mod chunks;
#[cfg(feature = "module-files")]
mod decoder;
#[cfg(feature = "module-files")]
mod encoder;
#[cfg(feature = "module-hybrid")]
mod hybrid;
#[cfg(feature = "module-files")]
mod kdf;
#[cfg(feature = "module-p256")]
mod p256;
#[cfg(feature = "module-recipients")]
mod recipients;
#[cfg(not(feature = "std"))]
mod runtime;
#[cfg(any(feature = "module-recipients", feature = "module-hybrid"))]
mod slot;

use core::sync::atomic::{AtomicU32, Ordering};

use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

#[cfg(feature = "module-files")]
pub use self::{
    chunks::{chunks_open, chunks_reserve, chunks_seal, chunks_start},
    decoder::{Decoder, answer, detail},
    encoder::Encoder,
    kdf::{kdf_finish, kdf_reserve, kdf_start, kdf_step, kdf_wipe},
};
use crate::error::{Code, Error, HostError};

/// More input is needed.
pub const NEED_INPUT: i32 = -1;
/// The wrap key is needed.
pub const NEED_WRAP_KEY: i32 = -2;
/// The final chunk was given, and nothing follows it.
pub const END: i32 = -3;
/// The file key is needed: of the decoder's owner, in its slot; of the encoder's, in stanzas.
pub const NEED_FILE_KEY: i32 = -4;
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
#[cfg(feature = "module-files")]
#[wasm_bindgen(js_name = liveObjects)]
pub fn live_objects() -> u32 {
    LIVE_OBJECTS.load(Ordering::Relaxed)
}

fn fill_random(bytes: &mut [u8]) -> Result<(), HostError> {
    getrandom::fill(bytes).map_err(|_| HostError::NoRandom)
}

/// Moves a key out of its slot.
fn take(slot: &mut [u8], key: &mut [u8]) {
    let (from, _) = slot.split_at_mut(key.len());
    key.copy_from_slice(from);
    from.zeroize();
}

fn place(at: &mut u32, bytes: &[u8]) -> i32 {
    *at = address(bytes);
    i32::try_from(bytes.len()).unwrap_or(failure_code(Code::Internal))
}

fn failure(error: Error) -> i32 {
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
