//! The stanza of passkeys, `age-encryption.org/fido2prf`, as typage and age-plugin-fido2prf have
//! it: the authenticator's two results are the secret.

use super::{Body, Failure, ONCE, open, seal};
use crate::{
    keys::{FileKey, WrapKey, extract, secrets},
    memory::scrub_deep_stack,
};

secrets! {
    /// What the authenticator gave for the two inputs.
    Results[64],
}

const LABEL: &[u8] = b"age-encryption.org/fido2prf";

/// The body for a file key.
pub fn wrap(file_key: &FileKey, results: &Results) -> Body {
    seal(file_key, &wrap_key(results), &ONCE)
}

/// The file key of a body.
///
/// # Errors
/// [`Failure::NoMatch`] where the body does not open.
pub fn unwrap(results: &Results, body: &Body) -> Result<FileKey, Failure> {
    open(body, &wrap_key(results), &ONCE)
}

/// wrap key = HKDF-Extract-SHA-256(ikm = both results, salt = label)
fn wrap_key(results: &Results) -> WrapKey {
    let key = WrapKey::filled(|key| extract(LABEL, &[results.expose()], key));
    scrub_deep_stack();
    key
}
