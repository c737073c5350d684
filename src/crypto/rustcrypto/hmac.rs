//! HMAC-SHA-256 of its crate, as that crate has it.

/// HMAC-SHA-256, wiped when dropped.
pub(crate) type HmacSha256 = hmac::Hmac<sha2::Sha256>;
