//! <https://www.rfc-editor.org/rfc/rfc8439#section-2.4>

use chacha20::cipher::{
    Iv, IvSizeUser, Key, KeyIvInit, OverflowError, SeekNum, StreamCipher, StreamCipherError,
    StreamCipherSeek,
};
use chacha20poly1305::{
    KeySizeUser,
    aead::inout::InOutBuf,
    consts::{U12, U32},
};
use zeroize::Zeroize;

use super::vector::{Rotations, Vector};

const BLOCK_LEN: usize = 64;
/// Four blocks: what one pass makes.
const PASS_LEN: usize = 4 * BLOCK_LEN;
/// Bytes of keystream under one nonce. The block before the counter would repeat is given up, as the chacha20 crate does.
const KEYSTREAM_LEN: u64 = u32::MAX as u64 * BLOCK_LEN as u64;

/// The keystream of one key and nonce. Wiped when dropped.
pub(crate) struct ChaCha20 {
    key: [u32; 8],
    nonce: [u32; 3],
    /// Bytes of keystream before the next.
    position: u64,
    /// The first pass: the key of Poly1305, and the 192 bytes after it, which are all that a short message needs.
    first: [u8; PASS_LEN],
}

impl KeySizeUser for ChaCha20 {
    type KeySize = U32;
}

impl IvSizeUser for ChaCha20 {
    type IvSize = U12;
}

impl KeyIvInit for ChaCha20 {
    fn new(key: &Key<Self>, iv: &Iv<Self>) -> Self {
        let mut cipher = Self {
            key: words(key),
            nonce: words(iv),
            position: 0,
            first: [0; PASS_LEN],
        };
        let mut first = [0; PASS_LEN];
        cipher.write_pass(0, &mut first);
        cipher.first = first;
        first.zeroize();
        cipher
    }
}

impl StreamCipher for ChaCha20 {
    fn check_remaining(&self, data_len: usize) -> Result<(), StreamCipherError> {
        match self.position.checked_add(data_len as u64) {
            Some(end) if end <= KEYSTREAM_LEN => Ok(()),
            _ => Err(StreamCipherError),
        }
    }

    fn unchecked_apply_keystream_inout(&mut self, mut buf: InOutBuf<'_, '_, u8>) {
        let rotations = Rotations::new();
        while !buf.is_empty() {
            let pass = self.position / PASS_LEN as u64;
            let offset = (self.position % PASS_LEN as u64) as usize;
            let len = buf.len().min(PASS_LEN - offset);
            let (mut head, tail) = buf.split_at(len);
            buf = tail;
            self.position += len as u64;
            if pass == 0 {
                head.xor_in2out(&self.first[offset..offset + len]);
            } else if len == PASS_LEN {
                let keystream = self.pass(pass, &rotations);
                xor(&keystream, head);
            } else {
                let mut keystream = [0; PASS_LEN];
                self.write_pass(pass, &mut keystream);
                head.xor_in2out(&keystream[offset..offset + len]);
                keystream.zeroize();
            }
        }
    }

    fn unchecked_write_keystream(&mut self, buf: &mut [u8]) {
        buf.fill(0);
        self.unchecked_apply_keystream(buf);
    }
}

impl StreamCipherSeek for ChaCha20 {
    fn try_current_pos<T: SeekNum>(&self) -> Result<T, OverflowError> {
        // As the trait counts: the block that ends at the position or after it, and how much of it is used, 1..=64.
        let used = match self.position % BLOCK_LEN as u64 {
            0 => BLOCK_LEN as u64,
            used => used,
        };
        T::from_block_byte(
            self.position.div_ceil(BLOCK_LEN as u64),
            used as u8,
            BLOCK_LEN as u8,
        )
    }

    fn try_seek<T: SeekNum>(&mut self, pos: T) -> Result<(), StreamCipherError> {
        let (block, byte) = pos
            .into_block_byte::<u32>(BLOCK_LEN as u8)
            .map_err(|_| StreamCipherError)?;
        self.position = u64::from(block) * BLOCK_LEN as u64 + u64::from(byte);
        Ok(())
    }
}

impl Drop for ChaCha20 {
    fn drop(&mut self) {
        self.key.zeroize();
        self.first.zeroize();
    }
}

impl ChaCha20 {
    /// A pass as bytes. Not inlined: it is for what is shorter than a pass, where the code's size counts more.
    #[inline(never)]
    fn write_pass(&self, pass: u64, bytes: &mut [u8; PASS_LEN]) {
        let (pieces, _) = bytes.as_chunks_mut::<16>();
        for (piece, vector) in pieces.iter_mut().zip(self.pass(pass, &Rotations::new())) {
            vector.store(piece);
        }
    }

    /// Four blocks of keystream from number `4 * pass` on, in pieces of 16 bytes.
    ///
    /// Every vector holds one word of the state for all four, so that the rounds need no shuffles between words.
    #[inline(always)]
    fn pass(&self, pass: u64, rotations: &Rotations) -> [Vector; 16] {
        let [k0, k1, k2, k3, k4, k5, k6, k7] = self.key.map(Vector::splat);
        let [n0, n1, n2] = self.nonce.map(Vector::splat);
        // "expand 32-byte k"
        let [c0, c1, c2, c3] =
            [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574].map(Vector::splat);
        let counter = Vector::splat(pass as u32 * 4).add(Vector::new([0, 1, 2, 3]));
        let state = [
            c0, c1, c2, c3, k0, k1, k2, k3, k4, k5, k6, k7, counter, n0, n1, n2,
        ];
        let mut x = state;
        for _ in 0..10 {
            quarter_round::<0, 4, 8, 12>(&mut x, rotations);
            quarter_round::<1, 5, 9, 13>(&mut x, rotations);
            quarter_round::<2, 6, 10, 14>(&mut x, rotations);
            quarter_round::<3, 7, 11, 15>(&mut x, rotations);
            quarter_round::<0, 5, 10, 15>(&mut x, rotations);
            quarter_round::<1, 6, 11, 12>(&mut x, rotations);
            quarter_round::<2, 7, 8, 13>(&mut x, rotations);
            quarter_round::<3, 4, 9, 14>(&mut x, rotations);
        }
        for (word, start) in x.iter_mut().zip(state) {
            *word = word.add(start);
        }
        let [a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p] = x;
        let [a0, a1, a2, a3] = Vector::transpose([a, b, c, d]);
        let [b0, b1, b2, b3] = Vector::transpose([e, f, g, h]);
        let [c0, c1, c2, c3] = Vector::transpose([i, j, k, l]);
        let [d0, d1, d2, d3] = Vector::transpose([m, n, o, p]);
        [
            a0, b0, c0, d0, a1, b1, c1, d1, a2, b2, c2, d2, a3, b3, c3, d3,
        ]
    }
}

/// <https://www.rfc-editor.org/rfc/rfc8439#section-2.1>, on four blocks
#[inline(always)]
fn quarter_round<const A: usize, const B: usize, const C: usize, const D: usize>(
    x: &mut [Vector; 16],
    rotations: &Rotations,
) {
    x[A] = x[A].add(x[B]);
    x[D] = x[D].xor(x[A]).rotate_16(rotations);
    x[C] = x[C].add(x[D]);
    x[B] = x[B].xor(x[C]).rotate::<12>();
    x[A] = x[A].add(x[B]);
    x[D] = x[D].xor(x[A]).rotate_8(rotations);
    x[C] = x[C].add(x[D]);
    x[B] = x[B].xor(x[C]).rotate::<7>();
}

fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    let (words, _) = bytes.as_chunks::<4>();
    core::array::from_fn(|i| u32::from_le_bytes(words[i]))
}

/// Keystream onto exactly four blocks.
#[inline(always)]
fn xor(keystream: &[Vector; 16], mut buf: InOutBuf<'_, '_, u8>) {
    for (i, vector) in keystream.iter().enumerate() {
        let (piece, _) = buf.get_in()[16 * i..]
            .split_first_chunk()
            .expect("a pass has 16 pieces");
        let mixed = vector.xor(Vector::load(piece));
        let (piece, _) = buf.get_out()[16 * i..]
            .split_first_chunk_mut()
            .expect("a pass has 16 pieces");
        mixed.store(piece);
    }
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const KEY: [u8; 32] = {
        let mut key = [0; 32];
        let mut i = 0;
        while i < 32 {
            key[i] = 7 * i as u8 + 1;
            i += 1;
        }
        key
    };
    const NONCE: [u8; 12] = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 255, 254];

    fn both() -> (ChaCha20, chacha20::ChaCha20) {
        (
            ChaCha20::new(&KEY.into(), &NONCE.into()),
            chacha20::ChaCha20::new(&KEY.into(), &NONCE.into()),
        )
    }

    /// A cycle of 251 bytes, the largest prime below 256, shows blocks that changed places.
    fn painted(len: usize) -> Vec<u8> {
        (0..251).cycle().take(len).collect()
    }

    #[test]
    fn equals_the_chacha20_crate_for_every_length() {
        for len in 0..=1100 {
            let (mut ours, mut theirs) = both();
            let (mut a, mut b) = (painted(len), painted(len));
            ours.apply_keystream(&mut a);
            theirs.apply_keystream(&mut b);
            assert_eq!(a, b, "{len} bytes");
        }
    }

    #[test]
    fn equals_the_chacha20_crate_from_every_start() {
        for start in 0..=520 {
            let (mut ours, mut theirs) = both();
            let (mut a, mut b) = (painted(700), painted(700));
            ours.seek(start);
            theirs.seek(start);
            ours.apply_keystream(&mut a);
            theirs.apply_keystream(&mut b);
            assert_eq!(a, b, "from {start}");
        }
    }

    #[test]
    fn pieces_are_the_same_as_the_whole() {
        let (mut ours, mut theirs) = both();
        let (mut a, mut b) = (painted(5000), painted(5000));
        let mut rest = a.as_mut_slice();
        for len in (1..).map(|i| i * 37 % 301) {
            let (head, tail) = rest.split_at_mut(len.min(rest.len()));
            ours.apply_keystream(head);
            rest = tail;
            if rest.is_empty() {
                break;
            }
        }
        theirs.apply_keystream(&mut b);
        assert_eq!(a, b);
    }

    #[test]
    fn unaligned_buffers_are_the_same_as_aligned_ones() {
        for shift in 0..=16 {
            let (mut ours, mut theirs) = both();
            let (mut a, mut b) = (painted(900 + shift), painted(900 + shift));
            ours.apply_keystream(&mut a[shift..]);
            theirs.apply_keystream(&mut b[shift..]);
            assert_eq!(a, b, "shifted by {shift}");
        }
    }

    #[test]
    fn the_counter_carries_through_its_bytes() {
        for block in [255u64, 65_535, 16_777_215, u64::from(u32::MAX) - 20] {
            for step in 0..4 {
                let (mut ours, mut theirs) = both();
                let (mut a, mut b) = (painted(1024), painted(1024));
                let start = (block - step) * 64;
                ours.seek(start);
                theirs.seek(start);
                ours.apply_keystream(&mut a);
                theirs.apply_keystream(&mut b);
                assert_eq!(a, b, "from block {}", block - step);
            }
        }
    }

    #[test]
    fn the_keystream_ends_before_it_repeats() {
        let (mut ours, _) = both();
        let last = u64::from(u32::MAX) * 64 - 64;
        ours.seek(last);
        let mut block = [0; 64];
        assert!(ours.try_apply_keystream(&mut block).is_ok());
        assert!(ours.try_apply_keystream(&mut block[..1]).is_err());
    }

    #[test]
    fn the_position_is_told_as_it_was_set() {
        let (mut ours, _) = both();
        for position in [0u64, 1, 63, 64, 65, 255, 256, 1 << 37] {
            ours.seek(position);
            assert_eq!(ours.current_pos::<u64>(), position);
        }
    }

    #[test]
    fn separate_buffers_give_what_one_buffer_gives() {
        let (mut ours, mut theirs) = both();
        let (source, mut target, mut b) = (painted(777), vec![0; 777], painted(777));
        ours.apply_keystream_b2b(&source, &mut target);
        theirs.apply_keystream(&mut b);
        assert_eq!(target, b);
    }

    /// <https://www.rfc-editor.org/rfc/rfc8439#section-2.4.2>
    #[test]
    fn gives_the_ciphertext_of_rfc_8439() {
        let key: [u8; 32] = core::array::from_fn(|i| i as u8);
        let nonce = [0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0];
        let mut text = *b"Ladies and Gentlemen of the class of '99: If I could offer you \
            only one tip for the future, sunscreen would be it.";
        let mut cipher = ChaCha20::new(&key.into(), &nonce.into());
        cipher.seek(64u32);
        cipher.apply_keystream(&mut text);
        assert_eq!(text[..8], 0x6e2e_359a_2568_f980_u64.to_be_bytes());
        assert_eq!(text[106..], 0x8eed_f278_5e42_874d_u64.to_be_bytes());
    }
}
