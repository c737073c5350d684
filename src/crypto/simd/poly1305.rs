//! <https://www.rfc-editor.org/rfc/rfc8439#section-2.5>
//!
//! The limbs have 32 bits, because WebAssembly multiplies 32 by 32 bits into 64. A block takes 20
//! products; the usual five limbs of 26 bits take 25. Four limbs are enough because `r` is clamped.
//! The top four bits of each limb are zero, and the bottom two of all but the first, so that 5/4
//! of `r` is whole.

use ctutils::{Choice, CtSelect};
use zeroize::Zeroize;

const LOW: u64 = u32::MAX as u64;
/// Bits of `h` from 2^128 on that stay there; those above come back at the bottom, times 5, for
/// 2^130 = 5 (mod 2^130 - 5).
const TOP: u64 = 3;

pub(super) const BLOCK_LEN: usize = 16;
pub(crate) const TAG_LEN: usize = 16;

/// The hash so far, in limbs of 2^32. Between blocks `h0` < 2.6 · 2^32, `h1`, `h2`, `h3` < 2^33,
/// `h4` <= 3.
pub(super) type Accumulator = [u64; 5];

/// One message's authenticator. Wiped when dropped.
pub(crate) struct Poly1305 {
    r: [u64; 4],
    /// 5/4 of `r1`, `r2`, `r3`: what a product is worth that would begin at 2^128 or above.
    s: [u64; 3],
    h: Accumulator,
    pad: [u64; 4],
}

impl Poly1305 {
    /// Without a key; `set_key` writes it in place, so that no copy is left behind by a move.
    pub(crate) const fn unkeyed() -> Self {
        Self {
            r: [0; 4],
            s: [0; 3],
            h: [0; 5],
            pad: [0; 4],
        }
    }

    /// A key may authenticate one message only: two tags under one key allow a third to be forged.
    pub(crate) fn set_key(&mut self, key: &[u8; 32]) {
        let (halves, _) = key.as_chunks();
        let [r0, r1, r2, r3] = limbs(&halves[0]);
        self.r = [
            r0 & 0x0fff_ffff,
            r1 & 0x0fff_fffc,
            r2 & 0x0fff_fffc,
            r3 & 0x0fff_fffc,
        ];
        let [_, r1, r2, r3] = self.r;
        self.s = [r1, r2, r3].map(|limb| limb + (limb >> 2));
        self.pad = limbs(&halves[1]);
    }

    /// Whole blocks, then what is left with zeros behind it, as the AEAD wants it.
    pub(crate) fn update_padded(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<BLOCK_LEN>();
        for block in blocks {
            self.h = self.absorb(self.h, block);
        }
        if !rest.is_empty() {
            let mut block = [0; BLOCK_LEN];
            block[..rest.len()].copy_from_slice(rest);
            self.update_padded(&block);
        }
    }

    /// The hash with one more block: (h + block + 2^128) · r.
    ///
    /// No carry runs through all limbs: each hands on what is above its 32 bits, once, and the
    /// bounds of [`Accumulator`] hold again. With them no sum reaches 2^64. In units of 2^60, where
    /// r < 1/16 · 2^32 and s < 5/64 · 2^32: d0 < 3.6 + 3 · 3.75 = 14.9 of 16, the others less; then
    /// c < 5/4 · (2^30 + 2^32) < 1.6 · 2^32.
    #[inline(always)]
    pub(super) fn absorb(&self, h: Accumulator, block: &[u8; BLOCK_LEN]) -> Accumulator {
        let [r0, r1, r2, r3] = self.r;
        let [s1, s2, s3] = self.s;
        let [m0, m1, m2, m3] = limbs(block);
        let [h0, h1, h2, h3, h4] = [h[0] + m0, h[1] + m1, h[2] + m2, h[3] + m3, h[4] + 1];
        let d0 = h0 * r0 + h1 * s3 + h2 * s2 + h3 * s1;
        let d1 = h0 * r1 + h1 * r0 + h2 * s3 + h3 * s2 + h4 * s1;
        let d2 = h0 * r2 + h1 * r1 + h2 * r0 + h3 * s3 + h4 * s2;
        let d3 = h0 * r3 + h1 * r2 + h2 * r1 + h3 * r0 + h4 * s3;
        let d4 = h4 * r0 + (d3 >> 32);
        let c = (d4 >> 2) + (d4 & !TOP);
        [
            (d0 & LOW) + c,
            (d1 & LOW) + (d0 >> 32),
            (d2 & LOW) + (d1 >> 32),
            (d3 & LOW) + (d2 >> 32),
            d4 & TOP,
        ]
    }

    /// The accumulator by value, so that a loop can keep it in registers.
    #[inline(always)]
    pub(super) fn accumulator(&self) -> Accumulator {
        self.h
    }

    /// Stores it again after that loop.
    #[inline(always)]
    pub(super) fn set_accumulator(&mut self, h: Accumulator) {
        self.h = h;
    }

    /// tag = (h mod 2^130 - 5) + pad, mod 2^128. Whether the modulus had to be subtracted must not
    /// show in the time it takes.
    pub(crate) fn tag(&self) -> [u8; TAG_LEN] {
        // h < 1.26 · 2^130, so that the modulus goes into it once at most; it does if h + 5 reaches
        // 2^130, which then is all there is to drop.
        let [h0, h1, h2, h3, h4] = self.h;
        let h = carried(self.h);
        let reduced = carried([h0 + 5, h1, h2, h3, h4]);
        let reaches = Choice::from_u64_lsb(reduced[4] >> 2);

        let mut tag = [0; TAG_LEN];
        let mut carry = 0;
        for (i, bytes) in tag.as_chunks_mut::<4>().0.iter_mut().enumerate() {
            let sum = h[i].ct_select(&reduced[i], reaches) + self.pad[i] + carry;
            *bytes = (sum as u32).to_le_bytes();
            carry = sum >> 32;
        }
        tag
    }
}

impl Drop for Poly1305 {
    fn drop(&mut self) {
        self.r.zeroize();
        self.s.zeroize();
        self.h.zeroize();
        self.pad.zeroize();
    }
}

/// All but the last limb below 2^32.
fn carried([h0, h1, h2, h3, h4]: Accumulator) -> Accumulator {
    let h1 = h1 + (h0 >> 32);
    let h2 = h2 + (h1 >> 32);
    let h3 = h3 + (h2 >> 32);
    [h0 & LOW, h1 & LOW, h2 & LOW, h3 & LOW, h4 + (h3 >> 32)]
}

/// One by one: as a loop it would go through memory.
#[inline(always)]
fn limbs(block: &[u8; BLOCK_LEN]) -> [u64; 4] {
    let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = *block;
    [
        u32::from_le_bytes([a, b, c, d]).into(),
        u32::from_le_bytes([e, f, g, h]).into(),
        u32::from_le_bytes([i, j, k, l]).into(),
        u32::from_le_bytes([m, n, o, p]).into(),
    ]
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use poly1305::universal_hash::{KeyInit, UniversalHash};

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn keyed(key: &[u8; 32]) -> Poly1305 {
        let mut mac = Poly1305::unkeyed();
        mac.set_key(key);
        mac
    }

    fn ours(key: &[u8; 32], text: &[u8]) -> [u8; TAG_LEN] {
        let mut mac = keyed(key);
        mac.update_padded(text);
        mac.tag()
    }

    fn theirs(key: &[u8; 32], text: &[u8]) -> [u8; TAG_LEN] {
        let mut mac = poly1305::Poly1305::new(key.into());
        mac.update_padded(text);
        mac.finalize().into()
    }

    /// Bytes without a pattern, the same every time.
    fn noise(seed: u64, len: usize) -> Vec<u8> {
        let mut state = seed;
        core::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .take(len)
        .collect()
    }

    #[test]
    fn equals_the_poly1305_crate_for_every_length() {
        for len in 0..=1100 {
            let key = noise(len as u64, 32);
            let key = key.first_chunk().expect("32 bytes");
            let text = noise(!(len as u64), len);
            assert_eq!(ours(key, &text), theirs(key, &text), "{len} bytes");
        }
    }

    #[test]
    fn equals_the_poly1305_crate_for_random_keys_and_texts() {
        for seed in 0..20_000 {
            let bytes = noise(seed, 32 + 16 * (seed % 9) as usize);
            let (key, text) = bytes.split_first_chunk().expect("32 bytes");
            assert_eq!(ours(key, text), theirs(key, text), "seed {seed}");
        }
    }

    /// The largest limbs there can be: with overflow checks on, as tests have them, a bound that
    /// does not hold is a panic.
    #[test]
    fn no_sum_overflows_at_the_largest_r_and_text() {
        let text = vec![0xff; 64 * 1024];
        assert_eq!(ours(&[0xff; 32], &text), theirs(&[0xff; 32], &text));
    }

    /// More than any sequence of blocks leads to: each limb at the bound that `absorb` relies on.
    #[test]
    fn no_sum_overflows_at_the_bounds_of_the_accumulator() {
        let mac = keyed(&[0xff; 32]);
        let h = [(26 << 32) / 10, 1 << 33, 1 << 33, 1 << 33, 3];
        let next = mac.absorb(h, &[0xff; 16]);
        for (limb, bound) in next.iter().zip(h) {
            assert!(*limb <= bound);
        }
    }

    /// <https://www.rfc-editor.org/rfc/rfc8439#appendix-A.3>, vectors 7 to 11
    #[test]
    fn hashes_around_the_modulus_and_2_to_the_128() {
        const FF: [u8; 16] = [0xff; 16];
        let block = |first, others| {
            let mut block = [others; 16];
            block[0] = first;
            block
        };
        for (number, r, pad, text, tag) in [
            (7, 2, 0, vec![FF], block(3, 0)),
            (8, 2, 0xff, vec![block(2, 0)], block(3, 0)),
            (
                9,
                1,
                0,
                vec![FF, block(0xf0, 0xff), block(0x11, 0)],
                block(5, 0),
            ),
            (10, 1, 0, vec![FF, block(0xfb, 0xfe), [1; 16]], [0; 16]),
            (11, 2, 0, vec![block(0xfd, 0xff)], block(0xfa, 0xff)),
        ] {
            let mut key = [pad; 32];
            key[..16].copy_from_slice(&block(r, 0));
            assert_eq!(ours(&key, text.as_flattened()), tag, "vector {number}");
        }
    }
}
