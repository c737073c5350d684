//! `ChaCha20-Poly1305`, <https://www.rfc-editor.org/rfc/rfc8439#section-2.8>, in place.
//!
//! ciphertext = text ^ keystream from 64 on
//!
//! mac = Poly1305(key = keystream 0..32, aad padded ‖ ciphertext padded ‖ lengths), where `lengths`
//! are those of the two, each as 64 bits, little-endian.
//!
//! We do not use the chacha20poly1305 crate because it passes over the text twice, once to encrypt
//! and once to authenticate. This module does both in one pass. Sealing authenticates the
//! ciphertext of one pass while it makes the keystream of the next. Opening makes keystream while
//! it verifies, in a buffer beside the text. The tests compare this module with that crate.

#![allow(
    clippy::indexing_slicing,
    reason = "positions in the text that the lines above have made sure of"
)]

use ctutils::CtEq;

use crate::{
    crypto::simd::{ChaCha20, PASS_LEN, Poly1305, xor},
    memory::WipedBytes,
    spec::{CHUNK_NONCE_LEN, TAG_LEN},
};

/// Bytes of keystream in the first block, of which the authenticator's key is the front and the
/// rest is not used.
const KEY_BLOCK_LEN: usize = 64;
/// Text that the keystream of the first pass is enough for.
const HEAD_LEN: usize = PASS_LEN - KEY_BLOCK_LEN;

/// A key, for any number of nonces.
pub(crate) struct Aead<'a>(&'a [u8; 32]);

/// The tag does not fit.
pub(crate) struct Forged;

/// Keystream of one chunk from [`HEAD_LEN`] on, made while the chunk is verified and put onto it
/// only then. It is kept for the next chunk as the chunk's plaintext is kept where it was opened:
/// wiped when dropped.
pub(crate) struct Ahead {
    keystream: WipedBytes,
    limit: usize,
}

impl Ahead {
    /// For at most `limit` bytes, whole passes: what is longer is decrypted once it is verified.
    pub(crate) const fn up_to(limit: usize) -> Self {
        Self {
            keystream: WipedBytes::new(),
            limit,
        }
    }

    /// Room for the keystream of `len` bytes, or of as many as the limit and the memory allow.
    fn passes(&mut self, len: usize) -> &mut [[u8; PASS_LEN]] {
        let wanted = len.next_multiple_of(PASS_LEN).min(self.limit);
        let refused = self.keystream.grow(wanted, self.limit).is_err();
        let len = if refused { 0 } else { wanted };
        self.keystream.get_mut(0..len).as_chunks_mut().0
    }
}

/// What a nonce leads to: the authenticator under its key, and the first keystream.
struct Start<'a> {
    cipher: ChaCha20<'a>,
    mac: Poly1305,
    keystream: [u8; PASS_LEN],
}

impl Drop for Start<'_> {
    fn drop(&mut self) {
        wipe(&mut self.keystream);
    }
}

impl<'a> Aead<'a> {
    pub(crate) fn new(key: &'a [u8; 32]) -> Self {
        Self(key)
    }

    /// Encrypts in place; the tag.
    pub(crate) fn seal(
        &self,
        nonce: &[u8; CHUNK_NONCE_LEN],
        aad: &[u8],
        text: &mut [u8],
    ) -> [u8; TAG_LEN] {
        let mut start = Start::new(self.0, nonce);
        start.begin(aad);
        let Start {
            cipher,
            mac,
            keystream,
        } = &mut start;
        let (head, _) = text.split_at_mut(text.len().min(HEAD_LEN));
        xor(head, &keystream[KEY_BLOCK_LEN..]);
        let (mut sealed, mut authenticated) = (head.len(), 0);
        for pass in 1.. {
            let (before, after) = text.split_at_mut(sealed);
            if after.is_empty() {
                break;
            }
            if let Some(piece) = before[authenticated..].first_chunk() {
                cipher.pass(pass, keystream, mac, piece);
                authenticated += PASS_LEN;
            } else {
                cipher.pass_alone(pass, keystream);
            }
            let len = after.len().min(PASS_LEN);
            xor(&mut after[..len], keystream);
            sealed += len;
        }
        mac.update_padded(&text[authenticated..]);
        finish(mac, aad, text)
    }

    /// Verifies, then decrypts in place: a failure leaves `text` as it was.
    pub(crate) fn open(
        &self,
        nonce: &[u8; CHUNK_NONCE_LEN],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8],
        ahead: &mut Ahead,
    ) -> Result<(), Forged> {
        let mut start = Start::new(self.0, nonce);
        start.begin(aad);
        let Start {
            cipher,
            mac,
            keystream,
        } = &mut start;
        let made = ahead.passes(text.len().saturating_sub(HEAD_LEN));
        let mut authenticated = 0;
        let mut after_those = 1;
        for (pass, keystream) in (1..).zip(made.iter_mut()) {
            if let Some(piece) = text[authenticated..].first_chunk() {
                cipher.pass(pass, keystream, mac, piece);
                authenticated += PASS_LEN;
            } else {
                cipher.pass_alone(pass, keystream);
            }
            after_those = pass + 1;
        }
        mac.update_padded(&text[authenticated..]);
        let expected = finish(mac, aad, text);
        if !expected.as_slice().ct_eq(tag).to_bool() {
            return Err(Forged);
        }

        let (head, rest) = text.split_at_mut(text.len().min(HEAD_LEN));
        xor(head, &keystream[KEY_BLOCK_LEN..]);
        let made = made.as_flattened();
        let (rest, beyond) = rest.split_at_mut(rest.len().min(made.len()));
        xor(rest, made);
        for (pass, piece) in (after_those..).zip(beyond.chunks_mut(PASS_LEN)) {
            cipher.pass_alone(pass, keystream);
            xor(piece, keystream);
        }
        Ok(())
    }
}

impl<'a> Start<'a> {
    fn new(key: &'a [u8; 32], nonce: &[u8; CHUNK_NONCE_LEN]) -> Self {
        Self {
            cipher: ChaCha20::new(key, nonce),
            mac: Poly1305::unkeyed(),
            keystream: [0; PASS_LEN],
        }
    }

    /// Keys the parts in place: returning them by value would leave a copy on the stack.
    fn begin(&mut self, aad: &[u8]) {
        self.cipher.pass_alone(0, &mut self.keystream);
        let (key, _) = self
            .keystream
            .split_first_chunk()
            .expect("a pass is longer than a key");
        self.mac.set_key(key);
        self.mac.update_padded(aad);
    }
}

/// The tag: of the lengths too, so that nothing can move between associated data and text.
fn finish(mac: &mut Poly1305, aad: &[u8], text: &[u8]) -> [u8; TAG_LEN] {
    let lengths = [aad.len(), text.len()].map(|len| (len as u64).to_le_bytes());
    mac.update_padded(lengths.as_flattened());
    mac.tag()
}

/// `zeroize` writes one byte at a time, which costs as much as sealing a short message. `black_box`
/// keeps the optimiser from dropping this fill.
fn wipe(bytes: &mut [u8; PASS_LEN]) {
    bytes.fill(0);
    core::hint::black_box(bytes);
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit, aead::inout::InOutBuf};

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    const KEY: [u8; 32] = *b"32 bytes of a key, not a good 1.";
    const NONCE: [u8; 12] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1];

    /// A cycle of 251 bytes, the largest prime below 256, shows blocks that changed places.
    fn painted(len: usize) -> Vec<u8> {
        (0..251).cycle().take(len).collect()
    }

    fn theirs(aad: &[u8], text: &mut [u8]) -> [u8; TAG_LEN] {
        ChaCha20Poly1305::new(&KEY.into())
            .encrypt_inout_detached(&NONCE.into(), aad, InOutBuf::from(text))
            .expect("a short text")
            .into()
    }

    /// Seals as their crate does, opens again, and refuses what has one bit changed, in text, tag
    /// or associated data.
    fn assert_same(aad: &[u8], text: &mut [u8], ahead: &mut Ahead) {
        let (plain, len) = (text.to_vec(), text.len());
        let mut expected = text.to_vec();
        let expected_tag = theirs(aad, &mut expected);
        let ours = Aead::new(&KEY);
        let mut tag = ours.seal(&NONCE, aad, text);
        assert_eq!((&*text, tag), (&expected[..], expected_tag), "{len} bytes");

        for bit in [0, 8 * len / 2, 8 * len + 7] {
            let (at, flip) = (bit / 8, 1 << (bit % 8));
            *text.get_mut(at).unwrap_or(&mut tag[15]) ^= flip;
            let changed = text.to_vec();
            assert!(ours.open(&NONCE, aad, text, &tag, ahead).is_err());
            assert_eq!(
                text, changed,
                "{len} bytes: a failure leaves the text as it was"
            );
            *text.get_mut(at).unwrap_or(&mut tag[15]) ^= flip;
        }
        assert!(ours.open(&NONCE, b"other", text, &tag, ahead).is_err());
        assert!(ours.open(&NONCE, aad, text, &tag, ahead).is_ok());
        assert_eq!(text, plain, "{len} bytes");
    }

    #[test]
    fn equals_the_chacha20poly1305_crate_for_every_length() {
        let mut ahead = Ahead::up_to(65_536);
        for len in 0..=1100 {
            assert_same(&[], &mut painted(len), &mut ahead);
        }
    }

    #[test]
    fn equals_the_chacha20poly1305_crate_around_the_largest_chunks() {
        for len in [65_535, 65_536, 65_537, 65_536 + 192, 65_536 + 193, 200_000] {
            assert_same(&[], &mut painted(len), &mut Ahead::up_to(65_536));
        }
    }

    #[test]
    fn equals_the_chacha20poly1305_crate_with_associated_data() {
        for len in 0..=40 {
            assert_same(
                &painted(len),
                &mut painted(7 * len),
                &mut Ahead::up_to(65_536),
            );
        }
    }

    #[test]
    fn unaligned_text_is_the_same_as_aligned_text() {
        for shift in 0..=16 {
            assert_same(
                &[],
                &mut painted(900 + shift)[shift..],
                &mut Ahead::up_to(65_536),
            );
        }
    }

    #[test]
    fn a_shorter_text_after_a_longer_one_finds_none_of_its_keystream() {
        let mut ahead = Ahead::up_to(65_536);
        for len in [5000, 300, 0, 200, 65_536, 1000] {
            assert_same(&[], &mut painted(len), &mut ahead);
        }
    }

    #[test]
    fn what_is_beyond_the_keystream_made_ahead_opens_too() {
        for limit in [0, 256, 1024, 65_536] {
            let mut ahead = Ahead::up_to(limit);
            for len in [191, 192, 193, 448, 449, 1300, 200_000] {
                assert_same(&[], &mut painted(len), &mut ahead);
            }
            assert_eq!(ahead.keystream.len(), limit);
        }
    }

    #[test]
    fn a_tag_of_another_length_opens_nothing() {
        let aead = Aead::new(&KEY);
        let mut text = *b"text";
        let tag = aead.seal(&NONCE, &[], &mut text);
        for len in 0..TAG_LEN {
            assert!(
                aead.open(
                    &NONCE,
                    &[],
                    &mut text,
                    &tag[..len],
                    &mut Ahead::up_to(65_536)
                )
                .is_err()
            );
        }
    }
}
