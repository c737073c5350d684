//! The codes, one list for Rust and JavaScript.

macro_rules! codes {
    ($($variant:ident = $name:literal,)*) => {
        /// The stable name of every failure, across Rust and JavaScript: the `ErrorCode` of the
        /// TypeScript side, in its order.
        ///
        /// Some are given by the JavaScript side alone; they are here so that the numbers are one
        /// list.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Code {
            $(#[doc = concat!("`", $name, "`")] $variant,)*
        }

        impl Code {
            /// All codes, in the order of their numbers.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The kebab-case name.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

codes! {
    Internal = "internal",
    NoWebassembly = "no-webassembly",
    WasmBlocked = "wasm-blocked",
    NoRandom = "no-random",
    OutOfMemory = "out-of-memory",
    NotInitialized = "not-initialized",
    AlreadyFinalized = "already-finalized",
    AlreadyDone = "already-done",
    Freed = "freed",
    SocketClosed = "socket-closed",
    SocketOverflow = "socket-overflow",
    TextFrame = "text-frame",
    UnreliableChannel = "unreliable-channel",
    TrailingData = "trailing-data",
    InvalidArmor = "invalid-armor",
    NotAge = "not-age",
    InvalidHeader = "invalid-header",
    UnknownFormat = "unknown-format",
    WrongFormat = "wrong-format",
    NoPassphraseStanza = "no-passphrase-stanza",
    ExcessiveWorkFactor = "excessive-work-factor",
    ChunkSizeMismatch = "chunk-size-mismatch",
    HeaderMac = "header-mac",
    ChunkAuthentication = "chunk-authentication",
    ChunkLength = "chunk-length",
    WrongPassphrase = "wrong-passphrase",
    Truncated = "truncated",
    WrongFeedLength = "wrong-feed-length",
    InvalidRecipient = "invalid-recipient",
    InvalidIdentity = "invalid-identity",
    IncompatibleRecipients = "incompatible-recipients",
    NoIdentityMatch = "no-identity-match",
    RangeNotSupported = "range-not-supported",
    SourceChanged = "source-changed",
    SourceFailed = "source-failed",
    NoStreams = "no-streams",
    NoPasskeys = "no-passkeys",
    NoWebcrypto = "no-webcrypto",
    InUse = "in-use",
    KeyPending = "key-pending",
    WorkerFailed = "worker-failed",
    Replayed = "replayed",
    Reflected = "reflected",
    PeerSilent = "peer-silent",
    SessionProtocol = "session-protocol",
    EmptyPassphrase = "empty-passphrase",
}
