//! The header: its parts, its text, and the parser in [`parser`]. No cryptography here.

pub mod parser;

use alloc::{vec, vec::Vec};
use core::iter;

use crate::{
    base64,
    error::Misuse,
    memory::append,
    spec::{
        AGE_CHUNK_PARAMETER, AGE_PREFIX, AGE_RT_CHUNK_PARAMETER, AGE_RT_PREFIX, AGE_RT_VERSION,
        AGE_VERSION, BODY_COLUMNS, CHUNK_LEN, MAC_LEN, MAC_PREFIX, MAX_CHUNK_LEN, STANZA_PREFIX,
    },
};

/// The two formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// age v1: chunks of one size, the last known by the end of the input.
    Age,
    /// age-rt v0.2: chunks with a length before each.
    AgeRt,
}

impl Format {
    const fn prefix(self) -> &'static [u8] {
        match self {
            Self::Age => AGE_PREFIX,
            Self::AgeRt => AGE_RT_PREFIX,
        }
    }

    const fn version(self) -> &'static [u8] {
        match self {
            Self::Age => AGE_VERSION,
            Self::AgeRt => AGE_RT_VERSION,
        }
    }

    const fn chunk_parameter(self) -> &'static [u8] {
        match self {
            Self::Age => AGE_CHUNK_PARAMETER,
            Self::AgeRt => AGE_RT_CHUNK_PARAMETER,
        }
    }
}

/// Plaintext bytes of a chunk, 1..=16 MiB: the size of all but the last in age, the largest in
/// age-rt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ChunkSize(u32);

impl ChunkSize {
    /// What a header without a parameter means.
    pub const STANDARD: Self = Self(CHUNK_LEN);
    /// One byte.
    pub const SMALLEST: Self = Self(1);

    /// # Errors
    /// [`Misuse::ChunkSize`] outside 1..=16 MiB.
    pub const fn new(len: u32) -> Result<Self, Misuse> {
        if len >= 1 && len <= MAX_CHUNK_LEN {
            Ok(Self(len))
        } else {
            Err(Misuse::ChunkSize)
        }
    }

    /// Bytes.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// Bytes; a `usize` has 32 bits at least on every target of this crate.
    pub const fn as_usize(self) -> usize {
        self.0 as usize
    }
}

/// The first line of a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identifier {
    /// Which format.
    pub format: Format,
    /// What the parameter says. Kept apart from the size that its absence means, so that writing
    /// what was read gives the same bytes.
    pub chunk_parameter: Option<ChunkSize>,
}

impl Identifier {
    /// The identifier to write: the parameter only where the size is not the standard one.
    pub fn new(format: Format, chunk_size: ChunkSize) -> Self {
        let chunk_parameter = (chunk_size != ChunkSize::STANDARD).then_some(chunk_size);
        Self {
            format,
            chunk_parameter,
        }
    }

    /// The chunk size that holds for the stream.
    pub fn chunk_size(&self) -> ChunkSize {
        self.chunk_parameter.unwrap_or(ChunkSize::STANDARD)
    }
}

/// A header as it was received: the MAC is taken over these bytes, not over a rewriting of them.
pub struct Header {
    identifier: Identifier,
    stanza_count: usize,
    bytes: Vec<u8>,
    mac: [u8; MAC_LEN],
}

impl Header {
    /// The first line.
    pub fn identifier(&self) -> Identifier {
        self.identifier
    }

    /// How many stanzas there are, one at least.
    pub fn stanza_count(&self) -> usize {
        self.stanza_count
    }

    /// The stanzas, in order, searched anew each time. A list of their places would make a hostile
    /// header of ten thousand stanzas cost three times the bytes that were sent.
    pub fn stanzas(&self) -> impl Iterator<Item = Stanza<'_>> {
        let mut rest = split_line(&self.bytes).map_or(&[][..], |(_, rest)| rest);
        iter::from_fn(move || {
            let (line, body) = split_line(rest)?;
            let line = line.strip_prefix(STANZA_PREFIX)?.strip_prefix(b" ")?;
            rest = body;
            let mut is_last = false;
            while !is_last {
                let (text, next) = split_line(rest)?;
                is_last = text.len() < BODY_COLUMNS;
                rest = next;
            }
            // By length: to compare what follows with itself would take a header of many stanzas a
            // time that grows with its square.
            let (body, _) = body.split_at(body.len() - rest.len());
            let body = body.strip_suffix(b"\n")?;
            Some(Stanza { line, body })
        })
    }

    /// <https://c2sp.org/age#header-mac>: every byte up to and including `---`.
    pub fn authenticated_bytes(&self) -> &[u8] {
        let covered_by_no_mac = MAC_LINE_LEN - MAC_PREFIX.len() + "\n".len();
        let len = self.bytes.len().saturating_sub(covered_by_no_mac);
        self.bytes.get(..len).unwrap_or_default()
    }

    /// The stanzas as they were received.
    pub fn stanza_text(&self) -> &[u8] {
        let text = self.authenticated_bytes();
        let text = split_line(text).map_or(&[][..], |(_, stanzas)| stanzas);
        text.strip_suffix(MAC_PREFIX).unwrap_or_default()
    }

    /// Bytes of the whole header, its last line feed included.
    pub fn text_len(&self) -> usize {
        self.bytes.len()
    }

    /// The MAC that the header claims.
    pub fn mac(&self) -> &[u8; MAC_LEN] {
        &self.mac
    }
}

/// The first line, without its line feed, and what follows.
fn split_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let len = text.iter().position(|&byte| byte == b'\n')?;
    let (line, rest) = text.split_at(len);
    Some((line, rest.strip_prefix(b"\n")?))
}

/// Characters of the last line.
const MAC_LINE_LEN: usize = MAC_PREFIX.len() + " ".len() + base64::encoded_len(MAC_LEN);

/// <https://c2sp.org/age#recipient-stanza>: one way to the file key.
#[derive(Clone, Copy)]
pub struct Stanza<'a> {
    line: &'a [u8],
    body: &'a [u8],
}

impl<'a> Stanza<'a> {
    /// The first argument, which says what the others mean.
    pub fn stanza_type(&self) -> &'a [u8] {
        self.split().next().unwrap_or_default()
    }

    /// The arguments after the type.
    pub fn arguments(&self) -> impl Iterator<Item = &'a [u8]> {
        self.split().skip(1)
    }

    /// A body of one line, if it is one and gives exactly `N` bytes.
    pub fn body_array<const N: usize>(&self) -> Option<[u8; N]> {
        base64::decode_array(self.body)
    }

    /// The whole body.
    pub fn body(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.body.len()];
        let mut len = 0;
        for line in self.body.split(|&byte| byte == b'\n') {
            let free = bytes.get_mut(len..).unwrap_or_default();
            len += base64::decode_line(line, free).unwrap_or_default();
        }
        bytes.truncate(len);
        bytes
    }

    fn split(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        self.line.split(|&byte| byte == b' ')
    }
}

/// The types of a header's stanzas, in order, as far as they fit.
pub struct StanzaTypes(Vec<u8>);

impl StanzaTypes {
    /// Limit (ours): bytes kept. They go into a message, and a header may hold thousands.
    const MAX_LEN: usize = 1024;

    /// Keeps whole types only; they hold no line feed, which therefore separates them.
    pub fn of(header: &Header) -> Self {
        let mut lines = Vec::new();
        for stanza in header.stanzas() {
            let stanza_type = stanza.stanza_type();
            if lines.len() + stanza_type.len() >= Self::MAX_LEN {
                break;
            }
            if !lines.is_empty() {
                append(&mut lines, b"\n");
            }
            append(&mut lines, stanza_type);
        }
        Self(lines)
    }

    /// ASCII, one type a line.
    pub fn as_lines(&self) -> &[u8] {
        &self.0
    }
}

/// Writes a header: the identifier first, then stanzas, then the MAC over what it has so far.
pub struct HeaderWriter {
    identifier: Identifier,
    bytes: Vec<u8>,
}

impl HeaderWriter {
    /// Begins with the identifier's line.
    pub fn new(identifier: Identifier) -> Self {
        let format = identifier.format;
        let mut bytes = Vec::new();
        append(&mut bytes, format.prefix());
        append(&mut bytes, format.version());
        if let Some(chunk_size) = identifier.chunk_parameter {
            append(&mut bytes, b"?");
            append(&mut bytes, format.chunk_parameter());
            append(&mut bytes, b"=");
            push_decimal(chunk_size.get(), &mut bytes);
        }
        append(&mut bytes, b"\n");
        Self { identifier, bytes }
    }

    /// The identifier that it began with.
    pub fn identifier(&self) -> Identifier {
        self.identifier
    }

    /// Bytes so far.
    pub fn text_len(&self) -> usize {
        self.bytes.len()
    }

    /// Appends a stanza; `arguments` begins with the type, and several may stand in one with a
    /// space between them.
    pub fn stanza(&mut self, arguments: &[&[u8]], body: &[u8]) {
        append(&mut self.bytes, STANZA_PREFIX);
        for argument in arguments {
            append(&mut self.bytes, b" ");
            append(&mut self.bytes, argument);
        }
        append(&mut self.bytes, b"\n");
        base64::encode_body(body, &mut self.bytes);
    }

    /// Ends the header with the MAC that `mac` makes of every byte up to and including `---`.
    pub fn finish(mut self, mac: impl FnOnce(&[u8]) -> [u8; MAC_LEN]) -> Vec<u8> {
        append(&mut self.bytes, MAC_PREFIX);
        let mac = mac(&self.bytes);
        append(&mut self.bytes, b" ");
        base64::encode(&mac, &mut self.bytes);
        append(&mut self.bytes, b"\n");
        self.bytes
    }
}

/// Appends a number without sign or leading zeros.
pub(crate) fn push_decimal(number: u32, text: &mut Vec<u8>) {
    if number >= 10 {
        push_decimal(number / 10, text);
    }
    append(text, &[b'0' + (number % 10) as u8]);
}

/// Decimal, no sign, no leading zero, not zero. Saturates, so that a number of any length can be
/// compared with a limit.
pub(crate) fn parse_decimal(text: &[u8]) -> Option<u32> {
    if matches!(text, [] | [b'0', ..]) {
        return None;
    }
    text.iter().try_fold(0u32, |number, &digit| {
        let digit = digit.is_ascii_digit().then(|| u32::from(digit - b'0'))?;
        Some(number.saturating_mul(10).saturating_add(digit))
    })
}
