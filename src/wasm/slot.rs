//! The slot of a module of keys, over which its functions take and give bytes.
//!
//! Functions with integers only: the caller writes what a function takes, one after the other, and
//! finds there what it gives. Nothing stays between two calls. Results are 0 or more for bytes in
//! the slot, else [`NO_MATCH`] or `-16 - code`.

#![allow(
    unreachable_pub,
    reason = "wasm-bindgen exports what is pub, and Rust needs none of it"
)]

use spin::Mutex;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

use super::{address, failure_code, fill_random};
use crate::{
    error::{Code, Error},
    keys::FileKey,
    memory::scrub_deep_stack,
    recipients::{Failure, Scalar, Seed, SharedSecret},
};

/// No error: the stanza is for somebody else.
pub const NO_MATCH: i32 = -1;

/// The longest is what `hybridDecapsulate` takes; in the other module, `hybridTagSeal`.
const SLOT_LEN: usize = if cfg!(feature = "module-hybrid") {
    3584
} else {
    1266
};

static SLOT: Mutex<[u8; SLOT_LEN]> = Mutex::new([0; SLOT_LEN]);

/// Where arguments go and results are: [`SLOT_LEN`] bytes.
#[wasm_bindgen]
pub fn slot() -> u32 {
    address(&*SLOT.lock())
}

/// Takes what was written, in order; wipes it when dropped.
pub(super) struct Arguments<'a>(&'a mut [u8; SLOT_LEN], usize);

impl Arguments<'_> {
    pub(super) fn next<const N: usize>(&mut self) -> &[u8; N] {
        let start = self.1;
        self.1 += N;
        self.0
            .get(start..)
            .and_then(<[u8]>::first_chunk)
            .expect("the slot is as long as the longest arguments")
    }

    pub(super) fn file_key(&mut self) -> FileKey {
        FileKey::filled(|key| *key = *self.next())
    }

    pub(super) fn scalar(&mut self) -> Scalar {
        Scalar::filled(|scalar| *scalar = *self.next())
    }

    pub(super) fn shared(&mut self) -> SharedSecret {
        SharedSecret::filled(|shared| *shared = *self.next())
    }

    pub(super) fn seed(&mut self) -> Seed {
        Seed::filled(|seed| *seed = *self.next())
    }
}

/// Runs `work` on the arguments, and leaves its parts in the slot instead of them.
///
/// Not generic: there would be a copy of it for each function.
pub(super) fn run(
    work: &mut dyn FnMut(&mut Arguments<'_>, &mut Output) -> Result<(), Failure>,
) -> i32 {
    let mut slot = SLOT.lock();
    let mut output = Output([0; SLOT_LEN], 0);
    let outcome = work(&mut Arguments(&mut slot, 0), &mut output);
    // Above the frames of all that was called: the compiler puts what it inlines into theirs.
    scrub_deep_stack();
    slot.zeroize();
    let result = match outcome {
        Ok(()) => {
            *slot = output.0;
            i32::try_from(output.1).unwrap_or(failure_code(Code::Internal))
        }
        Err(Failure::NoMatch) => NO_MATCH,
        Err(Failure::InvalidRecipient) => failure_code(Code::InvalidRecipient),
        Err(Failure::InvalidStanza) => failure_code(Code::InvalidHeader),
        Err(Failure::Host(error)) => failure_code(Error::from(error).code()),
    };
    output.0.zeroize();
    result
}

/// The results, one after the other.
pub(super) struct Output([u8; SLOT_LEN], usize);

impl Output {
    pub(super) fn put(&mut self, bytes: &[u8]) {
        let end = self.1 + bytes.len();
        if let Some(room) = self.0.get_mut(self.1..end) {
            room.copy_from_slice(bytes);
            self.1 = end;
        }
    }
}

/// Exports functions by the names that they have in JavaScript.
macro_rules! exports {
    ($($(#[$doc:meta])* $js_name:ident $name:ident($arguments:ident, $output:ident) $work:block)*) => {
        $(
            $(#[$doc])*
            #[wasm_bindgen(js_name = $js_name)]
            pub fn $name() -> i32 {
                $crate::wasm::slot::run(&mut |$arguments, $output| {
                    $work;
                    Ok(())
                })
            }
        )*
    };
}

pub(super) use exports;

pub(super) fn random_scalar() -> Result<Scalar, Failure> {
    Scalar::try_filled(|bytes| fill_random(bytes)).map_err(Failure::Host)
}
