//! scrypt of the scrypt crate, with r = 8 and p = 1: one call, which nothing can stop, and which
//! keeps the whole table.

use alloc::{boxed::Box, vec::Vec};
use core::hint::black_box;

use scrypt::Params;
use zeroize::Zeroizing;

use crate::{
    crypto::{mixer::Mixer, stride::Stride},
    error::{HostError, Misuse},
    memory::{WipedBytes, scrub_stack},
    spec::WRAP_KEY_LEN,
};

/// What the crate takes beside the table: two blocks of 1 KiB, and what an allocator adds.
const BESIDE_THE_TABLE: usize = 64 * 1024;

/// One derivation. All that it works on is wiped when it is dropped.
pub struct Derivation {
    params: Params,
    passphrase: WipedBytes,
    salt: WipedBytes,
    /// The memory for the table: the crate takes its own, and traps where it is refused. So it is
    /// taken here, and given back right before.
    room: Vec<u8>,
    key: Option<Box<Zeroizing<[u8; WRAP_KEY_LEN]>>>,
}

impl Derivation {
    /// Takes the memory for it: that of the whole table, whichever stride was asked for.
    ///
    /// # Errors
    /// [`HostError::OutOfMemory`] where it cannot be had.
    pub(crate) fn start(
        passphrase: &[u8],
        salt: &[u8],
        log_n: u8,
        _stride: Stride,
    ) -> Result<Self, HostError> {
        Ok(Self {
            // The crate refuses what does not fit into the addresses.
            params: Params::new(log_n, 8, 1).map_err(|_| HostError::OutOfMemory)?,
            passphrase: copy(passphrase)?,
            salt: copy(salt)?,
            room: room(log_n)?,
            key: None,
        })
    }

    /// Derives, whatever number of blocks above 0 is asked for, and tells how many are left.
    pub fn step(&mut self, blocks: u32, _mixer: Mixer) -> u32 {
        if self.key.is_some() {
            return 0;
        }
        let log_n = self.params.log_n();
        if blocks == 0 {
            return 2 << log_n;
        }
        self.room = Vec::new();
        // Written where it stays: a move would leave a copy.
        let key = self.key.insert(Box::default());
        scrypt::scrypt(
            all(&self.passphrase),
            all(&self.salt),
            &self.params,
            key.as_mut_slice(),
        )
        .expect("32 bytes");
        // The crate frees its table as it is. What is taken anew is the same memory: nobody else
        // was here meanwhile.
        if let Ok(mut table) = room(log_n) {
            table.resize(table.capacity(), 0);
            black_box(table.as_mut_slice());
        }
        scrub_stack();
        0
    }

    /// Writes what is derived, after the last step.
    ///
    /// # Errors
    /// [`Misuse::OutOfOrder`] before it: there is no key.
    pub fn finish(
        &mut self,
        _passphrase: &[u8],
        key: &mut [u8; WRAP_KEY_LEN],
    ) -> Result<(), Misuse> {
        key.copy_from_slice(self.key.as_ref().ok_or(Misuse::OutOfOrder)?.as_slice());
        scrub_stack();
        Ok(())
    }

    /// Tells how many blocks of a table are left to wipe: there is none between two calls.
    pub fn wipe(&mut self, _blocks: u32) -> u32 {
        0
    }
}

/// Where the crate's table and what is beside it fit.
fn room(log_n: u8) -> Result<Vec<u8>, HostError> {
    let mut room = Vec::new();
    1usize
        .checked_shl(u32::from(log_n) + 10)
        .and_then(|len| len.checked_add(BESIDE_THE_TABLE))
        .and_then(|len| room.try_reserve_exact(len).ok())
        .ok_or(HostError::OutOfMemory)?;
    // An allocation that nobody looks at may be optimised away.
    black_box(room.as_ptr());
    Ok(room)
}

fn copy(bytes: &[u8]) -> Result<WipedBytes, HostError> {
    let mut copy = WipedBytes::new();
    copy.grow(bytes.len(), bytes.len())?;
    copy.get_mut(0..bytes.len()).copy_from_slice(bytes);
    Ok(copy)
}

fn all(bytes: &WipedBytes) -> &[u8] {
    bytes.get(0..bytes.len())
}
