//! scrypt's `ROMix` and `BlockMix`, <https://www.rfc-editor.org/rfc/rfc7914#section-5>, in slices
//! and in as little as a quarter of the memory.
//!
//! Adding a block from the table is a pass of its own. Its loads are independent, so that the cache
//! misses of a block overlap instead of following one another. Salsa20/8 has two forms, of which
//! each step may take the other (`salsa20`).
//!
//! Engines replace a function by a faster one between two calls of it, never while it runs. So the
//! work is in functions that are short and called often ([`block_mix`], [`add`]), and whoever calls
//! [`RoMix::step`] asks for a few hundred blocks.
//!
//! With a stride the table keeps every second or fourth block; the others are mixed again from the
//! one before them when they are wanted. The result is the same.
//!
//! Which blocks are read depends on the passphrase: that is how scrypt is made, and whoever shares
//! the processor's cache may learn from it. A stride adds to that how long a block takes. Nothing
//! else depends on a secret: no table, no branch.

use alloc::{boxed::Box, vec::Vec};
use core::{hint::black_box, mem, slice};

use zeroize::Zeroize;

use super::{
    mixer::Mixer,
    salsa20::{Integers, Part, Salsa20, Vectors, from_diagonals, to_diagonals},
    simd,
    stride::Stride,
};
use crate::error::HostError;

/// Parts of a block where r = 8, the only one that age knows.
pub(crate) const R8: usize = 2 * 8;

impl Stride {
    const fn log2(self) -> u8 {
        self as u8
    }
}

/// On a cache line of its own: otherwise it would touch one more.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Block<const PARTS: usize>([Part; PARTS]);

impl<const PARTS: usize> Block<PARTS> {
    /// Boxed: what is moved leaves a copy behind.
    fn boxed() -> Box<Self> {
        Box::new(Self([[0; 64]; PARTS]))
    }
}

/// One run of `ROMix`, wherever it has come to. Wiped when dropped.
pub(crate) struct RoMix<const PARTS: usize> {
    log_n: u8,
    stride: Stride,
    /// Blocks mixed so far: N into the table, then N with what is in it.
    mixed: u32,
    x: Box<Block<PARTS>>,
    next: Box<Block<PARTS>>,
    again: Box<Block<PARTS>>,
    table: Vec<Block<PARTS>>,
}

impl<const PARTS: usize> RoMix<PARTS> {
    /// Takes all the memory that it will need. N = 2^`log_n`.
    ///
    /// # Errors
    /// [`HostError::OutOfMemory`] where that cannot be had.
    pub(crate) fn new(log_n: u8, stride: Stride) -> Result<Self, HostError> {
        let mut romix = Self {
            log_n,
            stride,
            mixed: 0,
            x: Block::boxed(),
            next: Block::boxed(),
            again: Block::boxed(),
            table: Vec::new(),
        };
        let blocks = ((1usize << log_n) >> stride.log2()).max(1);
        romix
            .table
            .try_reserve_exact(blocks)
            .map_err(|_| HostError::OutOfMemory)?;
        Ok(romix)
    }

    /// Sets the block that is mixed, before the first step.
    pub(crate) fn set(&mut self, block: &[u8]) {
        for (part, bytes) in self.x.0.iter_mut().zip(block.as_chunks().0) {
            to_diagonals(bytes, part);
        }
    }

    /// Gets the block that is mixed, after the last step.
    pub(crate) fn get(&self, block: &mut [u8]) {
        for (part, bytes) in self.x.0.iter().zip(block.as_chunks_mut().0) {
            from_diagonals(part, bytes);
        }
    }

    /// Mixes so many blocks more, and tells how many are left.
    pub(crate) fn step(&mut self, blocks: u32, mixer: Mixer) -> u32 {
        match mixer {
            Mixer::Integers => self.steps::<Integers>(blocks),
            Mixer::Vectors => self.steps::<Vectors>(blocks),
        }
        self.left()
    }

    fn steps<S: Salsa20>(&mut self, blocks: u32) {
        for _ in 0..blocks.min(self.left()) {
            if self.mixed >> self.log_n == 0 {
                self.fill::<S>();
            } else {
                self.mix::<S>();
            }
            mem::swap(&mut self.x, &mut self.next);
            self.mixed += 1;
        }
    }

    /// Wipes so many blocks of the table, and tells how many are left. For who may not stop for as
    /// long as the whole takes.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a table has at most 2^30 blocks"
    )]
    pub(crate) fn wipe(&mut self, blocks: u32) -> u32 {
        let left = self.table.len().saturating_sub(blocks as usize);
        for block in self.table.iter_mut().skip(left) {
            block.0.as_flattened_mut().fill(0);
        }
        black_box(self.table.as_mut_slice());
        self.table.truncate(left);
        left as u32
    }

    /// How many blocks are left to mix.
    pub(crate) fn left(&self) -> u32 {
        (2 << self.log_n) - self.mixed
    }

    /// The table's next block, unless the stride leaves it out.
    fn fill<S: Salsa20>(&mut self) {
        let kept = (1 << self.stride.log2()) - 1;
        if self.mixed & kept == 0 {
            // Pushed by value, a copy of it would stay on the stack.
            self.table.extend_from_slice(slice::from_ref(&*self.x));
        }
        block_mix::<S, PARTS>(&self.x.0, &mut self.next.0);
    }

    fn mix<S: Salsa20>(&mut self) {
        let j = integerify(&self.x.0) & ((1 << self.log_n) - 1);
        let stride = self.stride.log2();
        let kept = self
            .table
            .get(j as usize >> stride)
            .expect("N blocks went by, and each that the stride keeps was kept");
        let (next, again) = (&mut self.next.0, &mut self.again.0);
        let behind = j & ((1 << stride) - 1);
        // Nothing changes places here: where a block lies would tell of the passphrase.
        match behind {
            0 => {}
            1 => block_mix::<S, PARTS>(&kept.0, next),
            2 => {
                block_mix::<S, PARTS>(&kept.0, again);
                block_mix::<S, PARTS>(again, next);
            }
            _ => {
                block_mix::<S, PARTS>(&kept.0, next);
                block_mix::<S, PARTS>(next, again);
                block_mix::<S, PARTS>(again, next);
            }
        }
        let v = if behind == 0 { kept } else { &*self.next };
        add(&mut self.x.0, &v.0);
        block_mix::<S, PARTS>(&self.x.0, &mut self.next.0);
    }
}

impl<const PARTS: usize> Drop for RoMix<PARTS> {
    fn drop(&mut self) {
        for block in [&mut self.x, &mut self.next, &mut self.again] {
            block.0.zeroize();
        }
        self.wipe(u32::MAX);
    }
}

/// The block as a number, modulo 2^32: the first word of its last part, which is its first one
/// here, too.
fn integerify<const PARTS: usize>(block: &[Part; PARTS]) -> u32 {
    block
        .last()
        .and_then(|part| part.first_chunk())
        .map_or(0, |word| u32::from_le_bytes(*word))
}

/// X = X xor V.
#[inline(never)]
fn add<const PARTS: usize>(x: &mut [Part; PARTS], v: &[Part; PARTS]) {
    simd::xor(x.as_flattened_mut(), v.as_flattened());
}

/// <https://www.rfc-editor.org/rfc/rfc7914#section-4>: each part is mixed with the one before it;
/// even ones first, then odd ones.
#[inline(never)]
fn block_mix<S: Salsa20, const PARTS: usize>(block: &[Part; PARTS], mixed: &mut [Part; PARTS]) {
    let Some(last) = block.last() else {
        return;
    };
    let mut last = S::load(last);
    // Halves as slices of pairs would have the compiler write Salsa20/8 out twice.
    for (i, part) in block.iter().enumerate() {
        last = last.mix(S::load(part));
        if let Some(mixed) = mixed.get_mut(i / 2 + i % 2 * (PARTS / 2)) {
            last.store(mixed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::known_answers::hex;

    fn mixed(block: &[u8], log_n: u8, stride: Stride, mixer: Mixer) -> Vec<u8> {
        let mut romix = RoMix::<2>::new(log_n, stride).expect("memory");
        romix.set(block);
        assert_eq!(romix.step(u32::MAX, mixer), 0);
        got(&romix)
    }

    fn got(romix: &RoMix<2>) -> Vec<u8> {
        let mut block = vec![0; 128];
        romix.get(&mut block);
        block
    }

    const BLOCK: &str = "f7ce0b653d2d72a4108cf5abe912ffdd 777616dbbb27a70e8204f3ae2d0f6fad
        89f68f4811d1e87bcc3bd7400a9ffd29 094f0184639574f39ae5a1315217bcd7
        894991447213bb226c25b54da86370fb cd984380374666bb8ffcb5bf40c254b0
        67d27c51ce4ad5fed829c90b505a571b 7f4d1cad6a523cda770e67bceaaf7e89";

    /// <https://www.rfc-editor.org/rfc/rfc7914#section-9>
    #[test]
    fn rfc_7914_block_mix() {
        let expected = "a41f859c6608cc993b81cacb020cef05 044b2181a2fd337dfd7b1c6396682f29
            b4393168e3c9e6bcfe6bc5b7a06d96ba e424cc102c91745c24ad673dc7618f81
            20edc975323881a80540f64c162dcd3c 21077cfe5f8d5fe2b1a4168f953678b7
            7d3b3d803b60e4ab920996e59b4d53b6 5d2a225877d5edf5842cb9f14eefe425";
        for mixer in Mixer::ALL {
            let mut romix = RoMix::<2>::new(4, Stride::One).expect("memory");
            romix.set(&hex(BLOCK));
            romix.step(1, mixer);
            assert_eq!(got(&romix), hex(expected), "{mixer:?}");
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc7914#section-10>
    #[test]
    fn rfc_7914_romix() {
        let expected = "79ccc193629debca047f0b70604bf6b6 2ce3dd4a9626e355fafc6198e6ea2b46
             d58413673b99b029d665c357601fb426 a0b2f4bba200ee9f0a43d19b571a9c71
             ef1142e65d5a266fddca832ce59faa7c ac0b9cf1be2bffca300d01ee387619c4
             ae12fd4438f203a0e4e1c47ec314861f 4e9087cb33396a6873e8f9d2539a4b8e";
        for stride in Stride::ALL {
            for mixer in Mixer::ALL {
                let block = mixed(&hex(BLOCK), 4, stride, mixer);
                assert_eq!(block, hex(expected), "{stride:?}, {mixer:?}");
            }
        }
    }

    #[test]
    fn a_stride_keeps_half_or_a_quarter() {
        let mut kept = Vec::new();
        for stride in Stride::ALL {
            let mut romix = RoMix::<2>::new(6, stride).expect("memory");
            let room = romix.table.capacity();
            romix.step(64, Mixer::Integers);
            kept.push(romix.table.len());
            assert_eq!(romix.table.capacity(), room, "taken before the first step");
            romix.step(u32::MAX, Mixer::Vectors);
            assert_eq!(romix.table.len(), room);
        }
        assert_eq!(kept, [64, 32, 16]);
    }

    #[test]
    fn any_slices_mix_the_same_by_either_mixer() {
        let whole = mixed(&hex(BLOCK), 5, Stride::Two, Mixer::Integers);
        for slice in 1..=65 {
            let mut romix = RoMix::new(5, Stride::Two).expect("memory");
            romix.set(&hex(BLOCK));
            let mut mixers = Mixer::ALL.into_iter().cycle();
            while romix.left() > 0 {
                let before = romix.left();
                let left = romix.step(slice, mixers.next().expect("endless"));
                assert_eq!(left, before - slice.min(before));
            }
            assert_eq!(
                romix.step(slice, Mixer::Vectors),
                0,
                "no step after the last"
            );
            assert_eq!(got(&romix), whole, "slices of {slice}");
        }
    }

    #[test]
    fn a_table_is_wiped_from_its_end() {
        let mut romix = RoMix::<2>::new(4, Stride::One).expect("memory");
        romix.set(&hex(BLOCK));
        romix.step(16, Mixer::Vectors);
        let held = romix.table.clone();
        assert_eq!(romix.wipe(0), 16);
        assert_eq!(romix.wipe(3), 13);
        assert!(
            romix
                .table
                .iter()
                .zip(&held)
                .all(|(now, before)| now.0 == before.0)
        );
        assert_eq!(romix.wipe(u32::MAX), 0);
    }

    #[test]
    fn a_table_that_is_refused_is_an_error() {
        // More than there are addresses.
        let log_n = u8::try_from(usize::BITS - 2).expect("30 or 62");
        let refused = RoMix::<2>::new(log_n, Stride::One).map(drop);
        assert_eq!(refused, Err(HostError::OutOfMemory));
    }
}
