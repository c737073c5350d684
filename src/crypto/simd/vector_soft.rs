//! Four 32-bit words in an array, where there is no simd128: for the tests of what is built on them.

/// One word of each of four blocks.
#[derive(Clone, Copy)]
pub(super) struct Vector([u32; 4]);

impl Vector {
    pub(super) fn splat(word: u32) -> Self {
        Self([word; 4])
    }

    pub(super) fn new(words: [u32; 4]) -> Self {
        Self(words)
    }

    pub(super) fn add(self, other: Self) -> Self {
        self.zip(other, u32::wrapping_add)
    }

    pub(super) fn xor(self, other: Self) -> Self {
        self.zip(other, |a, b| a ^ b)
    }

    pub(super) fn rotate<const BITS: u32>(self) -> Self {
        Self(self.0.map(|word| word.rotate_left(BITS)))
    }

    /// Rows to columns.
    pub(super) fn transpose(rows: [Self; 4]) -> [Self; 4] {
        core::array::from_fn(|column| Self(rows.map(|Self(row)| row[column])))
    }

    /// Little-endian words.
    pub(super) fn load(bytes: &[u8; 16]) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        Self(core::array::from_fn(|i| u32::from_le_bytes(words[i])))
    }

    /// The reverse of [`Self::load`].
    pub(super) fn store(self, bytes: &mut [u8; 16]) {
        let (words, _) = bytes.as_chunks_mut::<4>();
        for (bytes, word) in words.iter_mut().zip(self.0) {
            *bytes = word.to_le_bytes();
        }
    }

    fn zip(self, other: Self, f: impl Fn(u32, u32) -> u32) -> Self {
        Self(core::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}
