//! Salsa20/8, <https://www.rfc-editor.org/rfc/rfc7914#section-3>, in two forms with one result.
//!
//! [`Integers`] has the sixteen words apart: four chains that do not wait for each other, of three
//! instructions a step. A processor with few registers moves words to memory and back meanwhile.
//! [`Vectors`] has the four chains in the lanes of one register: nothing moves, and a step waits
//! for four instructions. Which is faster depends on the processor and on the engine, so whoever
//! derives tries both. `node tests/bench/mixers.mjs` compares them.

#![allow(
    clippy::inline_always,
    clippy::many_single_char_names,
    reason = "its words are to stay in registers, and a call per word would cost more than the word"
)]

use super::simd::Vector;

/// What Salsa20/8 works on: its words in the order of [`DIAGONALS`].
pub(super) type Part = [u8; 64];

/// Which word of Salsa20's matrix is where in a [`Part`], so that a step's words are neighbours.
const DIAGONALS: [usize; 16] = [0, 5, 10, 15, 4, 9, 14, 3, 8, 13, 2, 7, 12, 1, 6, 11];

/// From scrypt's order of words.
pub(super) fn to_diagonals(words: &[u8; 64], part: &mut Part) {
    let (words, _) = words.as_chunks::<4>();
    for (to, i) in part.as_chunks_mut().0.iter_mut().zip(DIAGONALS) {
        if let Some(from) = words.get(i) {
            *to = *from;
        }
    }
}

/// To scrypt's order of words.
pub(super) fn from_diagonals(part: &Part, words: &mut [u8; 64]) {
    let (words, _) = words.as_chunks_mut::<4>();
    for (from, i) in part.as_chunks().0.iter().zip(DIAGONALS) {
        if let Some(to) = words.get_mut(i) {
            *to = *from;
        }
    }
}

/// A form of Salsa20/8, and the words that it works on.
pub(super) trait Salsa20: Copy {
    fn load(part: &Part) -> Self;
    fn store(self, part: &mut Part);
    /// Salsa20/8 of `self` xor `part`.
    fn mix(self, part: Self) -> Self;
}

/// Sixteen integers.
#[derive(Clone, Copy)]
pub(super) struct Integers([u32; 16]);

impl Salsa20 for Integers {
    #[inline(always)]
    fn load(part: &Part) -> Self {
        let mut words = [0; 16];
        for (word, bytes) in words.iter_mut().zip(part.as_chunks().0) {
            *word = u32::from_le_bytes(*bytes);
        }
        Self(words)
    }

    #[inline(always)]
    fn store(self, part: &mut Part) {
        for (bytes, word) in part.as_chunks_mut().0.iter_mut().zip(self.0) {
            *bytes = word.to_le_bytes();
        }
    }

    #[inline(always)]
    #[rustfmt::skip]
    fn mix(self, part: Self) -> Self {
        let [a0, a5, a10, a15, a4, a9, a14, a3, a8, a13, a2, a7, a12, a1, a6, a11] = self.0;
        let [b0, b5, b10, b15, b4, b9, b14, b3, b8, b13, b2, b7, b12, b1, b6, b11] = part.0;
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
        let add = u32::wrapping_add;
        Self([
            add(x0, i0), add(x5, i5), add(x10, i10), add(x15, i15),
            add(x4, i4), add(x9, i9), add(x14, i14), add(x3, i3),
            add(x8, i8), add(x13, i13), add(x2, i2), add(x7, i7),
            add(x12, i12), add(x1, i1), add(x6, i6), add(x11, i11),
        ])
    }
}

/// Salsa20's quarter round, with the words in the order in which they are changed: the last one's
/// input is the first's.
#[inline(always)]
const fn quarter(mut a: u32, mut b: u32, mut c: u32, mut d: u32) -> (u32, u32, u32, u32) {
    b ^= a.wrapping_add(d).rotate_left(7);
    c ^= b.wrapping_add(a).rotate_left(9);
    d ^= c.wrapping_add(b).rotate_left(13);
    a ^= d.wrapping_add(c).rotate_left(18);
    (a, b, c, d)
}

/// Four vectors: the first words of the four quarter rounds, their second words, and so on.
#[derive(Clone, Copy)]
pub(super) struct Vectors([Vector; 4]);

impl Salsa20 for Vectors {
    #[inline(always)]
    fn load(part: &Part) -> Self {
        let [a, b, c, d] = *part.as_chunks().0 else {
            unreachable!("64 bytes are four times 16")
        };
        Self([a, b, c, d].map(|bytes| Vector::load(&bytes)))
    }

    #[inline(always)]
    fn store(self, part: &mut Part) {
        for (bytes, vector) in part.as_chunks_mut().0.iter_mut().zip(self.0) {
            vector.store(bytes);
        }
    }

    #[inline(always)]
    fn mix(self, part: Self) -> Self {
        let [a, b, c, d] = self.0;
        let [e, f, g, h] = part.0;
        let input = [a.xor(e), b.xor(f), c.xor(g), d.xor(h)];
        let [mut a, mut b, mut c, mut d] = input;
        for _ in 0..4 {
            // Columns, and then rows, which the turns of the lanes make columns.
            (a, b, c, d) = quarters(a, b, c, d);
            (b, c, d) = (b.turn::<3>(), c.turn::<2>(), d.turn::<1>());
            (a, d, c, b) = quarters(a, d, c, b);
            (b, c, d) = (b.turn::<1>(), c.turn::<2>(), d.turn::<3>());
        }
        Self([
            a.add(input[0]),
            b.add(input[1]),
            c.add(input[2]),
            d.add(input[3]),
        ])
    }
}

/// Four quarter rounds.
#[inline(always)]
fn quarters(
    mut a: Vector,
    mut b: Vector,
    mut c: Vector,
    mut d: Vector,
) -> (Vector, Vector, Vector, Vector) {
    b = b.xor(a.add(d).rotate::<7>());
    c = c.xor(b.add(a).rotate::<9>());
    d = d.xor(c.add(b).rotate::<13>());
    a = a.xor(d.add(c).rotate::<18>());
    (a, b, c, d)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::known_answers::hex;

    fn part(text: &str) -> Part {
        let mut part = [0; 64];
        to_diagonals(&hex(text).try_into().expect("64 bytes"), &mut part);
        part
    }

    fn mixed<S: Salsa20>(a: &Part, b: &Part) -> Part {
        let mut out = [0; 64];
        S::load(a).mix(S::load(b)).store(&mut out);
        out
    }

    /// <https://www.rfc-editor.org/rfc/rfc7914#section-8>
    #[test]
    fn rfc_7914_salsa20_8() {
        let input = part(
            "7e879a214f3ec9867ca940e641718f26 baee555b8c61c1b50df846116dcd3b1d
             ee24f319df9b3d8514121e4b5ac5aa32 76021d2909c74829edebc68db8b8c25e",
        );
        let output = part(
            "a41f859c6608cc993b81cacb020cef05 044b2181a2fd337dfd7b1c6396682f29
             b4393168e3c9e6bcfe6bc5b7a06d96ba e424cc102c91745c24ad673dc7618f81",
        );
        for mixed in [mixed::<Integers>, mixed::<Vectors>] {
            assert_eq!(mixed(&input, &[0; 64]), output);
            assert_eq!(mixed(&[0; 64], &input), output);
        }
    }
}
