//! Four 32-bit words in a simd128 register.

use core::arch::wasm32::{
    i8x16_swizzle, i32x4_shuffle, i64x2_shuffle, u8x16, u32x4, u32x4_add, u32x4_shl, u32x4_shr,
    u32x4_splat, u64x2, u64x2_extract_lane, v128, v128_or, v128_xor,
};

/// The bytes of rotated words, as a swizzle takes them.
pub(super) struct Rotations {
    by_16: v128,
    by_8: v128,
}

impl Rotations {
    /// Out of the optimiser's sight: of patterns that it knows it makes shuffles, whose patterns V8 builds anew at every use, which costs
    /// an eighth of the speed.
    #[inline(always)]
    pub(super) fn new() -> Self {
        core::hint::black_box(Self {
            by_16: u8x16(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13),
            by_8: u8x16(3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14),
        })
    }
}

/// One word of each of four blocks.
#[derive(Clone, Copy)]
pub(super) struct Vector(v128);

impl Vector {
    #[inline(always)]
    pub(super) fn splat(word: u32) -> Self {
        Self(u32x4_splat(word))
    }

    #[inline(always)]
    pub(super) fn new([a, b, c, d]: [u32; 4]) -> Self {
        Self(u32x4(a, b, c, d))
    }

    #[inline(always)]
    pub(super) fn add(self, other: Self) -> Self {
        Self(u32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub(super) fn xor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }

    /// Rotates every word to the left.
    #[inline(always)]
    pub(super) fn rotate<const BITS: u32>(self) -> Self {
        let Self(v) = self;
        Self(v128_or(u32x4_shl(v, BITS), u32x4_shr(v, 32 - BITS)))
    }

    /// By whole bytes a swizzle does it in one instruction.
    #[inline(always)]
    pub(super) fn rotate_16(self, rotations: &Rotations) -> Self {
        Self(i8x16_swizzle(self.0, rotations.by_16))
    }

    /// As [`Self::rotate_16`].
    #[inline(always)]
    pub(super) fn rotate_8(self, rotations: &Rotations) -> Self {
        Self(i8x16_swizzle(self.0, rotations.by_8))
    }

    /// Rows to columns.
    #[inline(always)]
    pub(super) fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        let ab_low = i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0);
        let ab_high = i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0);
        let cd_low = i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0);
        let cd_high = i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0);
        [
            Self(i64x2_shuffle::<0, 2>(ab_low, cd_low)),
            Self(i64x2_shuffle::<1, 3>(ab_low, cd_low)),
            Self(i64x2_shuffle::<0, 2>(ab_high, cd_high)),
            Self(i64x2_shuffle::<1, 3>(ab_high, cd_high)),
        ]
    }

    /// Little-endian words. The optimiser makes one load of it.
    #[inline(always)]
    pub(super) fn load(bytes: &[u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, low @ ..] = *bytes;
        Self(u64x2(
            u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            u64::from_le_bytes(low),
        ))
    }

    /// The reverse of [`Self::load`].
    #[inline(always)]
    pub(super) fn store(self, bytes: &mut [u8; 16]) {
        let (low, high) = bytes.split_at_mut(8);
        low.copy_from_slice(&u64x2_extract_lane::<0>(self.0).to_le_bytes());
        high.copy_from_slice(&u64x2_extract_lane::<1>(self.0).to_le_bytes());
    }
}
