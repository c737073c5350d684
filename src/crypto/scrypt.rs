//! scrypt with r = 8 and p = 1, <https://www.rfc-editor.org/rfc/rfc7914#section-6>, that can be
//! stopped between two slices of its work.
//!
//! PBKDF2 and SHA-256 are their crates', `ROMix` is in `romix`. With the feature `rustcrypto`
//! `rustcrypto::scrypt` stands in for this module.

use alloc::boxed::Box;

use pbkdf2::pbkdf2;
use zeroize::Zeroize;

use super::{
    hmac::HmacSha256,
    mixer::Mixer,
    romix::{R8, RoMix},
    stride::Stride,
};
use crate::{
    error::{HostError, Misuse},
    memory::scrub_stack,
    spec::WRAP_KEY_LEN,
};

/// One derivation. All that it works on is wiped when it is dropped.
pub struct Derivation(RoMix<R8>);

impl Derivation {
    /// Takes the memory for it: with this stride or, where so much is refused, with the next.
    ///
    /// # Errors
    /// [`HostError::OutOfMemory`] where no stride's memory can be had.
    pub(crate) fn start(
        passphrase: &[u8],
        salt: &[u8],
        log_n: u8,
        stride: Stride,
    ) -> Result<Self, HostError> {
        let mut romix = Stride::ALL
            .into_iter()
            .skip_while(|other| *other != stride)
            .find_map(|stride| RoMix::new(log_n, stride).ok())
            .ok_or(HostError::OutOfMemory)?;
        let mut bytes = Box::new([0; 64 * R8]);
        one_round(passphrase, salt, &mut *bytes);
        romix.set(&*bytes);
        bytes.zeroize();
        scrub_stack();
        Ok(Self(romix))
    }

    /// Mixes so many blocks, of 2 N in all, and tells how many are left.
    pub fn step(&mut self, blocks: u32, mixer: Mixer) -> u32 {
        self.0.step(blocks, mixer)
    }

    /// Writes what is derived, after the last step.
    ///
    /// # Errors
    /// [`Misuse::OutOfOrder`] before it: that would be some other key.
    pub fn finish(
        &mut self,
        passphrase: &[u8],
        key: &mut [u8; WRAP_KEY_LEN],
    ) -> Result<(), Misuse> {
        if self.0.left() > 0 {
            return Err(Misuse::OutOfOrder);
        }
        let mut bytes = Box::new([0; 64 * R8]);
        self.0.get(&mut *bytes);
        one_round(passphrase, &*bytes, key);
        bytes.zeroize();
        scrub_stack();
        Ok(())
    }

    /// Wipes so many blocks of the memory, and tells how many are left; dropping wipes the rest.
    pub fn wipe(&mut self, blocks: u32) -> u32 {
        self.0.wipe(blocks)
    }
}

/// PBKDF2-HMAC-SHA-256.
#[inline(never)]
fn one_round(passphrase: &[u8], salt: &[u8], out: &mut [u8]) {
    pbkdf2::<HmacSha256>(passphrase, salt, 1, out).expect("HMAC takes a key of any length");
}
