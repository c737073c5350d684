//! The exchange on P-256, for instances of its own: integers in, integers out, over one slot as in
//! the module of the other recipients.

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
    memory::scrub_deep_stack,
    recipients::{Failure, Scalar, Seed, p256, ssh},
};

/// recipient(65), share(65), shared x(32)
const RESULT_LEN: usize = 65 + 65 + 32;

static SLOT: Mutex<[u8; RESULT_LEN]> = Mutex::new([0; RESULT_LEN]);

/// Where the argument goes and the result is.
#[wasm_bindgen]
pub fn slot() -> u32 {
    address(&*SLOT.lock())
}

/// recipient(`len`) → recipient(65), share(65), shared x(32)
#[wasm_bindgen(js_name = p256Exchange)]
pub fn p256_exchange(len: u32) -> i32 {
    let result = exchange_in_slot(len);
    scrub_deep_stack();
    result
}

#[inline(never)]
fn exchange_in_slot(len: u32) -> i32 {
    let mut slot = SLOT.lock();
    let exchanged = exchange(slot.get(..len as usize).unwrap_or_default());
    slot.zeroize();
    match exchanged {
        Ok(exchanged) => {
            let (recipient, rest) = slot.split_at_mut(65);
            let (share, shared) = rest.split_at_mut(65);
            recipient.copy_from_slice(&exchanged.recipient);
            share.copy_from_slice(&exchanged.share);
            shared.copy_from_slice(exchanged.shared.expose());
            i32::try_from(RESULT_LEN).unwrap_or(failure_code(Code::Internal))
        }
        Err(Failure::Host(error)) => failure_code(Error::from(error).code()),
        Err(_) => failure_code(Code::InvalidRecipient),
    }
}

/// Ed25519's seed(32) → scalar(32)
#[wasm_bindgen(js_name = sshScalar)]
pub fn ssh_scalar(_len: u32) -> i32 {
    let result = scalar_in_slot();
    scrub_deep_stack();
    result
}

#[inline(never)]
fn scalar_in_slot() -> i32 {
    let mut slot = SLOT.lock();
    let (first, _) = slot.split_at_mut(32);
    let seed = Seed::filled(|seed| seed.copy_from_slice(first));
    first.copy_from_slice(ssh::scalar(&seed).expose());
    32
}

fn exchange(recipient: &[u8]) -> Result<p256::Exchanged, Failure> {
    loop {
        let ephemeral = Scalar::try_filled(|bytes| fill_random(bytes)).map_err(Failure::Host)?;
        if let Some(exchanged) = p256::exchange(recipient, &ephemeral)? {
            return Ok(exchanged);
        }
    }
}
