//! Incremental header parser: each byte is looked at once, however the input was cut.
//!
//! It knows the grammar of <https://c2sp.org/age#header>, strictly, and nothing of what stanzas
//! mean.

use alloc::vec::Vec;

use super::{ChunkSize, Format, Header, Identifier, MAC_LINE_LEN, parse_decimal};
use crate::{
    base64,
    error::{Error, HeaderError, HostError, Malformed, Part},
    memory::allocate,
    spec::{ARMOR_BEGIN, BODY_COLUMNS, MAC_PREFIX, STANZA_PREFIX},
};

/// Which formats a decoder takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accept {
    /// One of them.
    Only(Format),
    /// Whatever the identifier says.
    Any,
}

/// Reads one header.
pub struct HeaderParser {
    accept: Accept,
    max_len: usize,
    expect: Expect,
    stanza_count: usize,
    received: Vec<u8>,
    /// 0 <= `line_start` <= `received.len()`
    line_start: usize,
}

/// What the line being received must be.
enum Expect {
    Identifier,
    StanzaOrMac(Identifier),
    Body(Identifier),
}

impl HeaderParser {
    /// Nothing received yet; `max_len` is the most bytes that the header may have.
    pub fn new(accept: Accept, max_len: usize) -> Self {
        Self {
            accept,
            max_len,
            expect: Expect::Identifier,
            stanza_count: 0,
            received: Vec::new(),
            line_start: 0,
        }
    }

    /// Takes what belongs to the header from the front of `input`: how many bytes that was, and the
    /// header once it is complete.
    ///
    /// # Errors
    /// At the first line that cannot be; in the identifier at the first byte; out of memory.
    pub fn push(&mut self, input: &[u8]) -> Result<(usize, Option<Header>), Error> {
        let mut rest = input;
        while !rest.is_empty() {
            let line_feed = rest.iter().position(|&byte| byte == b'\n');
            let wanted = line_feed.map_or(rest.len(), |index| index + 1);
            let (piece, _) = rest.split_at(wanted.min(self.max_len - self.received.len()));
            self.keep(piece)?;
            rest = rest.get(piece.len()..).unwrap_or_default();

            self.check_unfinished_line()?;
            if piece.len() < wanted {
                return Err(Malformed::TooLong.into());
            }
            if line_feed.is_some()
                && let Some(header) = self.end_line()?
            {
                return Ok((input.len() - rest.len(), Some(header)));
            }
        }
        Ok((input.len(), None))
    }

    /// Doubles like any vector, though never beyond what a header may take.
    fn keep(&mut self, piece: &[u8]) -> Result<(), HostError> {
        let needed = self.received.len() + piece.len();
        if needed > self.received.capacity() {
            let len = (self.received.capacity() * 2).min(self.max_len).max(needed);
            self.received
                .try_reserve_exact(len - self.received.len())
                .map_err(|_| HostError::OutOfMemory)?;
            allocate(0)?;
        }
        self.received.extend_from_slice(piece);
        Ok(())
    }

    /// What is wrong already need not wait for a line feed, which a changed header may not have.
    fn check_unfinished_line(&self) -> Result<(), HeaderError> {
        let line = self.received.get(self.line_start..).unwrap_or_default();
        let text_len = line.strip_suffix(b"\n").unwrap_or(line).len();
        match self.expect {
            Expect::Identifier => check_beginning(line),
            Expect::StanzaOrMac(_) if line.starts_with(MAC_PREFIX) && text_len > MAC_LINE_LEN => {
                Err(Malformed::MacLine.into())
            }
            Expect::Body(_) if text_len > BODY_COLUMNS => Err(Malformed::StanzaBody.into()),
            _ => Ok(()),
        }
    }

    /// What it means that the input ends here.
    pub fn end_of_input(&self) -> Error {
        // What begins neither format was let through only to see whether it has a story of its own.
        if begins_format(&self.received) {
            Error::Truncated(Part::Header)
        } else {
            HeaderError::NotAge.into()
        }
    }

    fn end_line(&mut self) -> Result<Option<Header>, HeaderError> {
        let start = self.line_start;
        let end = self.received.len();
        self.line_start = end;
        let line = self.received.get(start..end - 1).unwrap_or_default();

        self.expect = match self.expect {
            Expect::Identifier => Expect::StanzaOrMac(parse_identifier(line, self.accept)?),
            Expect::StanzaOrMac(identifier) => {
                if line.starts_with(MAC_PREFIX) {
                    return self.finish(identifier, start).map(Some);
                }
                check_stanza_line(line)?;
                self.stanza_count += 1;
                Expect::Body(identifier)
            }
            Expect::Body(identifier) => {
                if !base64::is_body_line(line) {
                    return Err(Malformed::StanzaBody.into());
                }
                if line.len() == BODY_COLUMNS {
                    Expect::Body(identifier)
                } else {
                    Expect::StanzaOrMac(identifier)
                }
            }
        };
        Ok(None)
    }

    fn finish(&mut self, identifier: Identifier, start: usize) -> Result<Header, HeaderError> {
        let mac = self
            .received
            .get(start..)
            .and_then(|line| line.strip_prefix(MAC_PREFIX))
            .and_then(|line| line.strip_prefix(b" "))
            .and_then(|line| line.strip_suffix(b"\n"))
            .and_then(base64::decode_array)
            .filter(|_| self.stanza_count > 0)
            .ok_or(Malformed::MacLine)?;
        Ok(Header {
            identifier,
            stanza_count: self.stanza_count,
            bytes: core::mem::take(&mut self.received),
            mac,
        })
    }
}

/// Beginnings that have an error of their own.
const STORIES: [(&[u8], HeaderError); 4] = [
    (ARMOR_BEGIN, HeaderError::Armored),
    (b"\xff\xfea\0g\0e\0-\0e\0n\0c\0r\0", HeaderError::Rewritten),
    (b"\xfe\xff\0a\0g\0e\0-\0e\0n\0c\0r", HeaderError::Rewritten),
    (b"\xef\xbb\xbfage-encryption", HeaderError::Rewritten),
];

/// Can a file of ours begin like this?
fn check_beginning(received: &[u8]) -> Result<(), HeaderError> {
    if begins_format(received) {
        return Ok(());
    }
    match STORIES
        .iter()
        .find(|(beginning, _)| begins_like(received, beginning))
    {
        Some((beginning, _)) if received.len() < beginning.len() => Ok(()),
        Some((_, error)) => Err(*error),
        None => Err(HeaderError::NotAge),
    }
}

fn begins_format(received: &[u8]) -> bool {
    begins_like(received, Format::Age.prefix()) || begins_like(received, Format::AgeRt.prefix())
}

/// As far as both go.
fn begins_like(received: &[u8], wanted: &[u8]) -> bool {
    received
        .iter()
        .zip(wanted)
        .all(|(left, right)| left == right)
}

fn parse_identifier(line: &[u8], accept: Accept) -> Result<Identifier, HeaderError> {
    if !line.iter().all(u8::is_ascii_graphic) {
        return Err(if line.ends_with(b"\r") {
            Malformed::LineEnds.into()
        } else {
            Malformed::Identifier.into()
        });
    }
    let (name, parameters) = match line.iter().position(|&byte| byte == b'?') {
        Some(mark) => {
            let (name, parameters) = line.split_at(mark);
            (name, parameters.strip_prefix(b"?"))
        }
        None => (line, None),
    };
    let format = [Format::Age, Format::AgeRt]
        .into_iter()
        .find(|format| name.strip_prefix(format.prefix()) == Some(format.version()))
        .ok_or(HeaderError::UnknownFormat)?;
    if accept != Accept::Any && accept != Accept::Only(format) {
        return Err(HeaderError::WrongFormat);
    }
    let chunk_parameter = parameters
        .map(|parameters| parse_chunk_parameter(parameters, format).ok_or(Malformed::Parameter))
        .transpose()?;
    Ok(Identifier {
        format,
        chunk_parameter,
    })
}

/// `key=value`, once: each format knows one key, so a second parameter is unknown or repeated.
fn parse_chunk_parameter(parameters: &[u8], format: Format) -> Option<ChunkSize> {
    let value = parameters
        .strip_prefix(format.chunk_parameter())?
        .strip_prefix(b"=")?;
    ChunkSize::new(parse_decimal(value)?).ok()
}

/// `"->" 1*(SP 1*VCHAR)`
fn check_stanza_line(line: &[u8]) -> Result<(), Malformed> {
    line.strip_prefix(STANZA_PREFIX)
        .and_then(|line| line.strip_prefix(b" "))
        .filter(|line| {
            line.split(|&byte| byte == b' ')
                .all(|argument| !argument.is_empty() && argument.iter().all(u8::is_ascii_graphic))
        })
        .map(|_| ())
        .ok_or(Malformed::StanzaLine)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{format::HeaderWriter, spec::MAX_HEADER_LEN};

    /// Writes what was read, from its parts.
    fn rewritten(header: &Header) -> Vec<u8> {
        let mut writer = HeaderWriter::new(header.identifier());
        for stanza in header.stanzas() {
            let arguments = core::iter::once(stanza.stanza_type()).chain(stanza.arguments());
            writer.stanza(&arguments.collect::<Vec<_>>(), &stanza.body());
        }
        let mac = *header.mac();
        writer.finish(|authenticated| {
            assert_eq!(authenticated, header.authenticated_bytes());
            mac
        })
    }

    #[test]
    fn what_is_read_is_written_as_it_was() {
        let mac = "A".repeat(43);
        let line = "A".repeat(64);
        for begin in [
            "age-encryption.org/v1\n-> x\n\n",
            "age-encryption.org/v1?chunk=1\n-> x y z\nAAAA\n",
            "github.com/parsimonit/age-rt-encryption/v0.2?maxchunk=65536\n-> x\nAA\n",
            &format!(
                "github.com/parsimonit/age-rt-encryption/v0.2\n-> x\n{line}\n\n-> y\n{line}\nAA\n"
            ),
        ] {
            let text = format!("{begin}--- {mac}\n");
            let pushed = HeaderParser::new(Accept::Any, MAX_HEADER_LEN).push(text.as_bytes());
            let (used, header) = pushed.unwrap_or_else(|error| panic!("{error:?} in {text}"));
            assert_eq!(used, text.len());
            assert_eq!(rewritten(&header.expect("it is complete")), text.as_bytes());
        }
    }

    #[test]
    fn nothing_is_taken_after_the_header() {
        let text = format!("age-encryption.org/v1\n-> x\n\n--- {}\n", "A".repeat(43));
        let input = [text.as_bytes(), b"payload\n"].concat();
        let (used, header) = HeaderParser::new(Accept::Any, MAX_HEADER_LEN)
            .push(&input)
            .expect("it is valid");
        assert_eq!(used, text.len());
        assert!(header.is_some());
    }
}
