//! How the blocks of a derivation are mixed.

/// Two ways to the same result. Which is faster depends on the processor and on the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Mixer {
    /// Salsa20's words one by one.
    Integers = 0,
    /// Four words in a register.
    Vectors = 1,
}

impl Mixer {
    /// By their numbers.
    pub const ALL: [Self; 2] = [Self::Integers, Self::Vectors];
}
