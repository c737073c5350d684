//! `ChaCha20-Poly1305` of the chacha20poly1305 crate, in place.

use chacha20poly1305::{AeadInOut, ChaCha20Poly1305, KeyInit, Tag, aead::inout::InOutBuf};

use crate::{
    memory::scrub_stack,
    spec::{CHUNK_NONCE_LEN, TAG_LEN},
};

/// A key, for any number of nonces.
pub(crate) struct Aead<'a>(&'a [u8; 32]);

/// The tag does not fit.
pub(crate) struct Forged;

/// Nothing: this cipher makes its keystream where it is used.
pub(crate) struct Ahead;

impl Ahead {
    /// Any limit is kept.
    pub(crate) const fn up_to(_limit: usize) -> Self {
        Self
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
        let tag = self.seal_leaving_the_stack(nonce, aad, text);
        scrub_stack();
        tag
    }

    /// Verifies, then decrypts in place: a failure leaves `text` as it was.
    pub(crate) fn open(
        &self,
        nonce: &[u8; CHUNK_NONCE_LEN],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8],
        _ahead: &mut Ahead,
    ) -> Result<(), Forged> {
        let opened = self.open_leaving_the_stack(nonce, aad, text, tag);
        scrub_stack();
        opened
    }

    /// The crate leaves the authenticator's key where its frames were: they have to be below the
    /// caller's.
    #[inline(never)]
    fn seal_leaving_the_stack(
        &self,
        nonce: &[u8; CHUNK_NONCE_LEN],
        aad: &[u8],
        text: &mut [u8],
    ) -> [u8; TAG_LEN] {
        self.cipher()
            .encrypt_inout_detached(nonce.into(), aad, InOutBuf::from(text))
            .expect("less than 256 GiB")
            .into()
    }

    #[inline(never)]
    fn open_leaving_the_stack(
        &self,
        nonce: &[u8; CHUNK_NONCE_LEN],
        aad: &[u8],
        text: &mut [u8],
        tag: &[u8],
    ) -> Result<(), Forged> {
        let tag: &[u8; TAG_LEN] = tag.try_into().map_err(|_| Forged)?;
        self.cipher()
            .decrypt_inout_detached(nonce.into(), aad, InOutBuf::from(text), &Tag::from(*tag))
            .map_err(|_| Forged)
    }

    /// It wipes its copy of the key when it is dropped.
    fn cipher(&self) -> ChaCha20Poly1305 {
        ChaCha20Poly1305::new(self.0.into())
    }
}
