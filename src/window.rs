//! The one buffer of a decoder or encoder: it grows in steps, as bytes really arrive, and is wiped wherever it is left.

use alloc::vec::Vec;
use core::{hint::black_box, ops::Range};

use zeroize::Zeroize;

use crate::error::{HostError, Misuse};

/// The least that is allocated, and the least that is enough for any part but a large chunk.
pub(crate) const STEP_LEN: usize = 4 * 1024;

/// What stays free for what cannot be refused: objects, keys, errors. Their allocations trap where memory has run out, and a trap ends
/// every stream of the instance; whoever has bytes kept for them must not be able to bring that about.
const SPARE_LEN: usize = 64 * 1024;

/// Memory for `len` bytes that somebody else decides on, unless it would be among the last.
#[inline(never)]
pub(crate) fn allocate(len: usize) -> Result<Vec<u8>, HostError> {
    let mut memory = Vec::new();
    let mut spare = Vec::<u8>::new();
    memory
        .try_reserve_exact(len)
        .and_then(|()| spare.try_reserve_exact(SPARE_LEN))
        .map_err(|_| HostError::OutOfMemory)?;
    // An allocation that nobody looks at may be optimised away.
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

    /// Grows to `needed` bytes at least, doubling up to `limit`; the contents stay. `Vec` would leave the old ones behind.
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

    #[cfg(target_arch = "wasm32")]
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

/// What has arrived and is not used up.
///
/// 0 <= `start` <= `end` <= `bytes.len()`
pub(crate) struct Window {
    bytes: WipedBytes,
    start: usize,
    end: usize,
}

impl Window {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: WipedBytes::new(),
            start: 0,
            end: 0,
        }
    }

    /// Room for up to `len` further bytes, as much as fits while the whole stays within `limit`.
    pub(crate) fn room(&mut self, len: usize, limit: usize) -> Result<&mut [u8], HostError> {
        self.compact();
        let needed = self.end.saturating_add(len).min(limit);
        self.bytes.grow(needed, limit)?;
        let end = self.end.saturating_add(len).min(self.bytes.len());
        Ok(self.bytes.get_mut(self.end..end))
    }

    /// `len` bytes were written into the room.
    pub(crate) fn advance(&mut self, len: usize) -> Result<(), Misuse> {
        self.end = self
            .end
            .checked_add(len)
            .filter(|&end| end <= self.bytes.len())
            .ok_or(Misuse::OutOfOrder)?;
        Ok(())
    }

    /// What has arrived and is not used up.
    pub(crate) fn arrived(&self) -> &[u8] {
        self.bytes.get(self.start..self.end)
    }

    /// The same, to be opened in place.
    pub(crate) fn arrived_mut(&mut self) -> &mut [u8] {
        self.bytes.get_mut(self.start..self.end)
    }

    /// Bytes of memory held.
    pub(crate) fn capacity(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Uses up `len` bytes from the front; where they lie, until the next room is made.
    pub(crate) fn consume(&mut self, len: usize) -> Range<usize> {
        let from = self.start;
        self.start = self.end.min(from + len);
        from..self.start
    }

    pub(crate) fn get(&self, range: Range<usize>) -> &[u8] {
        self.bytes.get(range)
    }

    /// Wipes and frees everything.
    pub(crate) fn wipe(&mut self) {
        self.bytes.wipe();
        self.start = 0;
        self.end = 0;
    }

    fn compact(&mut self) {
        if self.start > 0 {
            let (start, end) = (self.start, self.end);
            self.bytes.0.copy_within(start..end, 0);
            self.start = 0;
            self.end = end - start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(arrived: &[u8]) -> Window {
        let mut window = Window::new();
        window
            .room(arrived.len(), STEP_LEN)
            .expect("memory")
            .copy_from_slice(arrived);
        window.advance(arrived.len()).expect("there was room");
        window
    }

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

    #[test]
    fn room_is_made_at_the_front() {
        let mut window = window(b"abcdef");
        window.consume(4);
        assert_eq!(
            window.room(STEP_LEN, STEP_LEN).expect("memory").len(),
            STEP_LEN - 2
        );
        assert_eq!(window.arrived(), b"ef");
    }

    #[test]
    fn what_is_used_up_stays_readable_until_room_is_made() {
        let mut window = window(b"abcdef");
        let used = window.consume(4);
        assert_eq!(window.get(used), b"abcd");
        assert_eq!(window.arrived(), b"ef");
    }

    #[test]
    fn no_more_is_used_up_than_has_arrived() {
        let mut window = window(b"ab");
        assert_eq!(window.consume(5), 0..2);
        assert!(window.is_empty());
    }

    #[test]
    fn more_than_the_room_cannot_arrive() {
        let mut window = window(b"ab");
        assert_eq!(window.advance(STEP_LEN - 1), Err(Misuse::OutOfOrder));
        assert_eq!(window.advance(usize::MAX), Err(Misuse::OutOfOrder));
        assert_eq!(window.advance(STEP_LEN - 2), Ok(()));
    }

    #[test]
    fn wiping_leaves_nothing() {
        let mut window = window(b"ab");
        window.wipe();
        assert!(window.is_empty());
        assert_eq!(window.capacity(), 0);
    }
}
