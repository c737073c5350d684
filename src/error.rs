//! What can go wrong, grouped by who is at fault, and the stable code of each.
//!
//! Nothing here holds a secret. Tests and callers match on the variants or on [`Code`], never on
//! text.

mod code;

use core::fmt;

pub use self::code::Code;

/// Any failure of the core. A failed decoder or encoder gives the same one for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// The header is not one that can be read here.
    Header(HeaderError),
    /// The stanza's body does not open under the derived key.
    WrongPassphrase,
    /// What follows the header was modified.
    Payload(PayloadError),
    /// The input ended before the final chunk.
    Truncated(Part),
    /// The caller broke a rule of this interface; never caused by the values of untrusted data.
    Misuse(Misuse),
    /// The host lacks something.
    Host(HostError),
}

/// Why a header is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderError {
    /// The first bytes can begin neither format.
    NotAge,
    /// An ASCII-armored file: age, but to be taken out of its armor first.
    Armored,
    /// An age file that was saved as text, in UTF-16 or with a byte order mark: a shell's
    /// redirection does that.
    Rewritten,
    /// The grammar is violated.
    Malformed(Malformed),
    /// A known prefix with another version.
    UnknownFormat,
    /// The other format, given to a decoder for one.
    WrongFormat,
    /// A valid header without a scrypt stanza.
    /// [`Decoder::stanza_types`](crate::decoder::Decoder::stanza_types) says what it has.
    NoPassphraseStanza,
    /// A valid header with no stanza for any of the identities.
    /// [`Decoder::stanza_types`](crate::decoder::Decoder::stanza_types) says what it has.
    NoIdentityMatch,
    /// scrypt's log2(N) is above the limit. Nothing has been computed.
    ExcessiveWorkFactor {
        /// What the header asks for; saturates.
        log_n: u32,
        /// The most that the decoder accepts.
        limit: u8,
    },
    /// The header's chunk size is not one that the decoder accepts.
    ChunkSizeMismatch {
        /// What the header says, or means by saying nothing.
        size: u32,
        /// The decoder's.
        limit: u32,
    },
    /// The header MAC is wrong: the header was modified.
    Mac,
}

/// Which rule of the header grammar is violated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// The first line holds bytes that no identifier may hold.
    Identifier,
    /// A parameter is unknown, repeated, malformed or out of range.
    Parameter,
    /// Neither a stanza's first line nor the MAC line.
    StanzaLine,
    /// A line of a stanza's body is too long or not canonical base64.
    StanzaBody,
    /// The MAC is not 32 bytes of canonical base64, or no stanza precedes it.
    MacLine,
    /// Longer than `MAX_HEADER_LEN`, or `MAX_HEADER_LEN_FOR_IDENTITIES`.
    TooLong,
    /// The scrypt stanza's arguments or body are not as they must be.
    ScryptStanza,
    /// A scrypt stanza must be the only one.
    ScryptNotAlone,
    /// A carriage return ends the first line: a shell's redirection does that.
    LineEnds,
}

/// Why the payload is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PayloadError {
    /// The tag of a complete chunk is wrong.
    ChunkAuthentication {
        /// Position of the chunk in the stream, from zero.
        index: u64,
    },
    /// age: what is left at the end does not open as the final chunk. Modified or cut short: they
    /// cannot be told apart.
    LastChunkAuthentication {
        /// Position of the chunk in the stream, from zero.
        index: u64,
    },
    /// age-rt: the length field is out of range.
    LengthField {
        /// Position of the chunk in the stream, from zero.
        index: u64,
        /// What the field says.
        len: u32,
        /// The most it may say.
        max: u32,
    },
    /// age: an empty final chunk after others.
    EmptyFinalChunk {
        /// Position of the chunk in the stream, from zero.
        index: u64,
    },
    /// Bytes after the final chunk.
    TrailingData,
}

/// Where the input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Before the header was complete.
    Header,
    /// In the payload's nonce.
    Nonce,
    /// Before the final chunk was complete.
    Payload,
}

/// A call that must not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Misuse {
    /// A chunk after the final one.
    AlreadyFinalized,
    /// A chunk size outside 1..=16 MiB.
    ChunkSize,
    /// A work factor outside 1..=22.
    WorkFactor,
    /// More plaintext than a chunk holds.
    ChunkTooLong,
    /// age: a chunk that is not the final one must be full.
    ChunkNotFull,
    /// age: the final chunk may be empty only if it is the first.
    EmptyFinalChunk,
    /// A call out of its order, or more bytes announced than there was room for.
    OutOfOrder,
    /// The end of the input was announced while the decoder waits for a key. Unlike any other error
    /// it changes nothing: somebody else may be deriving that key.
    KeyPending,
    /// The chunk counter is used up.
    CounterOverflow,
}

/// What the host could not give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostError {
    /// An allocation was refused.
    OutOfMemory,
    /// No secure random numbers.
    NoRandom,
}

impl Error {
    /// The one code of this error.
    pub const fn code(&self) -> Code {
        match self {
            Self::Header(error) => match error {
                HeaderError::NotAge | HeaderError::Armored | HeaderError::Rewritten => Code::NotAge,
                HeaderError::Malformed(_) => Code::InvalidHeader,
                HeaderError::UnknownFormat => Code::UnknownFormat,
                HeaderError::WrongFormat => Code::WrongFormat,
                HeaderError::NoPassphraseStanza => Code::NoPassphraseStanza,
                HeaderError::NoIdentityMatch => Code::NoIdentityMatch,
                HeaderError::ExcessiveWorkFactor { .. } => Code::ExcessiveWorkFactor,
                HeaderError::ChunkSizeMismatch { .. } => Code::ChunkSizeMismatch,
                HeaderError::Mac => Code::HeaderMac,
            },
            Self::WrongPassphrase => Code::WrongPassphrase,
            Self::Payload(error) => match error {
                PayloadError::ChunkAuthentication { .. }
                | PayloadError::LastChunkAuthentication { .. } => Code::ChunkAuthentication,
                PayloadError::LengthField { .. } | PayloadError::EmptyFinalChunk { .. } => {
                    Code::ChunkLength
                }
                PayloadError::TrailingData => Code::TrailingData,
            },
            Self::Truncated(_) => Code::Truncated,
            Self::Misuse(Misuse::AlreadyFinalized) => Code::AlreadyFinalized,
            Self::Misuse(Misuse::KeyPending) => Code::KeyPending,
            Self::Misuse(_) => Code::Internal,
            Self::Host(HostError::OutOfMemory) => Code::OutOfMemory,
            Self::Host(HostError::NoRandom) => Code::NoRandom,
        }
    }

    /// A small number that tells apart the errors of one code, for the message:
    ///
    /// 1 armored; 2, 3, 4 cut short in header, nonce, payload; 5 the last age chunk, modified or
    /// cut short; 6 a length field out of range; 7 an empty final age chunk; 8 to 15 the rules of
    /// [`Malformed`], in their order, but for 16, a file that was saved as text; 0 where there is
    /// nothing to tell.
    pub const fn reason(&self) -> u8 {
        match self {
            Self::Header(HeaderError::Armored) => 1,
            Self::Truncated(part) => match part {
                Part::Header => 2,
                Part::Nonce => 3,
                Part::Payload => 4,
            },
            Self::Payload(error) => match error {
                PayloadError::LastChunkAuthentication { .. } => 5,
                PayloadError::LengthField { .. } => 6,
                PayloadError::EmptyFinalChunk { .. } => 7,
                _ => 0,
            },
            Self::Header(HeaderError::Rewritten) => 16,
            Self::Header(HeaderError::Malformed(rule)) => match rule {
                Malformed::Identifier => 8,
                Malformed::Parameter => 9,
                Malformed::StanzaLine => 10,
                Malformed::StanzaBody => 11,
                Malformed::MacLine => 12,
                Malformed::TooLong => 13,
                Malformed::ScryptStanza => 14,
                Malformed::ScryptNotAlone => 15,
                Malformed::LineEnds => 16,
            },
            _ => 0,
        }
    }

    /// Position of the chunk at fault, from zero.
    pub const fn chunk_index(&self) -> Option<u64> {
        match self {
            Self::Payload(
                PayloadError::ChunkAuthentication { index }
                | PayloadError::LastChunkAuthentication { index }
                | PayloadError::LengthField { index, .. }
                | PayloadError::EmptyFinalChunk { index },
            ) => Some(*index),
            _ => None,
        }
    }

    /// The log2(N) that was refused.
    pub const fn work_factor(&self) -> Option<u32> {
        match self {
            Self::Header(HeaderError::ExcessiveWorkFactor { log_n, .. }) => Some(*log_n),
            _ => None,
        }
    }

    /// The size that was refused, bytes.
    pub const fn size(&self) -> Option<u32> {
        match self {
            Self::Header(HeaderError::ChunkSizeMismatch { size, .. }) => Some(*size),
            Self::Payload(PayloadError::LengthField { len, .. }) => Some(*len),
            _ => None,
        }
    }

    /// The limit that was exceeded.
    pub const fn limit(&self) -> Option<u32> {
        match self {
            Self::Header(HeaderError::ExcessiveWorkFactor { limit, .. }) => Some(*limit as u32),
            Self::Header(HeaderError::ChunkSizeMismatch { limit, .. }) => Some(*limit),
            Self::Payload(PayloadError::LengthField { max, .. }) => Some(*max),
            _ => None,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header(HeaderError::Armored) => {
                f.write_str("armored file, not taken out of its armor")
            }
            Self::Header(HeaderError::Rewritten) => f.write_str("age file, saved as text"),
            Self::Header(HeaderError::Malformed(rule)) => write!(f, "malformed header: {rule:?}"),
            Self::Header(HeaderError::ExcessiveWorkFactor { log_n, limit }) => {
                write!(f, "scrypt work factor {log_n} above the limit of {limit}")
            }
            Self::Header(HeaderError::ChunkSizeMismatch { size, limit }) => {
                write!(f, "chunk size {size} where the decoder takes {limit}")
            }
            Self::Payload(PayloadError::LengthField { index, len, max }) => {
                write!(f, "length {len} of chunk {index} is not in 16..={max}")
            }
            Self::Payload(PayloadError::EmptyFinalChunk { index }) => {
                write!(f, "final chunk {index} is empty")
            }
            Self::Payload(
                PayloadError::ChunkAuthentication { index }
                | PayloadError::LastChunkAuthentication { index },
            ) => write!(f, "authentication of chunk {index} failed"),
            Self::Truncated(part) => write!(f, "truncated: {part:?}"),
            Self::Misuse(misuse) => write!(f, "misuse: {misuse:?}"),
            other => f.write_str(other.code().as_str()),
        }
    }
}

impl core::error::Error for Error {}

macro_rules! layers {
    ($($layer:ident($inner:ty),)*) => {
        $(impl From<$inner> for Error {
            fn from(error: $inner) -> Self {
                Self::$layer(error)
            }
        })*
    };
}

layers! {
    Header(HeaderError),
    Payload(PayloadError),
    Misuse(Misuse),
    Host(HostError),
}

impl From<Malformed> for HeaderError {
    fn from(rule: Malformed) -> Self {
        Self::Malformed(rule)
    }
}

impl From<Malformed> for Error {
    fn from(rule: Malformed) -> Self {
        Self::Header(rule.into())
    }
}
