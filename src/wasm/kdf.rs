//! The derivation, for an instance of its own.
//!
//! Plain exports with integers only: a worker calls them without any glue, in a module whose
//! imports are stubs. The way is [`kdf_reserve`], [`kdf_start`], [`kdf_step`] until it says 0,
//! [`kdf_finish`], and [`kdf_wipe`], which may come at any time.

use spin::{Mutex, MutexGuard};
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

use super::{address, failure};
use crate::{
    error::{Error, Misuse},
    memory::{WipedBytes, scrub_stack},
    scrypt::{self, Derivation, Mixer, Stride, WorkFactor},
    spec::{SALT_LEN, WRAP_KEY_LEN},
};

/// One derivation's memory: wrap key, salt, passphrase. Of this instance, not of an object, so that
/// a worker needs no glue.
const SALT: usize = WRAP_KEY_LEN;
const PASSPHRASE: usize = SALT + SALT_LEN;

struct State {
    buffer: WipedBytes,
    derivation: Option<Derivation>,
    /// One that is over. Nothing can be mixed with a table that has holes.
    wiping: Option<Derivation>,
}

static STATE: Mutex<State> = Mutex::new(State {
    buffer: WipedBytes::new(),
    derivation: None,
    wiping: None,
});

/// One at a time: there is one thread, and nothing here calls back.
fn state() -> MutexGuard<'static, State> {
    STATE.lock()
}

/// Where the wrap key will be, then the salt goes, then the passphrase. 0 if there is no memory for
/// it. What was here before is wiped.
#[wasm_bindgen(js_name = kdfReserve)]
pub fn kdf_reserve(pass_len: u32) -> u32 {
    let len = PASSPHRASE.saturating_add(pass_len as usize);
    let mut state = state();
    state.wipe(u32::MAX);
    match state.buffer.grow(len, len) {
        Ok(()) => address(state.buffer.get(0..len)),
        Err(_) => 0,
    }
}

/// Takes the memory and makes the first block. `stride` is 0, 1 or 2, and keeps every block, every
/// second or every fourth. Where the memory is refused, the caller tries the next. 0, or an error.
#[wasm_bindgen(js_name = kdfStart)]
pub fn kdf_start(log_n: u32, stride: u32) -> i32 {
    state().start(log_n, stride).map_or_else(failure, |()| 0)
}

/// Mixes so many blocks more, with Salsa20's words one by one (0) or four at a time (1); how many
/// of the 2 N are left.
#[wasm_bindgen(js_name = kdfStep)]
pub fn kdf_step(blocks: u32, mixer: u32) -> u32 {
    let mixer = if mixer == 0 {
        Mixer::Integers
    } else {
        Mixer::Vectors
    };
    let mut state = state();
    state
        .derivation
        .as_mut()
        .map_or(0, |derivation| derivation.step(blocks, mixer))
}

/// Writes the wrap key and wipes the passphrase; 0, or an error.
#[wasm_bindgen(js_name = kdfFinish)]
pub fn kdf_finish() -> i32 {
    state().finish().map_or_else(failure, |()| 0)
}

/// Wipes so many blocks of the table, and tells how many are left. With the last of them it wipes
/// and frees everything else.
#[wasm_bindgen(js_name = kdfWipe)]
pub fn kdf_wipe(blocks: u32) -> u32 {
    let left = state().wipe(blocks);
    // Here, where the stack is shallow: words of blocks lie in the frames of the steps, too.
    if left == 0 {
        scrub_stack();
    }
    left
}

impl State {
    fn start(&mut self, log_n: u32, stride: u32) -> Result<(), Error> {
        let work_factor = WorkFactor::new(log_n)?;
        let stride = *Stride::ALL.get(stride as usize).ok_or(Misuse::OutOfOrder)?;
        let (salt, passphrase) = self
            .buffer
            .all_mut()
            .get(SALT..)
            .and_then(|input| input.split_first_chunk())
            .ok_or(Misuse::OutOfOrder)?;
        self.derivation = None;
        self.derivation = Some(scrypt::start(passphrase, salt, work_factor, stride)?);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Error> {
        let derivation = self.derivation.as_mut().ok_or(Misuse::OutOfOrder)?;
        let (wrap_key, rest) = self
            .buffer
            .all_mut()
            .split_first_chunk_mut()
            .ok_or(Misuse::OutOfOrder)?;
        let passphrase = rest.get_mut(SALT_LEN..).ok_or(Misuse::OutOfOrder)?;
        derivation.finish(passphrase, wrap_key)?;
        passphrase.zeroize();
        Ok(())
    }

    fn wipe(&mut self, blocks: u32) -> u32 {
        self.wiping = self.derivation.take().or(self.wiping.take());
        let left = self
            .wiping
            .as_mut()
            .map_or(0, |derivation| derivation.wipe(blocks));
        if left == 0 {
            self.wiping = None;
            self.buffer.wipe();
        }
        left
    }
}
