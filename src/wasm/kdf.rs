//! The derivation, for an instance of its own.
//!
//! Plain exports with integers only: a worker calls them without any glue, in a module whose imports are stubs.

use spin::Mutex;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

use super::address;
use crate::{
    error::{Error, Misuse},
    memory::WipedBytes,
    scrypt::{self, WorkFactor},
    spec::{SALT_LEN, WRAP_KEY_LEN},
};

/// One derivation's memory: wrap key, salt, passphrase. Of this instance, not of an object, so that a worker needs no glue.
const SALT: usize = WRAP_KEY_LEN;
const PASSPHRASE: usize = SALT + SALT_LEN;

static BUFFER: Mutex<WipedBytes> = Mutex::new(WipedBytes::new());

/// Where the wrap key will be, then the salt goes, then the passphrase. 0 if there is no memory for it.
#[wasm_bindgen(js_name = kdfReserve)]
pub fn kdf_reserve(pass_len: u32) -> u32 {
    let len = PASSPHRASE.saturating_add(pass_len as usize);
    let mut buffer = BUFFER.lock();
    buffer.wipe();
    match buffer.grow(len, len) {
        Ok(()) => address(buffer.get(0..len)),
        Err(_) => 0,
    }
}

/// Derives the wrap key and wipes the passphrase; 0, or the number of an error's code.
#[wasm_bindgen(js_name = kdfRun)]
pub fn kdf_run(pass_len: u32, log_n: u32) -> u32 {
    match try_run(BUFFER.lock().all_mut(), pass_len as usize, log_n) {
        Ok(()) => 0,
        Err(error) => error.code() as u32,
    }
}

/// Wipes and frees the memory of [`kdf_reserve`].
#[wasm_bindgen(js_name = kdfWipe)]
pub fn kdf_wipe() {
    BUFFER.lock().wipe();
}

fn try_run(buffer: &mut [u8], pass_len: usize, log_n: u32) -> Result<(), Error> {
    let work_factor = WorkFactor::new(log_n)?;
    let (wrap_key, rest) = buffer.split_first_chunk_mut().ok_or(Misuse::OutOfOrder)?;
    let (salt, rest) = rest.split_first_chunk_mut().ok_or(Misuse::OutOfOrder)?;
    let passphrase = rest.get_mut(..pass_len).ok_or(Misuse::OutOfOrder)?;
    let outcome = scrypt::derive_into(passphrase, salt, work_factor, wrap_key);
    passphrase.zeroize();
    Ok(outcome?)
}
