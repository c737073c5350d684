//! scrypt's `ROMix` and `BlockMix`, <https://www.rfc-editor.org/rfc/rfc7914#section-5>, in slices and in as little as a quarter of the memory.
//!
//! The scrypt crate mixes on vectors of four lanes, where each instruction waits for the one before it. Here Salsa20/8 works on
//! sixteen integers, four chains at a time that do not wait for each other. What is added to a block from the table is added in a
//! pass of its own: its loads are independent, so that the cache misses of a block overlap instead of following one another.
//!
//! Engines replace a function by a faster one between two calls of it, never while it runs. So the work is in functions
//! that are short and called often ([`block_mix`], [`add`]), and whoever calls [`RoMix::step`] asks for a few hundred blocks.
//!
//! With a stride the table keeps every second or fourth block; the others are mixed again from the one before them when they are
//! wanted. The result is the same.
//!
//! Which blocks are read depends on the passphrase: that is how scrypt is made, and whoever shares the processor's cache
//! may learn from it. A stride adds to that how long a block takes. Nothing else depends on a secret: no table, no branch.

use alloc::{boxed::Box, vec::Vec};
use core::{hint::black_box, mem};

use zeroize::Zeroize;

use super::stride::Stride;
use crate::error::HostError;

/// Words in a block where r = 8, the only one that age knows.
pub(crate) const R8: usize = 32 * 8;

impl Stride {
    const fn log2(self) -> u8 {
        self as u8
    }
}

/// On a cache line of its own: otherwise it would touch one more.
#[derive(Clone)]
#[repr(align(64))]
struct Block<const WORDS: usize>([u32; WORDS]);

impl<const WORDS: usize> Block<WORDS> {
    /// Boxed: what is moved leaves a copy behind.
    fn boxed() -> Box<Self> {
        Box::new(Self([0; WORDS]))
    }
}

/// One run of `ROMix`, wherever it has come to. Wiped when dropped.
pub(crate) struct RoMix<const WORDS: usize> {
    log_n: u8,
    stride: Stride,
    /// Blocks mixed so far: N into the table, then N with what is in it.
    mixed: u32,
    x: Box<Block<WORDS>>,
    next: Box<Block<WORDS>>,
    again: Box<Block<WORDS>>,
    table: Vec<Block<WORDS>>,
}

impl<const WORDS: usize> RoMix<WORDS> {
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

    /// The block that is mixed: the input before the first step, the output after the last.
    pub(crate) fn block(&mut self) -> &mut [u32; WORDS] {
        &mut self.x.0
    }

    /// Mixes so many blocks more, and tells how many are left.
    pub(crate) fn step(&mut self, blocks: u32) -> u32 {
        for _ in 0..blocks.min(self.left()) {
            if self.mixed >> self.log_n == 0 {
                self.fill();
            } else {
                self.mix();
            }
            mem::swap(&mut self.x, &mut self.next);
            self.mixed += 1;
        }
        self.left()
    }

    /// Wipes so many blocks of the table, and tells how many are left. For who may not stop for as long as the whole takes.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a table has at most 2^30 blocks"
    )]
    pub(crate) fn wipe(&mut self, blocks: u32) -> u32 {
        let left = self.table.len().saturating_sub(blocks as usize);
        for block in self.table.iter_mut().skip(left) {
            block.0.fill(0);
        }
        black_box(self.table.as_mut_slice());
        self.table.truncate(left);
        left as u32
    }

    fn left(&self) -> u32 {
        (2 << self.log_n) - self.mixed
    }

    /// The table's next block, unless the stride leaves it out.
    fn fill(&mut self) {
        let kept = (1 << self.stride.log2()) - 1;
        if self.mixed & kept == 0 {
            self.table.push(Block(self.x.0));
        }
        block_mix(&self.x.0, &mut self.next.0);
    }

    fn mix(&mut self) {
        let j = integerify(&self.x.0) & ((1 << self.log_n) - 1);
        let stride = self.stride.log2();
        let kept = self
            .table
            .get(j as usize >> stride)
            .expect("N blocks went by, and each that the stride keeps was kept");
        let behind = j & ((1 << stride) - 1);
        if behind == 0 {
            add(&mut self.x.0, &kept.0);
        } else {
            block_mix(&kept.0, &mut self.next.0);
            for _ in 1..behind {
                block_mix(&self.next.0, &mut self.again.0);
                mem::swap(&mut self.next, &mut self.again);
            }
            add(&mut self.x.0, &self.next.0);
        }
        block_mix(&self.x.0, &mut self.next.0);
    }
}

impl<const WORDS: usize> Drop for RoMix<WORDS> {
    fn drop(&mut self) {
        for block in [&mut self.x, &mut self.next, &mut self.again] {
            block.0.zeroize();
        }
        self.wipe(u32::MAX);
    }
}

/// The block as a number, modulo 2^32: the first word of its last part.
fn integerify<const WORDS: usize>(block: &[u32; WORDS]) -> u32 {
    block
        .as_rchunks::<PART>()
        .1
        .last()
        .map_or(0, |last| last[0])
}

/// X = X xor V.
#[inline(never)]
fn add<const WORDS: usize>(x: &mut [u32; WORDS], v: &[u32; WORDS]) {
    for (x, v) in x.iter_mut().zip(v) {
        *x ^= v;
    }
}

/// Words in what Salsa20/8 works on.
const PART: usize = 16;

/// <https://www.rfc-editor.org/rfc/rfc7914#section-4>: each part is mixed with the one before it; even ones first, then odd ones.
#[inline(never)]
fn block_mix<const WORDS: usize>(block: &[u32; WORDS], mixed: &mut [u32; WORDS]) {
    let (parts, _) = block.as_chunks::<PART>();
    let (mixed, _) = mixed.as_chunks_mut::<PART>();
    let Some(mut last) = parts.last().copied() else {
        return;
    };
    // Halves as slices of pairs would have the compiler write Salsa20/8 out twice.
    for (i, part) in parts.iter().enumerate() {
        last = salsa20_8(&last, part);
        if let Some(mixed) = mixed.get_mut(i / 2 + i % 2 * (parts.len() / 2)) {
            *mixed = last;
        }
    }
}

/// <https://www.rfc-editor.org/rfc/rfc7914#section-3>, of `a` xor `b`.
#[expect(clippy::inline_always, reason = "its words are to stay in registers")]
#[inline(always)]
fn salsa20_8(a: &[u32; PART], b: &[u32; PART]) -> [u32; PART] {
    let [
        a0,
        a1,
        a2,
        a3,
        a4,
        a5,
        a6,
        a7,
        a8,
        a9,
        a10,
        a11,
        a12,
        a13,
        a14,
        a15,
    ] = *a;
    let [
        b0,
        b1,
        b2,
        b3,
        b4,
        b5,
        b6,
        b7,
        b8,
        b9,
        b10,
        b11,
        b12,
        b13,
        b14,
        b15,
    ] = *b;
    let (i0, i1, i2, i3) = (a0 ^ b0, a1 ^ b1, a2 ^ b2, a3 ^ b3);
    let (i4, i5, i6, i7) = (a4 ^ b4, a5 ^ b5, a6 ^ b6, a7 ^ b7);
    let (i8, i9, i10, i11) = (a8 ^ b8, a9 ^ b9, a10 ^ b10, a11 ^ b11);
    let (i12, i13, i14, i15) = (a12 ^ b12, a13 ^ b13, a14 ^ b14, a15 ^ b15);
    let (mut x0, mut x1, mut x2, mut x3) = (i0, i1, i2, i3);
    let (mut x4, mut x5, mut x6, mut x7) = (i4, i5, i6, i7);
    let (mut x8, mut x9, mut x10, mut x11) = (i8, i9, i10, i11);
    let (mut x12, mut x13, mut x14, mut x15) = (i12, i13, i14, i15);
    for _ in 0..4 {
        (x0, x4, x8, x12) = quarter(x0, x4, x8, x12);
        (x5, x9, x13, x1) = quarter(x5, x9, x13, x1);
        (x10, x14, x2, x6) = quarter(x10, x14, x2, x6);
        (x15, x3, x7, x11) = quarter(x15, x3, x7, x11);
        (x0, x1, x2, x3) = quarter(x0, x1, x2, x3);
        (x5, x6, x7, x4) = quarter(x5, x6, x7, x4);
        (x10, x11, x8, x9) = quarter(x10, x11, x8, x9);
        (x15, x12, x13, x14) = quarter(x15, x12, x13, x14);
    }
    [
        x0.wrapping_add(i0),
        x1.wrapping_add(i1),
        x2.wrapping_add(i2),
        x3.wrapping_add(i3),
        x4.wrapping_add(i4),
        x5.wrapping_add(i5),
        x6.wrapping_add(i6),
        x7.wrapping_add(i7),
        x8.wrapping_add(i8),
        x9.wrapping_add(i9),
        x10.wrapping_add(i10),
        x11.wrapping_add(i11),
        x12.wrapping_add(i12),
        x13.wrapping_add(i13),
        x14.wrapping_add(i14),
        x15.wrapping_add(i15),
    ]
}

/// Salsa20's quarter round, with the words in the order in which they are changed: the last one's input is the first's.
#[expect(clippy::inline_always, reason = "its words are to stay in registers")]
#[inline(always)]
const fn quarter(mut a: u32, mut b: u32, mut c: u32, mut d: u32) -> (u32, u32, u32, u32) {
    b ^= a.wrapping_add(d).rotate_left(7);
    c ^= b.wrapping_add(a).rotate_left(9);
    d ^= c.wrapping_add(b).rotate_left(13);
    a ^= d.wrapping_add(c).rotate_left(18);
    (a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::known_answers::hex;

    fn words<const WORDS: usize>(text: &str) -> [u32; WORDS] {
        let bytes = hex(text);
        let (words, _) = bytes.as_chunks();
        let words: Vec<_> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
        words.try_into().expect("as many words")
    }

    fn mixed<const WORDS: usize>(block: &[u32; WORDS], log_n: u8, stride: Stride) -> [u32; WORDS] {
        let mut romix = RoMix::new(log_n, stride).expect("memory");
        *romix.block() = *block;
        assert_eq!(romix.step(u32::MAX), 0);
        *romix.block()
    }

    const SALSA_OUT: &str = "a41f859c6608cc993b81cacb020cef05 044b2181a2fd337dfd7b1c6396682f29
        b4393168e3c9e6bcfe6bc5b7a06d96ba e424cc102c91745c24ad673dc7618f81";

    const BLOCK: &str = "f7ce0b653d2d72a4108cf5abe912ffdd 777616dbbb27a70e8204f3ae2d0f6fad
        89f68f4811d1e87bcc3bd7400a9ffd29 094f0184639574f39ae5a1315217bcd7
        894991447213bb226c25b54da86370fb cd984380374666bb8ffcb5bf40c254b0
        67d27c51ce4ad5fed829c90b505a571b 7f4d1cad6a523cda770e67bceaaf7e89";

    /// <https://www.rfc-editor.org/rfc/rfc7914#section-8>
    #[test]
    fn rfc_7914_salsa20_8() {
        let input = words(
            "7e879a214f3ec9867ca940e641718f26 baee555b8c61c1b50df846116dcd3b1d
             ee24f319df9b3d8514121e4b5ac5aa32 76021d2909c74829edebc68db8b8c25e",
        );
        assert_eq!(salsa20_8(&input, &[0; PART]), words(SALSA_OUT));
        assert_eq!(salsa20_8(&[0; PART], &input), words(SALSA_OUT));
    }

    /// <https://www.rfc-editor.org/rfc/rfc7914#section-9>
    #[test]
    fn rfc_7914_block_mix() {
        let mut out = [0; 32];
        block_mix(&words(BLOCK), &mut out);
        let expected = "20edc975323881a80540f64c162dcd3c 21077cfe5f8d5fe2b1a4168f953678b7
            7d3b3d803b60e4ab920996e59b4d53b6 5d2a225877d5edf5842cb9f14eefe425";
        assert_eq!(out[..16], words::<16>(SALSA_OUT));
        assert_eq!(out[16..], words::<16>(expected));
    }

    /// <https://www.rfc-editor.org/rfc/rfc7914#section-10>
    #[test]
    fn rfc_7914_romix() {
        let expected: [u32; 32] = words(
            "79ccc193629debca047f0b70604bf6b6 2ce3dd4a9626e355fafc6198e6ea2b46
             d58413673b99b029d665c357601fb426 a0b2f4bba200ee9f0a43d19b571a9c71
             ef1142e65d5a266fddca832ce59faa7c ac0b9cf1be2bffca300d01ee387619c4
             ae12fd4438f203a0e4e1c47ec314861f 4e9087cb33396a6873e8f9d2539a4b8e",
        );
        for stride in Stride::ALL {
            assert_eq!(mixed(&words(BLOCK), 4, stride), expected, "{stride:?}");
        }
    }

    #[test]
    fn a_stride_keeps_half_or_a_quarter() {
        let mut kept = Vec::new();
        for stride in Stride::ALL {
            let mut romix = RoMix::<32>::new(6, stride).expect("memory");
            let room = romix.table.capacity();
            romix.step(64);
            kept.push(romix.table.len());
            assert_eq!(romix.table.capacity(), room, "taken before the first step");
            romix.step(u32::MAX);
            assert_eq!(romix.table.len(), room);
        }
        assert_eq!(kept, [64, 32, 16]);
    }

    #[test]
    fn any_slices_mix_the_same() {
        let whole = mixed(&words::<32>(BLOCK), 5, Stride::Two);
        for slice in 1..=65 {
            let mut romix = RoMix::new(5, Stride::Two).expect("memory");
            *romix.block() = words(BLOCK);
            let mut left = 64;
            while left > 0 {
                let before = left;
                left = romix.step(slice);
                assert_eq!(left, before - slice.min(before));
            }
            assert_eq!(romix.step(slice), 0, "no step after the last");
            assert_eq!(*romix.block(), whole, "slices of {slice}");
        }
    }

    #[test]
    fn a_table_is_wiped_from_its_end() {
        let mut romix = RoMix::<32>::new(4, Stride::One).expect("memory");
        *romix.block() = words(BLOCK);
        romix.step(16);
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
        let refused = RoMix::<32>::new(log_n, Stride::One).map(drop);
        assert_eq!(refused, Err(HostError::OutOfMemory));
    }
}
