//! The KEMs of post-quantum recipients, for instances of their own. The X25519 half is here too, so
//! that no private key has to be in two of them. No file key ever comes here.

#![allow(
    unreachable_pub,
    reason = "wasm-bindgen exports what is pub, and Rust needs none of it"
)]

use wasm_bindgen::prelude::wasm_bindgen;

use super::{
    fill_random,
    slot::{exports, random_scalar},
};
use crate::recipients::{
    Failure,
    kem::{self, Expanded, Message},
    tag::Exchange,
};

exports! {
    /// seed(32) → public key(1216)
    hybridPublic hybrid_public(arguments, output) {
        output.put(&kem::public(&arguments.seed()));
    }
    /// seed(32) → expanded identity(2464)
    hybridExpand hybrid_expand(arguments, output) {
        output.put(kem::expand(&arguments.seed()).expose());
    }
    /// public key(1216) → encapsulated key(1120), shared secret(32)
    hybridEncapsulate hybrid_encapsulate(arguments, output) {
        let (enc, shared) =
            kem::encapsulate(arguments.next(), &random_message()?, &random_scalar()?)?;
        output.put(&enc);
        output.put(shared.expose());
    }
    /// expanded identity(2464), encapsulated key(1120) → shared secret(32)
    hybridDecapsulate hybrid_decapsulate(arguments, output) {
        let identity = Expanded::filled(|identity| *identity = *arguments.next());
        output.put(kem::decapsulate(&identity, arguments.next())?.expose());
    }
    /// ML-KEM key(1184), recipient(65), share(65), shared x(32) → encapsulated key(1153), shared
    /// secret(32)
    hybridTagEncapsulate hybrid_tag_encapsulate(arguments, output) {
        let lattice = *arguments.next();
        let (recipient, share) = (*arguments.next(), *arguments.next());
        let shared = arguments.shared();
        let exchange = Exchange { recipient: &recipient, share: &share, shared: &shared };
        let (enc, shared) = kem::encapsulate_tagged(&lattice, &random_message()?, &exchange)?;
        output.put(&enc);
        output.put(shared.expose());
    }
}

fn random_message() -> Result<Message, Failure> {
    Message::try_filled(|bytes| fill_random(bytes)).map_err(Failure::Host)
}
