//! <https://www.rfc-editor.org/rfc/rfc8439#section-2.4>

use super::{
    poly1305::{BLOCK_LEN as MAC_BLOCK_LEN, Poly1305},
    vector::Vector,
};

const BLOCK_LEN: usize = 64;
/// Four blocks: what one pass makes.
pub(crate) const PASS_LEN: usize = 4 * BLOCK_LEN;
/// Blocks of text that are authenticated during four of the twenty rounds; one more after the last
/// makes 16.
const MAC_BLOCKS: usize = 3;

/// The keystream of one key and nonce.
pub(crate) struct ChaCha20<'a> {
    key: &'a [u8; 32],
    nonce: [u32; 3],
}

impl<'a> ChaCha20<'a> {
    pub(crate) fn new(key: &'a [u8; 32], nonce: &[u8; 12]) -> Self {
        Self {
            key,
            nonce: words(nonce),
        }
    }

    /// Four blocks of keystream from number `4 * pass` on, and nothing authenticated.
    ///
    /// What is authenticated here is thrown away: a second copy of the rounds would weigh more than
    /// the time is worth.
    pub(crate) fn pass_alone(&self, pass: u32, keystream: &mut [u8; PASS_LEN]) {
        let mut nobody = Poly1305::unkeyed();
        self.pass(pass, keystream, &mut nobody, &[0; PASS_LEN]);
    }

    /// Four blocks of keystream from number `4 * pass` on, while `mac` takes in `text`.
    ///
    /// Every vector holds one word of the state for all four, so that the rounds need no shuffles
    /// between words.
    #[inline(never)]
    pub(crate) fn pass(
        &self,
        pass: u32,
        keystream: &mut [u8; PASS_LEN],
        mac: &mut Poly1305,
        text: &[u8; PASS_LEN],
    ) {
        let mut x = self.state(pass);
        let mut h = mac.accumulator();
        let (blocks, _) = text.as_chunks::<MAC_BLOCK_LEN>();
        let (triples, last) = blocks.as_chunks::<MAC_BLOCKS>();
        for [first, second, third] in triples {
            double_round(&mut x);
            h = mac.absorb(h, first);
            h = mac.absorb(h, second);
            double_round(&mut x);
            h = mac.absorb(h, third);
        }
        h = mac.absorb(h, &last[0]);
        mac.set_accumulator(h);
        // Made again, and out of the optimiser's sight: kept through the rounds it would take
        // sixteen registers from them.
        let state = core::hint::black_box(self).state(pass);
        store::<0>(&x, &state, keystream);
        store::<1>(&x, &state, keystream);
        store::<2>(&x, &state, keystream);
        store::<3>(&x, &state, keystream);
    }

    /// <https://www.rfc-editor.org/rfc/rfc8439#section-2.3>, of four blocks
    #[inline(always)]
    fn state(&self, pass: u32) -> [Vector; 16] {
        let [k0, k1, k2, k3, k4, k5, k6, k7] = words(self.key);
        let [n0, n1, n2] = self.nonce;
        // "expand 32-byte k"
        let [c0, c1, c2, c3] = [0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574];
        // One by one: as a loop it would go through memory, and so would the rounds.
        let v = Vector::splat;
        [
            v(c0),
            v(c1),
            v(c2),
            v(c3),
            v(k0),
            v(k1),
            v(k2),
            v(k3),
            v(k4),
            v(k5),
            v(k6),
            v(k7),
            v(pass * 4).add(Vector::new([0, 1, 2, 3])),
            v(n0),
            v(n1),
            v(n2),
        ]
    }
}

#[inline(always)]
fn double_round(x: &mut [Vector; 16]) {
    quarter_round::<0, 4, 8, 12>(x);
    quarter_round::<1, 5, 9, 13>(x);
    quarter_round::<2, 6, 10, 14>(x);
    quarter_round::<3, 7, 11, 15>(x);
    quarter_round::<0, 5, 10, 15>(x);
    quarter_round::<1, 6, 11, 12>(x);
    quarter_round::<2, 7, 8, 13>(x);
    quarter_round::<3, 4, 9, 14>(x);
}

/// <https://www.rfc-editor.org/rfc/rfc8439#section-2.1>, on four blocks
#[inline(always)]
fn quarter_round<const A: usize, const B: usize, const C: usize, const D: usize>(
    x: &mut [Vector; 16],
) {
    x[A] = x[A].add(x[B]);
    x[D] = x[D].xor(x[A]).rotate::<16>();
    x[C] = x[C].add(x[D]);
    x[B] = x[B].xor(x[C]).rotate::<12>();
    x[A] = x[A].add(x[B]);
    x[D] = x[D].xor(x[A]).rotate::<8>();
    x[C] = x[C].add(x[D]);
    x[B] = x[B].xor(x[C]).rotate::<7>();
}

/// Words 4 · ROW to 4 · ROW + 3 of each block, to where they are in it.
#[inline(always)]
fn store<const ROW: usize>(x: &[Vector; 16], state: &[Vector; 16], keystream: &mut [u8; PASS_LEN]) {
    let [a, b, c, d] = [4 * ROW, 4 * ROW + 1, 4 * ROW + 2, 4 * ROW + 3];
    let [first, second, third, fourth] = Vector::transpose([
        x[a].add(state[a]),
        x[b].add(state[b]),
        x[c].add(state[c]),
        x[d].add(state[d]),
    ]);
    let (pieces, _) = keystream.as_chunks_mut();
    first.store(&mut pieces[ROW]);
    second.store(&mut pieces[4 + ROW]);
    third.store(&mut pieces[8 + ROW]);
    fourth.store(&mut pieces[12 + ROW]);
}

/// The front of `keystream` onto `text`.
pub(crate) fn xor(text: &mut [u8], keystream: &[u8]) {
    // Text beyond it would go out as it is.
    assert!(
        text.len() <= keystream.len(),
        "a byte of keystream for each of text"
    );
    let (pieces, rest) = text.as_chunks_mut::<16>();
    let (keys, rest_of_keys) = keystream.split_at(pieces.len() * 16);
    for (piece, key) in pieces.iter_mut().zip(keys.as_chunks().0) {
        Vector::load(piece).xor(Vector::load(key)).store(piece);
    }
    for (byte, key) in rest.iter_mut().zip(rest_of_keys) {
        *byte ^= key;
    }
}

fn words<const N: usize>(bytes: &[u8]) -> [u32; N] {
    let (words, _) = bytes.as_chunks::<4>();
    core::array::from_fn(|i| u32::from_le_bytes(words[i]))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use chacha20::cipher::{KeyIvInit, StreamCipher, StreamCipherSeek};

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const NONCE: [u8; 12] = [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 255, 254];

    const KEY: [u8; 32] = *b"32 bytes of a key, not a good 1.";

    /// A cycle of 251 bytes, the largest prime below 256, shows blocks that changed places.
    fn painted() -> [u8; PASS_LEN] {
        let bytes: Vec<u8> = (0..251).cycle().take(PASS_LEN).collect();
        bytes.try_into().expect("as many as were taken")
    }

    fn theirs(pass: u32) -> [u8; PASS_LEN] {
        let mut keystream = [0; PASS_LEN];
        let mut cipher = chacha20::ChaCha20::new(&KEY.into(), &NONCE.into());
        cipher.seek(u64::from(pass) * PASS_LEN as u64);
        // Their counter ends one block before it would repeat.
        let len = if pass == u32::MAX / 4 {
            PASS_LEN - BLOCK_LEN
        } else {
            PASS_LEN
        };
        cipher.apply_keystream(&mut keystream[..len]);
        keystream
    }

    #[test]
    fn the_keystream_is_that_of_the_chacha20_crate() {
        let carries = [1 << 6, 1 << 14, 1 << 22, 1 << 30];
        for pass in (0..20).chain(carries.into_iter().flat_map(|carry| carry - 3..carry + 3)) {
            let Some(theirs) = (pass < 1 << 30).then(|| theirs(pass)) else {
                continue;
            };
            let mut keystream = [0; PASS_LEN];
            ChaCha20::new(&KEY, &NONCE).pass_alone(pass, &mut keystream);
            let known = if pass == u32::MAX / 4 {
                PASS_LEN - BLOCK_LEN
            } else {
                PASS_LEN
            };
            assert_eq!(keystream[..known], theirs[..known], "pass {pass}");
        }
    }

    #[test]
    fn a_pass_authenticates_what_it_is_given() {
        let cipher = ChaCha20::new(&KEY, &NONCE);
        let (mut keystream, text) = ([0; PASS_LEN], painted());
        let (mut fused, mut alone) = (Poly1305::unkeyed(), Poly1305::unkeyed());
        fused.set_key(&KEY);
        alone.set_key(&KEY);
        for pass in 0..3 {
            cipher.pass(pass, &mut keystream, &mut fused, &text);
            assert_eq!(keystream, theirs(pass));
            alone.update_padded(&text);
        }
        assert_eq!(fused.tag(), alone.tag());
    }

    #[test]
    fn keystream_goes_onto_every_length_from_every_start() {
        let keystream = painted().map(|byte| byte.wrapping_mul(3));
        for start in 0..=16 {
            for len in 0..=PASS_LEN - start {
                let mut text = painted();
                xor(&mut text[start..start + len], &keystream);
                for (i, byte) in text.iter().enumerate() {
                    let key = if (start..start + len).contains(&i) {
                        keystream[i - start]
                    } else {
                        0
                    };
                    assert_eq!(*byte, painted()[i] ^ key, "{len} bytes from {start}");
                }
            }
        }
    }

    #[test]
    #[cfg(not(target_arch = "wasm32"))]
    #[should_panic = "a byte of keystream for each of text"]
    fn text_without_keystream_is_refused() {
        xor(&mut [0; 17], &[0; 16]);
    }

    /// <https://www.rfc-editor.org/rfc/rfc8439#section-2.3.2>
    #[test]
    fn gives_the_block_of_rfc_8439() {
        let key: [u8; 32] = core::array::from_fn(|i| i as u8);
        let nonce = [0, 0, 0, 9, 0, 0, 0, 0x4a, 0, 0, 0, 0];
        let mut keystream = [0; PASS_LEN];
        ChaCha20::new(&key, &nonce).pass_alone(0, &mut keystream);
        let block = &keystream[BLOCK_LEN..2 * BLOCK_LEN];
        assert_eq!(block[..8], 0x10f1_e7e4_d13b_5915_u64.to_be_bytes());
        assert_eq!(block[56..], 0xcbd0_83e8_a250_3c4e_u64.to_be_bytes());
    }

    /// <https://www.rfc-editor.org/rfc/rfc8439#section-2.4.2>
    #[test]
    fn gives_the_ciphertext_of_rfc_8439() {
        let key: [u8; 32] = core::array::from_fn(|i| i as u8);
        let nonce = [0, 0, 0, 0, 0, 0, 0, 0x4a, 0, 0, 0, 0];
        let mut text = *b"Ladies and Gentlemen of the class of '99: If I could offer you \
            only one tip for the future, sunscreen would be it.";
        let mut keystream = [0; PASS_LEN];
        ChaCha20::new(&key, &nonce).pass_alone(0, &mut keystream);
        xor(&mut text, &keystream[BLOCK_LEN..]);
        assert_eq!(text[..8], 0x6e2e_359a_2568_f980_u64.to_be_bytes());
        assert_eq!(text[106..], 0x8eed_f278_5e42_874d_u64.to_be_bytes());
    }
}
