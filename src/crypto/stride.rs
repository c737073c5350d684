//! How much of its table a derivation keeps.

/// How much of the table is kept. The others of its blocks are mixed again whenever they are
/// wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Stride {
    /// Every block: 2^`log_n` KiB.
    One = 0,
    /// Every second block: half of the memory, a quarter more work.
    Two = 1,
    /// Every fourth block: a quarter of the memory, three quarters more work.
    Four = 2,
}

impl Stride {
    /// From the least work to the least memory.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Four];
}
