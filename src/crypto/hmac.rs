//! HMAC-SHA-256 of its crate, compiled once: HKDF and PBKDF2 would each bring a copy of it for
//! every place that they use it at.

use hkdf::HmacImpl;
use hmac::{
    Hmac, KeyInit,
    digest::{
        FixedOutput, InvalidLength, Key, Output, OutputSizeUser, Update, common::KeySizeUser,
    },
};
use sha2::Sha256;

/// HMAC-SHA-256, wiped when dropped.
#[derive(Clone)]
pub(crate) struct HmacSha256(Hmac<Sha256>);

impl OutputSizeUser for HmacSha256 {
    type OutputSize = <Sha256 as OutputSizeUser>::OutputSize;
}

impl HmacImpl for HmacSha256 {
    #[inline(never)]
    fn new_from_slice(key: &[u8]) -> Self {
        Self(KeyInit::new_from_slice(key).expect("HMAC takes a key of any length"))
    }

    #[inline(never)]
    fn update(&mut self, data: &[u8]) {
        Update::update(&mut self.0, data);
    }

    #[inline(never)]
    fn finalize(self) -> Output<Self> {
        self.0.finalize_fixed()
    }
}

impl KeySizeUser for HmacSha256 {
    type KeySize = <Hmac<Sha256> as KeySizeUser>::KeySize;
}

impl KeyInit for HmacSha256 {
    fn new(key: &Key<Self>) -> Self {
        HmacImpl::new_from_slice(key)
    }

    fn new_from_slice(key: &[u8]) -> Result<Self, InvalidLength> {
        Ok(HmacImpl::new_from_slice(key))
    }
}

impl Update for HmacSha256 {
    fn update(&mut self, data: &[u8]) {
        HmacImpl::update(self, data);
    }
}

impl FixedOutput for HmacSha256 {
    fn finalize_into(self, out: &mut Output<Self>) {
        *out = self.finalize();
    }
}
