//! The keys, and what is derived from the file key.
//!
//! A key lives once, on the heap, is filled in place, cannot be cloned or printed, and is wiped
//! when dropped.

use ctutils::CtEq;
use hkdf::{GenericHkdf, HmacImpl};

use crate::{
    crypto::hmac::HmacSha256,
    error::HeaderError,
    format::Header,
    memory::scrub_stack,
    spec::{
        FILE_KEY_LEN, HEADER_KEY_INFO, MAC_LEN, PAYLOAD_KEY_INFO, PAYLOAD_KEY_LEN,
        PAYLOAD_NONCE_LEN, WRAP_KEY_LEN,
    },
};

macro_rules! secrets {
    ($($(#[$doc:meta])* $name:ident[$len:expr],)*) => {
        $(
            $(#[$doc])*
            #[allow(unreachable_pub, reason = "some of them are of their module alone")]
            pub struct $name(alloc::boxed::Box<[u8; $len]>);

            #[allow(unreachable_pub, reason = "as above")]
            impl $name {
                /// Lets `fill` write the key where it will live.
                ///
                /// # Errors
                /// That of `fill`.
                pub fn try_filled<E>(fill: impl FnOnce(&mut [u8; $len]) -> Result<(), E>) -> Result<Self, E> {
                    let mut key = Self(alloc::boxed::Box::new([0; $len]));
                    fill(&mut key.0)?;
                    Ok(key)
                }

                /// Lets `fill` write the key where it will live.
                pub fn filled(fill: impl FnOnce(&mut [u8; $len])) -> Self {
                    let Ok(key) = Self::try_filled(|bytes| {
                        fill(bytes);
                        Ok::<_, core::convert::Infallible>(())
                    });
                    key
                }

                pub(crate) fn expose(&self) -> &[u8; $len] {
                    &self.0
                }
            }

            impl Drop for $name {
                fn drop(&mut self) {
                    zeroize::Zeroize::zeroize(&mut *self.0);
                }
            }
        )*
    };
}

#[cfg(feature = "recipients")]
pub(crate) use secrets;

secrets! {
    /// <https://c2sp.org/age#file-key>: random, one for each file.
    FileKey[FILE_KEY_LEN],
    /// What the passphrase gives; it wraps the file key.
    WrapKey[WRAP_KEY_LEN],
    /// It seals the chunks.
    PayloadKey[PAYLOAD_KEY_LEN],
    /// It authenticates the header.
    MacKey[MAC_LEN],
}

impl FileKey {
    /// <https://c2sp.org/age#header-mac>
    ///
    /// header MAC = HMAC-SHA-256(key = HKDF-SHA-256(ikm = file key, salt = empty, info = "header"),
    /// header up to and including `---`)
    pub fn header_mac(&self, header: &[u8]) -> [u8; MAC_LEN] {
        let key = MacKey::filled(|key| self.derive(&[], HEADER_KEY_INFO, key));
        let mut hmac = HmacSha256::new_from_slice(key.expose());
        hmac.update(header);
        let mac = hmac.finalize().into();
        scrub_stack();
        mac
    }

    /// Compares in constant time.
    ///
    /// # Errors
    /// [`HeaderError::Mac`] where they differ.
    pub fn verify_header_mac(&self, header: &Header) -> Result<(), HeaderError> {
        let mac = self.header_mac(header.authenticated_bytes());
        if mac.ct_eq(header.mac()).to_bool() {
            Ok(())
        } else {
            Err(HeaderError::Mac)
        }
    }

    /// <https://c2sp.org/age#payload>
    ///
    /// payload key = HKDF-SHA-256(ikm = file key, salt = nonce, info = "payload")
    pub fn payload_key(&self, nonce: &[u8; PAYLOAD_NONCE_LEN]) -> PayloadKey {
        let key = PayloadKey::filled(|key| self.derive(nonce, PAYLOAD_KEY_INFO, key));
        scrub_stack();
        key
    }

    fn derive(&self, salt: &[u8], info: &[u8], key: &mut [u8; 32]) {
        GenericHkdf::<HmacSha256>::new(Some(salt), self.expose())
            .expand(info, key)
            .expect("32 bytes are less than the 8160 that HKDF-SHA-256 can give");
    }
}

/// HKDF-SHA-256, one block.
#[cfg(feature = "recipients")]
pub(crate) fn hkdf(salt: &[u8], ikm: &[u8], info: &[u8], out: &mut [u8; 32]) {
    GenericHkdf::<HmacSha256>::new(Some(salt), ikm)
        .expand(info, out)
        .expect("32 bytes are less than the 8160 that HKDF-SHA-256 can give");
}

/// HKDF-Extract over what the parts are together.
#[cfg(feature = "recipients")]
pub(crate) fn extract(salt: &[u8], parts: &[&[u8]], prk: &mut [u8; 32]) {
    let mut hmac = HmacSha256::new_from_slice(salt);
    for part in parts {
        HmacImpl::update(&mut hmac, part);
    }
    prk.copy_from_slice(&HmacImpl::finalize(hmac));
}

/// HKDF-Expand with what the parts are together as info.
#[cfg(feature = "recipients")]
pub(crate) fn expand(prk: &[u8; 32], info: &[&[u8]], out: &mut [u8]) {
    GenericHkdf::<HmacSha256>::from_prk(prk)
        .ok()
        .and_then(|hkdf| hkdf.expand_multi_info(info, out).ok())
        .expect("a key of 32 bytes, and less than the 8160 that HKDF-SHA-256 can give");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payload_key_is_hkdf_with_the_nonce_as_salt() {
        let file_key = FileKey::filled(|key| key.fill(7));
        let mut expected = [0; 32];
        hkdf::Hkdf::<sha2::Sha256>::new(Some(&[9; 16]), &[7; 16])
            .expand(b"payload", &mut expected)
            .expect("32 bytes");
        assert_eq!(file_key.payload_key(&[9; 16]).expose(), &expected);
    }

    #[test]
    fn a_refused_key_is_no_key() {
        assert!(FileKey::try_filled(|_| Err(())).is_err());
    }
}
