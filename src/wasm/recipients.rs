//! What wraps and unwraps file keys, for instances of their own. The KEMs of post-quantum
//! recipients and P-256 are in others: what they gave comes in.

#![allow(
    unreachable_pub,
    reason = "wasm-bindgen exports what is pub, and Rust needs none of it"
)]

use wasm_bindgen::prelude::wasm_bindgen;

use super::slot::{exports, random_scalar};
use crate::recipients::{
    hybrid, hybrid_tag,
    prf::{self, Results},
    ssh,
    tag::{self, Exchange},
    x25519,
};

exports! {
    /// scalar(32) → point(32)
    x25519Public x25519_public(arguments, output) {
        output.put(&x25519::public(&arguments.scalar()));
    }
    /// file key(16), point(32) → share(32), body(32)
    x25519Wrap x25519_wrap(arguments, output) {
        let file_key = arguments.file_key();
        let (share, body) = x25519::wrap(&file_key, arguments.next(), &random_scalar()?)?;
        output.put(&share);
        output.put(&body);
    }
    /// scalar(32), its point(32), share(32), body(32) → file key(16)
    x25519Unwrap x25519_unwrap(arguments, output) {
        let scalar = arguments.scalar();
        let (point, share) = (*arguments.next(), *arguments.next());
        let file_key = x25519::unwrap(&scalar, &point, &share, arguments.next())?;
        output.put(file_key.expose());
    }
    /// shared secret(32), point(32), share(32), body(32) → file key(16)
    x25519UnwrapShared x25519_unwrap_shared(arguments, output) {
        let shared = arguments.shared();
        let (point, share) = (*arguments.next(), *arguments.next());
        let file_key = x25519::unwrap_shared(&shared, &point, &share, arguments.next())?;
        output.put(file_key.expose());
    }
    /// file key(16), shared secret(32) → body(32)
    hybridSeal hybrid_seal(arguments, output) {
        let file_key = arguments.file_key();
        output.put(&hybrid::seal(&file_key, &arguments.shared()));
    }
    /// shared secret(32), body(32) → file key(16)
    hybridOpen hybrid_open(arguments, output) {
        let shared = arguments.shared();
        output.put(hybrid::open(&shared, arguments.next())?.expose());
    }
    /// file key(16), encapsulated key(1153), recipient(65), shared secret(32) → tag(4), body(32)
    hybridTagSeal hybrid_tag_seal(arguments, output) {
        let file_key = arguments.file_key();
        let (enc, recipient) = (*arguments.next(), *arguments.next());
        let (tag, body) = hybrid_tag::seal(&file_key, &enc, &recipient, &arguments.shared());
        output.put(&tag);
        output.put(&body);
    }
    /// Ed25519 public key(32) → fingerprint(4)
    sshFingerprint ssh_fingerprint(arguments, output) {
        output.put(&ssh::fingerprint(arguments.next()));
    }
    /// file key(16), Ed25519 public key(32), its point(32) → share(32), body(32)
    sshWrap ssh_wrap(arguments, output) {
        let file_key = arguments.file_key();
        let key = *arguments.next();
        let (share, body) = ssh::wrap(&file_key, &key, arguments.next(), &random_scalar()?)?;
        output.put(&share);
        output.put(&body);
    }
    /// scalar(32), its Ed25519 public key(32), share(32), body(32) → file key(16)
    sshUnwrap ssh_unwrap(arguments, output) {
        let scalar = arguments.scalar();
        let (key, share) = (*arguments.next(), *arguments.next());
        let file_key = ssh::unwrap(&scalar, &key, &share, arguments.next())?;
        output.put(file_key.expose());
    }
    /// file key(16), recipient(65), share(65), shared x(32) → tag(4), share(65), body(32)
    tagWrap tag_wrap(arguments, output) {
        let file_key = arguments.file_key();
        let (recipient, share) = (*arguments.next(), *arguments.next());
        let shared = arguments.shared();
        let exchange = Exchange { recipient: &recipient, share: &share, shared: &shared };
        let (tag, body) = tag::wrap(&file_key, &exchange);
        output.put(&tag);
        output.put(&share);
        output.put(&body);
    }
    /// results(64), file key(16) → body(32)
    prfWrap prf_wrap(arguments, output) {
        let results = Results::filled(|results| *results = *arguments.next());
        output.put(&prf::wrap(&arguments.file_key(), &results));
    }
    /// results(64), body(32) → file key(16)
    prfUnwrap prf_unwrap(arguments, output) {
        let results = Results::filled(|results| *results = *arguments.next());
        output.put(prf::unwrap(&results, arguments.next())?.expose());
    }
}
