//! The one buffer of a decoder or encoder: it grows in steps, as bytes really arrive, and is wiped
//! wherever it is left.

use core::ops::Range;

use crate::{
    error::{HostError, Misuse},
    memory::WipedBytes,
};

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
            self.bytes.get_mut(0..end).copy_within(start..end, 0);
            self.start = 0;
            self.end = end - start;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::STEP_LEN;

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
