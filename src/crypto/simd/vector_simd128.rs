//! Four 32-bit words in a simd128 register.

use core::arch::wasm32::{
    i8x16_shuffle, i32x4_shuffle, i64x2_shuffle, u32x4, u32x4_add, u32x4_shl, u32x4_shr,
    u32x4_splat, u64x2, u64x2_extract_lane, v128, v128_or, v128_xor,
};

/// One word of each of four blocks.
#[derive(Clone, Copy)]
pub(crate) struct Vector(v128);

impl Vector {
    #[inline(always)]
    pub(crate) fn splat(word: u32) -> Self {
        Self(u32x4_splat(word))
    }

    #[inline(always)]
    pub(crate) fn new([a, b, c, d]: [u32; 4]) -> Self {
        Self(u32x4(a, b, c, d))
    }

    #[inline(always)]
    pub(crate) fn add(self, other: Self) -> Self {
        Self(u32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn xor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }

    /// Rotates every word to the left. By whole bytes that is one shuffle.
    #[inline(always)]
    pub(crate) fn rotate<const BITS: u32>(self) -> Self {
        let Self(v) = self;
        Self(match BITS {
            16 => i8x16_shuffle::<2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13>(v, v),
            8 => i8x16_shuffle::<3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14>(v, v),
            _ => v128_or(u32x4_shl(v, BITS), u32x4_shr(v, 32 - BITS)),
        })
    }

    /// Moves every word so many lanes to the front; those at the front go to the end.
    #[inline(always)]
    pub(crate) fn turn<const LANES: u32>(self) -> Self {
        let Self(v) = self;
        Self(match LANES % 4 {
            1 => i32x4_shuffle::<1, 2, 3, 0>(v, v),
            2 => i32x4_shuffle::<2, 3, 0, 1>(v, v),
            3 => i32x4_shuffle::<3, 0, 1, 2>(v, v),
            _ => v,
        })
    }

    /// Rows to columns.
    #[inline(always)]
    pub(crate) fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
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
    pub(crate) fn load(bytes: &[u8; 16]) -> Self {
        let [a, b, c, d, e, f, g, h, low @ ..] = *bytes;
        Self(u64x2(
            u64::from_le_bytes([a, b, c, d, e, f, g, h]),
            u64::from_le_bytes(low),
        ))
    }

    /// The reverse of [`Self::load`].
    #[inline(always)]
    pub(crate) fn store(self, bytes: &mut [u8; 16]) {
        let (low, high) = bytes.split_at_mut(8);
        low.copy_from_slice(&u64x2_extract_lane::<0>(self.0).to_le_bytes());
        high.copy_from_slice(&u64x2_extract_lane::<1>(self.0).to_le_bytes());
    }
}
