//! What wraps and unwraps file keys, for instances of their own.
//!
//! Functions with integers only, over one slot: the caller writes what a function takes, one after
//! the other, and finds there what it gives. Nothing stays between two calls. Results are 0 or more
//! for bytes in the slot, else [`NO_MATCH`] or `-16 - code`.

#![allow(
    unreachable_pub,
    reason = "wasm-bindgen exports what is pub, and Rust needs none of it"
)]

use spin::Mutex;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroize;

use super::{address, failure_code, fill_random};
use crate::{
    error::{Code, Error},
    keys::FileKey,
    memory::scrub_deep_stack,
    recipients::{
        Failure, Scalar, Seed, SharedSecret,
        hybrid::{self, Expanded, Message},
        prf::{self, Results},
        ssh,
        tag::{self, Exchange},
        x25519,
    },
};

/// No error: the stanza is for somebody else.
pub const NO_MATCH: i32 = -1;

/// The longest is what `hybridUnwrap` takes.
const SLOT_LEN: usize = 3616;

static SLOT: Mutex<[u8; SLOT_LEN]> = Mutex::new([0; SLOT_LEN]);

/// Where arguments go and results are: [`SLOT_LEN`] bytes.
#[wasm_bindgen]
pub fn slot() -> u32 {
    address(&*SLOT.lock())
}

/// Takes what was written, in order; wipes it when dropped.
struct Arguments<'a>(&'a mut [u8; SLOT_LEN], usize);

impl Arguments<'_> {
    fn next<const N: usize>(&mut self) -> &[u8; N] {
        let start = self.1;
        self.1 += N;
        self.0
            .get(start..)
            .and_then(<[u8]>::first_chunk)
            .expect("the slot is as long as the longest arguments")
    }

    fn file_key(&mut self) -> FileKey {
        FileKey::filled(|key| *key = *self.next())
    }
}

/// Runs `work` on the arguments, and leaves its parts in the slot instead of them.
///
/// Not generic: there would be a copy of it for each function.
fn run(work: &mut dyn FnMut(&mut Arguments<'_>, &mut Output) -> Result<(), Failure>) -> i32 {
    let mut slot = SLOT.lock();
    let mut output = Output([0; SLOT_LEN], 0);
    let outcome = work(&mut Arguments(&mut slot, 0), &mut output);
    // Above the frames of all that was called: the compiler puts what it inlines into theirs.
    scrub_deep_stack();
    slot.zeroize();
    let result = match outcome {
        Ok(()) => {
            *slot = output.0;
            i32::try_from(output.1).unwrap_or(failure_code(Code::Internal))
        }
        Err(Failure::NoMatch) => NO_MATCH,
        Err(Failure::InvalidRecipient) => failure_code(Code::InvalidRecipient),
        Err(Failure::InvalidStanza) => failure_code(Code::InvalidHeader),
        Err(Failure::Host(error)) => failure_code(Error::from(error).code()),
    };
    output.0.zeroize();
    result
}

/// The results, one after the other.
struct Output([u8; SLOT_LEN], usize);

impl Output {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.1 + bytes.len();
        if let Some(room) = self.0.get_mut(self.1..end) {
            room.copy_from_slice(bytes);
            self.1 = end;
        }
    }
}

macro_rules! exports {
    ($($(#[$doc:meta])* $js_name:ident $name:ident($arguments:ident, $output:ident) $work:block)*) => {
        $(
            $(#[$doc])*
            #[wasm_bindgen(js_name = $js_name)]
            pub fn $name() -> i32 {
                run(&mut |$arguments, $output| {
                    $work;
                    Ok(())
                })
            }
        )*
    };
}

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
        let shared = SharedSecret::filled(|shared| *shared = *arguments.next());
        let (point, share) = (*arguments.next(), *arguments.next());
        let file_key = x25519::unwrap_shared(&shared, &point, &share, arguments.next())?;
        output.put(file_key.expose());
    }
    /// seed(32) → public key(1216)
    hybridPublic hybrid_public(arguments, output) {
        output.put(&hybrid::public(&arguments.seed()));
    }
    /// file key(16), public key(1216) → encapsulated key(1120), body(32)
    hybridWrap hybrid_wrap(arguments, output) {
        let file_key = arguments.file_key();
        let (enc, body) =
            hybrid::wrap(&file_key, arguments.next(), &random_message()?, &random_scalar()?)?;
        output.put(&enc);
        output.put(&body);
    }
    /// seed(32) → expanded identity(2464)
    hybridExpand hybrid_expand(arguments, output) {
        output.put(hybrid::expand(&arguments.seed()).expose());
    }
    /// expanded identity(2464), encapsulated key(1120), body(32) → file key(16)
    hybridUnwrap hybrid_unwrap(arguments, output) {
        let identity = Expanded::filled(|identity| *identity = *arguments.next());
        let enc = *arguments.next();
        let file_key = hybrid::unwrap(&identity, &enc, arguments.next())?;
        output.put(file_key.expose());
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
        let shared = SharedSecret::filled(|shared| *shared = *arguments.next());
        let exchange = Exchange { recipient: &recipient, share: &share, shared: &shared };
        let (tag, body) = tag::wrap(&file_key, &exchange);
        output.put(&tag);
        output.put(&share);
        output.put(&body);
    }
    /// file key(16), ML-KEM key(1184), recipient(65), share(65), shared x(32) → tag(4),
    /// encapsulated key(1153), body(32)
    hybridTagWrap hybrid_tag_wrap(arguments, output) {
        let file_key = arguments.file_key();
        let lattice = *arguments.next();
        let (recipient, share) = (*arguments.next(), *arguments.next());
        let shared = SharedSecret::filled(|shared| *shared = *arguments.next());
        let exchange = Exchange { recipient: &recipient, share: &share, shared: &shared };
        let (tag, enc, body) = tag::wrap_hybrid(&file_key, &lattice, &random_message()?, &exchange)?;
        output.put(&tag);
        output.put(&enc);
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

impl Arguments<'_> {
    fn scalar(&mut self) -> Scalar {
        Scalar::filled(|scalar| *scalar = *self.next())
    }

    fn seed(&mut self) -> Seed {
        Seed::filled(|seed| *seed = *self.next())
    }
}

fn random_scalar() -> Result<Scalar, Failure> {
    Scalar::try_filled(|bytes| fill_random(bytes)).map_err(Failure::Host)
}

fn random_message() -> Result<Message, Failure> {
    Message::try_filled(|bytes| fill_random(bytes)).map_err(Failure::Host)
}
