//! Four 32-bit words in an array, where there is no simd128: for the tests of what is built on
//! them.

/// One word of each of four blocks.
#[derive(Clone, Copy)]
pub(crate) struct Vector([u32; 4]);

impl Vector {
    pub(crate) fn splat(word: u32) -> Self {
        Self([word; 4])
    }

    pub(crate) fn new(words: [u32; 4]) -> Self {
        Self(words)
    }

    pub(crate) fn add(self, other: Self) -> Self {
        self.zip(other, u32::wrapping_add)
    }

    pub(crate) fn xor(self, other: Self) -> Self {
        self.zip(other, |a, b| a ^ b)
    }

    pub(crate) fn rotate<const BITS: u32>(self) -> Self {
        Self(self.0.map(|word| word.rotate_left(BITS)))
    }

    /// Moves every word so many lanes to the front; those at the front go to the end.
    pub(crate) fn turn<const LANES: u32>(self) -> Self {
        Self(core::array::from_fn(|i| self.0[(i + LANES as usize) % 4]))
    }

    /// Rows to columns.
    pub(crate) fn transpose(rows: [Self; 4]) -> [Self; 4] {
        core::array::from_fn(|column| Self(rows.map(|Self(row)| row[column])))
    }

    /// Little-endian words.
    pub(crate) fn load(bytes: &[u8; 16]) -> Self {
        let (words, _) = bytes.as_chunks::<4>();
        Self(core::array::from_fn(|i| u32::from_le_bytes(words[i])))
    }

    /// The reverse of [`Self::load`].
    pub(crate) fn store(self, bytes: &mut [u8; 16]) {
        let (words, _) = bytes.as_chunks_mut::<4>();
        for (bytes, word) in words.iter_mut().zip(self.0) {
            *bytes = word.to_le_bytes();
        }
    }

    fn zip(self, other: Self, f: impl Fn(u32, u32) -> u32) -> Self {
        Self(core::array::from_fn(|i| f(self.0[i], other.0[i])))
    }
}
