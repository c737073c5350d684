//! Memory: what is wiped, what may be refused, and the stack that derivations leave behind.

use alloc::vec::Vec;
use core::{hint::black_box, ops::Range};

use zeroize::Zeroize;

use crate::error::HostError;

/// The least that is allocated, and the least that is enough for any part but a large chunk.
pub(crate) const STEP_LEN: usize = 4 * 1024;

/// Headroom for allocations that cannot fail gracefully: objects, keys, errors. They trap where
/// memory has run out, and a trap ends every stream of the instance. An attacker who sends many
/// bytes must not be able to cause that.
const SPARE_LEN: usize = 64 * 1024;

/// Allocates `len` bytes on behalf of untrusted input, and fails while `SPARE_LEN` bytes are still
/// free.
#[inline(never)]
pub(crate) fn allocate(len: usize) -> Result<Vec<u8>, HostError> {
    let mut memory = Vec::new();
    let mut spare = Vec::<u8>::new();
    memory
        .try_reserve_exact(len)
        .and_then(|()| spare.try_reserve_exact(SPARE_LEN))
        .map_err(|_| HostError::OutOfMemory)?;
    // The optimiser may drop an allocation that nothing reads.
    black_box(spare.as_ptr());
    Ok(memory)
}

/// Memory that is wiped when it grows and when it is dropped.
pub(crate) struct WipedBytes(Vec<u8>);

impl WipedBytes {
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Grows to `needed` bytes at least, doubling up to `limit`; the contents stay. `Vec` would
    /// leave the old ones behind.
    pub(crate) fn grow(&mut self, needed: usize, limit: usize) -> Result<(), HostError> {
        if needed <= self.0.len() {
            return Ok(());
        }
        let len = (self.0.len() * 2).max(STEP_LEN).min(limit).max(needed);
        let mut grown = allocate(len)?;
        grown.extend_from_slice(&self.0);
        grown.resize(len, 0);
        self.wipe();
        self.0 = grown;
        Ok(())
    }

    pub(crate) fn get(&self, range: Range<usize>) -> &[u8] {
        self.0.get(range).unwrap_or_default()
    }

    pub(crate) fn get_mut(&mut self, range: Range<usize>) -> &mut [u8] {
        self.0.get_mut(range).unwrap_or_default()
    }

    #[cfg(all(target_arch = "wasm32", feature = "module-files"))]
    pub(crate) fn all_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Wipes and frees.
    pub(crate) fn wipe(&mut self) {
        // Nothing was ever written behind its length.
        self.0.as_mut_slice().zeroize();
        self.0 = Vec::new();
    }
}

impl Drop for WipedBytes {
    fn drop(&mut self) {
        self.wipe();
    }
}

/// Appends bytes. Out of line: a header is a dozen of these.
#[inline(never)]
pub(crate) fn append(text: &mut Vec<u8>, part: &[u8]) {
    text.extend_from_slice(part);
}

/// Overwrites the stack below the caller, where derivations and ciphers leave copies of what they
/// worked on.
///
/// 8 KiB is more than any of our functions uses. In WebAssembly only arrays live on the stack in
/// linear memory; scalars do not.
#[inline(never)]
pub(crate) fn scrub_stack() {
    let mut below = [0u64; 1024];
    below.zeroize();
    black_box(&mut below);
}

/// As [`scrub_stack`], for the curves and the lattice: ML-KEM's matrices lie on the stack.
#[cfg(feature = "recipients")]
#[inline(never)]
#[expect(clippy::large_stack_arrays, reason = "the stack is what it is about")]
pub(crate) fn scrub_deep_stack() {
    let mut below = [0u64; DEEP_STACK_LEN / size_of::<u64>()];
    below.as_mut_slice().zeroize();
    black_box(&mut below);
}

/// Bytes. ML-KEM-768's matrix takes 4.6 KB and a vector 1.5 KB; this is room for several copies of
/// each, and for the curves' few hundred bytes. `key-modules-memory.test.js` looks for what is
/// left, on the stack and elsewhere.
#[cfg(feature = "recipients")]
const DEEP_STACK_LEN: usize = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allocation_that_is_refused_is_an_error() {
        let mut bytes = WipedBytes::new();
        assert_eq!(
            bytes.grow(usize::MAX, usize::MAX),
            Err(HostError::OutOfMemory)
        );
        assert_eq!(bytes.len(), 0);
    }

    #[test]
    fn growing_keeps_the_contents_and_stays_within_the_limit() {
        let mut bytes = WipedBytes::new();
        bytes.grow(1, 10_000).expect("memory");
        bytes.get_mut(0..3).copy_from_slice(b"abc");
        bytes.grow(9_000, 10_000).expect("memory");
        assert_eq!(bytes.get(0..3), b"abc");
        assert_eq!(bytes.len(), 9_000);
        bytes.grow(9_001, 10_000).expect("memory");
        assert_eq!(bytes.len(), 10_000);
    }
}
