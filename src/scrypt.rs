//! The scrypt stanza: a passphrase's way to the file key.
//!
//! <https://c2sp.org/age#scrypt-recipient-stanza>. The derivation itself is a function apart, which
//! the decoder never calls.

use alloc::vec::Vec;

use crate::{
    base64,
    crypto::aead::{Aead, Ahead},
    error::{HeaderError, HostError, Malformed, Misuse},
    format::{Header, HeaderWriter, Stanza, parse_decimal, push_decimal},
    keys::{FileKey, WrapKey},
    memory::scrub_stack,
    spec::{
        CHUNK_NONCE_LEN, FILE_KEY_LEN, MAX_LOG_N, MAX_WRITTEN_LOG_N, SALT_LEN, SCRYPT_LABEL,
        SCRYPT_STANZA_TYPE, TAG_LEN, WRAPPED_FILE_KEY_LEN,
    },
};

/// scrypt's log2(N), 1..=22.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkFactor(u8);

impl WorkFactor {
    /// Hardly any work.
    pub const SMALLEST: Self = Self(1);

    /// # Errors
    /// [`Misuse::WorkFactor`] outside 1..=22.
    pub fn new(log_n: u32) -> Result<Self, Misuse> {
        match u8::try_from(log_n) {
            Ok(log_n @ 1..=MAX_LOG_N) => Ok(Self(log_n)),
            _ => Err(Misuse::WorkFactor),
        }
    }

    /// One to write files with: 1..=20, which every reader takes.
    ///
    /// # Errors
    /// [`Misuse::WorkFactor`] outside of it.
    pub fn for_writing(log_n: u32) -> Result<Self, Misuse> {
        Self::new(log_n)
            .ok()
            .filter(|work_factor| work_factor.0 <= MAX_WRITTEN_LOG_N)
            .ok_or(Misuse::WorkFactor)
    }

    /// The exponent.
    pub const fn log_n(self) -> u8 {
        self.0
    }
}

pub use crate::crypto::{mixer::Mixer, scrypt::Derivation, stride::Stride};

/// The salt of a stanza.
pub type Salt = [u8; SALT_LEN];

/// A scrypt stanza that may be tried.
#[derive(Clone, Copy)]
pub struct ScryptStanza {
    /// Random, from the header.
    pub salt: Salt,
    /// Within the decoder's limit.
    pub work_factor: WorkFactor,
    body: [u8; WRAPPED_FILE_KEY_LEN],
}

/// The header's scrypt stanza, for passphrases that accept work up to `limit`; none where there is
/// no stanza, or no passphrase.
///
/// # Errors
/// The stanza is malformed, stands beside others, or asks for more than the limit.
pub fn select(
    header: &Header,
    limit: Option<WorkFactor>,
) -> Result<Option<ScryptStanza>, HeaderError> {
    let Some(stanza) = header
        .stanzas()
        .find(|stanza| stanza.stanza_type() == SCRYPT_STANZA_TYPE)
    else {
        return Ok(None);
    };
    // With a second stanza, somebody who does not know the passphrase could have made the file.
    if header.stanza_count() > 1 {
        return Err(Malformed::ScryptNotAlone.into());
    }
    let (salt, log_n, body) = parse(&stanza).ok_or(Malformed::ScryptStanza)?;
    let Some(limit) = limit else {
        return Ok(None);
    };
    match WorkFactor::new(log_n) {
        Ok(work_factor) if work_factor <= limit => Ok(Some(ScryptStanza {
            salt,
            work_factor,
            body,
        })),
        _ => Err(HeaderError::ExcessiveWorkFactor {
            log_n,
            limit: limit.log_n(),
        }),
    }
}

/// Refuses a body of any other length than 32 bytes. A longer one could wrap the key under many
/// passphrases, and so reveal which one was tried (a partitioning oracle).
fn parse(stanza: &Stanza<'_>) -> Option<(Salt, u32, [u8; WRAPPED_FILE_KEY_LEN])> {
    let mut arguments = stanza.arguments();
    let salt = base64::decode_array(arguments.next()?)?;
    let log_n = parse_decimal(arguments.next()?)?;
    let nothing_follows = arguments.next().is_none();
    nothing_follows.then_some((salt, log_n, stanza.body_array()?))
}

impl ScryptStanza {
    /// file key = ChaCha20-Poly1305(wrap key, nonce = 12 zero bytes).open(body)
    ///
    /// None where the body does not open: it is another passphrase's.
    pub fn unwrap(&self, wrap_key: &WrapKey) -> Option<FileKey> {
        let (sealed, tag) = self.body.split_at(FILE_KEY_LEN);
        let file_key = FileKey::try_filled(|file_key| {
            file_key.copy_from_slice(sealed);
            Aead::new(wrap_key.expose()).open(&NONCE, &[], file_key, tag, &mut Ahead::up_to(0))
        });
        scrub_stack();
        file_key.ok()
    }
}

/// The wrap key is used once, so its nonce can be constant.
const NONCE: [u8; CHUNK_NONCE_LEN] = [0; CHUNK_NONCE_LEN];

/// The stanza to write.
pub struct Recipient {
    /// Random, new for each file.
    pub salt: Salt,
    /// What a reader will have to spend.
    pub work_factor: WorkFactor,
}

impl Recipient {
    /// Appends the stanza.
    pub fn wrap(&self, file_key: &FileKey, wrap_key: &WrapKey, header: &mut HeaderWriter) {
        let body = seal(file_key, wrap_key);
        let mut salt = Vec::new();
        base64::encode(&self.salt, &mut salt);
        let mut log_n = Vec::new();
        push_decimal(self.work_factor.log_n().into(), &mut log_n);
        header.stanza(&[SCRYPT_STANZA_TYPE, &salt, &log_n], &body);
    }
}

/// body = ChaCha20-Poly1305(wrap key, nonce = 12 zero bytes).seal(file key)
fn seal(file_key: &FileKey, wrap_key: &WrapKey) -> [u8; WRAPPED_FILE_KEY_LEN] {
    let mut body = [0; WRAPPED_FILE_KEY_LEN];
    let (sealed, tag) = body.split_at_mut(FILE_KEY_LEN);
    sealed.copy_from_slice(file_key.expose());
    tag.copy_from_slice(&Aead::new(wrap_key.expose()).seal(&NONCE, &[], sealed));
    scrub_stack();
    body
}

/// Begins: wrap key = scrypt(passphrase, salt = "age-encryption.org/v1/scrypt" ‖ salt, N =
/// 2^`log_n`, r = 8, p = 1, 32 bytes)
///
/// # Errors
/// [`HostError::OutOfMemory`] where the memory cannot be had, not even a quarter.
pub fn start(
    passphrase: &[u8],
    salt: &Salt,
    work_factor: WorkFactor,
    stride: Stride,
) -> Result<Derivation, HostError> {
    let mut labelled_salt = [0; SCRYPT_LABEL.len() + SALT_LEN];
    let (label, rest) = labelled_salt.split_at_mut(SCRYPT_LABEL.len());
    label.copy_from_slice(SCRYPT_LABEL);
    rest.copy_from_slice(salt);
    Derivation::start(passphrase, &labelled_salt, work_factor.log_n(), stride)
}

/// The whole derivation at once, in half of the memory.
///
/// # Errors
/// [`HostError::OutOfMemory`] where the memory cannot be had.
pub fn derive(
    passphrase: &[u8],
    salt: &Salt,
    work_factor: WorkFactor,
) -> Result<WrapKey, HostError> {
    let mut derivation = start(passphrase, salt, work_factor, Stride::Two)?;
    derivation.step(u32::MAX, Mixer::Integers);
    Ok(WrapKey::filled(|key| {
        derivation.finish(passphrase, key).expect("no step is left");
    }))
}

const _: () = assert!(
    WRAPPED_FILE_KEY_LEN == FILE_KEY_LEN + TAG_LEN,
    "the body is one sealed file key"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_factor_is_1_to_22() {
        for log_n in [0, 23, 63, 257, u32::MAX] {
            assert_eq!(WorkFactor::new(log_n), Err(Misuse::WorkFactor));
        }
        assert_eq!(WorkFactor::new(22).map(WorkFactor::log_n), Ok(22));
    }

    #[test]
    fn a_wrap_key_as_openssl_derives_it() {
        let work_factor = WorkFactor::new(10).expect("1..=22");
        let key = derive(b"abcd", &[0x73; 16], work_factor).expect("memory");
        let expected = [
            0x29, 0x6c, 0x1c, 0x03, 0x40, 0x9c, 0xdb, 0xbc, 0xba, 0x8c, 0x27, 0xe2, 0xfa, 0x5c,
            0x21, 0xad, 0x7d, 0xa2, 0xbb, 0x1b, 0xce, 0xc7, 0xe4, 0x20, 0xda, 0x9d, 0x15, 0xbd,
            0x8b, 0x67, 0x20, 0x1d,
        ];
        assert_eq!(key.expose(), &expected);
    }

    #[test]
    fn what_is_wrapped_opens_under_the_same_key_only() {
        let recipient = Recipient {
            salt: [1; 16],
            work_factor: WorkFactor::SMALLEST,
        };
        let wrap_key = WrapKey::filled(|key| key.fill(2));
        let file_key = FileKey::filled(|key| key.fill(3));
        let body = seal(&file_key, &wrap_key);
        let stanza = ScryptStanza {
            salt: recipient.salt,
            work_factor: recipient.work_factor,
            body,
        };
        let opened = stanza.unwrap(&wrap_key).map(|key| *key.expose());
        assert_eq!(opened, Some([3; 16]));
        let other_key = WrapKey::filled(|key| key.fill(4));
        assert!(stanza.unwrap(&other_key).is_none());
    }
}
