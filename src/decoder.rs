//! The decoder: bytes in, verified chunks out, each at most once and in order.
//!
//! ```text
//!        whole header         a key opens it,         16 bytes          the final chunk
//!        and its MAC          and the MAC fits                          opens
//! Header ---------> AwaitKey ---------------> Nonce --------> Payload ---------------> Done
//!   |                  |  ^ |                   |               |  ^ |                  |
//!   |                  |  +-+ not this key      |               |  +-+ a chunk opens    |
//!   v                  v                        v               v                       v
//!   misuse, an error of the data, input that ends too early or goes on too long:
//!   the first error, for ever
//! ```
//!
//! It does not know how the file key is found. It asks one of two questions, and its owner tries
//! answers until one opens the header, or gives up. Any split of the input gives the same chunks
//! and the same error.

use core::{fmt, mem, ops::Range};

use crate::{
    error::{Error, HeaderError, Misuse, Part, PayloadError},
    format::{
        ChunkSize, Format, Header, Identifier, StanzaTypes,
        parser::{Accept, HeaderParser},
    },
    keys::{FileKey, PayloadKey, WrapKey},
    memory::{STEP_LEN, allocate, scrub_stack},
    scrypt::{self, ScryptStanza, WorkFactor},
    spec::{LENGTH_LEN, MAX_HEADER_LEN, MAX_HEADER_LEN_FOR_IDENTITIES, PAYLOAD_NONCE_LEN, TAG_LEN},
    stream::{ChunkCipher, Frame, Framing, Position, fixed},
    window::Window,
};

/// What the decoder's owner can answer.
#[derive(Clone, Copy)]
pub struct Ways {
    /// The largest work factor that one of its passphrases accepts; none where it has no
    /// passphrase.
    pub max_work_factor: Option<WorkFactor>,
    /// Has it identities that look at the stanzas by themselves?
    pub outside: bool,
}

/// What the decoder asks when the header is complete.
pub enum Question {
    /// Which wrap key opens this stanza?
    Scrypt(ScryptStanza),
    /// Which file key is in these stanzas? [`Decoder::stanza_text`] has them.
    Stanzas,
}

/// What came of a wrap key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    /// It opened the stanza, and the header is authentic.
    Opened,
    /// It is another passphrase's. Nothing has changed: the next may be tried.
    NotThis,
}

/// What the decoder has to say.
#[derive(PartialEq, Eq)]
pub enum Event<'a> {
    /// Nothing until more input comes.
    NeedInput,
    /// Nothing until [`Decoder::try_wrap_key`] opens the stanza, or [`Decoder::try_file_key`] is
    /// called.
    NeedWrapKey,
    /// Nothing until [`Decoder::try_file_key`] is called.
    NeedFileKey,
    /// The plaintext of one chunk, verified.
    Chunk(&'a [u8], Position),
    /// The final chunk has been given, and nothing follows it.
    End,
}

/// Shows the length of a chunk, not what it says.
impl fmt::Debug for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeedInput => f.write_str("NeedInput"),
            Self::NeedWrapKey => f.write_str("NeedWrapKey"),
            Self::NeedFileKey => f.write_str("NeedFileKey"),
            Self::Chunk(plaintext, position) => {
                write!(f, "Chunk({} bytes, {position:?})", plaintext.len())
            }
            Self::End => f.write_str("End"),
        }
    }
}

/// Decodes one stream.
pub struct Decoder {
    accept: Accept,
    max_chunk: ChunkSize,
    ways: Ways,
    format: Option<Format>,
    header_len: Option<usize>,
    chunk_size: Option<ChunkSize>,
    stanza_types: Option<StanzaTypes>,
    window: Window,
    /// The one place that says how far the stream has come, or that it has failed.
    state: Result<State, Error>,
}

/// The states of the picture at the top, each with what it needs and no more: leaving one drops its
/// keys.
enum State {
    Header(HeaderParser),
    AwaitKey {
        header: Header,
        question: Question,
    },
    /// The key was found, and the header is authentic.
    Nonce {
        file_key: FileKey,
        identifier: Identifier,
    },
    Payload {
        cipher: ChunkCipher,
        framing: Framing,
    },
    Done,
}

/// An [`Event`] that does not borrow: where the chunk lies in the window.
enum Step {
    NeedInput,
    NeedWrapKey,
    NeedFileKey,
    Chunk(Range<usize>, Position),
    End,
}

impl Decoder {
    /// `max_chunk` is the largest chunk size to accept, and for a decoder of age alone the only
    /// one.
    pub fn new(accept: Accept, max_chunk: ChunkSize, ways: Ways) -> Self {
        let max_header_len = if ways.outside {
            MAX_HEADER_LEN_FOR_IDENTITIES
        } else {
            MAX_HEADER_LEN
        };
        Self {
            accept,
            max_chunk,
            ways,
            format: None,
            header_len: None,
            chunk_size: None,
            stanza_types: None,
            window: Window::new(),
            // A stream that could not even fail without a trap does not begin.
            state: allocate(0)
                .map(|_| State::Header(HeaderParser::new(accept, max_header_len)))
                .map_err(Error::from),
        }
    }

    /// Where further input goes: up to `len` bytes, fewer where the current part needs no more, at
    /// least one after [`Event::NeedInput`].
    ///
    /// Memory follows the bytes that arrived, never what a length field merely claims.
    ///
    /// # Errors
    /// The decoder's, if it has failed; or out of memory.
    pub fn input(&mut self, len: usize) -> Result<&mut [u8], Error> {
        let limit = self.unit_len()?.max(STEP_LEN);
        // Split in two for the borrow checker: the room is lent out only where nothing can fail any
        // more.
        match self.window.room(len, limit).map(|_| ()) {
            Ok(()) => Ok(self.window.room(len, limit)?),
            Err(error) => Err(self.fail(error.into())),
        }
    }

    /// `len` bytes were written into the room that [`Self::input`] gave.
    ///
    /// # Errors
    /// The decoder's, or what [`Self::next_event`] says.
    pub fn advance(&mut self, len: usize) -> Result<Event<'_>, Error> {
        if self.state.is_ok()
            && let Err(misuse) = self.window.advance(len)
        {
            return Err(self.fail(misuse.into()));
        }
        self.next_event()
    }

    /// The next event without new input.
    ///
    /// # Errors
    /// Of the data, once and for all.
    pub fn next_event(&mut self) -> Result<Event<'_>, Error> {
        let step = self.step();
        self.event(step)
    }

    /// The input ends here. What it still holds comes out first: call until [`Event::End`] or an
    /// error.
    ///
    /// # Errors
    /// Errors of the data are permanent. [`Misuse::KeyPending`] while a key is awaited changes
    /// nothing: the search for the key goes on.
    pub fn finish(&mut self) -> Result<Event<'_>, Error> {
        let step = match self.step() {
            Ok(Step::NeedInput) => self.end_of_input(),
            Ok(Step::NeedWrapKey | Step::NeedFileKey) => return Err(Misuse::KeyPending.into()),
            step => step,
        };
        self.event(step)
    }

    /// Opens one chunk of an age file out of order. The `len` bytes in the room of [`Self::input`]
    /// are chunk number `index`. A caller of this reads nothing in order.
    ///
    /// # Errors
    /// [`PayloadError::ChunkAuthentication`], which changes nothing: other chunks may still be
    /// whole. The decoder's, if it has failed; misuse, where it does not wait for the payload of an
    /// age file.
    pub fn open_at(&mut self, len: usize, index: u64, position: Position) -> Result<&[u8], Error> {
        let ready = self.window.is_empty() && self.window.advance(len).is_ok();
        let opened = match &mut self.state {
            Err(error) => return Err(*error),
            Ok(State::Payload { cipher, framing }) if ready && framing.format == Format::Age => {
                cipher.open_at(index, self.window.arrived_mut(), position)
            }
            Ok(_) => return Err(self.fail(Misuse::OutOfOrder.into())),
        };
        let range = self.window.consume(len);
        let text_len = opened?;
        Ok(self.window.get(range.start..range.start + text_len))
    }

    /// The next `count` chunks of an age file were opened elsewhere, all of them middle ones.
    ///
    /// # Errors
    /// The decoder's, if it has failed; misuse, where it does not wait for a whole chunk of an age
    /// file.
    pub fn skip(&mut self, count: u64) -> Result<(), Error> {
        let ready = self.window.is_empty();
        let skipped = match &mut self.state {
            Err(error) => return Err(*error),
            Ok(State::Payload { cipher, framing }) if ready && framing.format == Format::Age => {
                cipher.grant(count).map(|_| ())
            }
            Ok(_) => Err(Misuse::OutOfOrder),
        };
        skipped.map_err(|misuse| self.fail(misuse.into()))
    }

    /// The key of an age file's chunks, while they are read, for those who open some of them
    /// elsewhere.
    pub fn payload_key(&self) -> Option<&PayloadKey> {
        match &self.state {
            Ok(State::Payload { cipher, framing }) if framing.format == Format::Age => {
                Some(cipher.key())
            }
            _ => None,
        }
    }

    /// What is asked while a key is awaited.
    pub fn question(&self) -> Option<&Question> {
        match &self.state {
            Ok(State::AwaitKey { question, .. }) => Some(question),
            _ => None,
        }
    }

    /// The header's stanzas as they were received, while a key is awaited and identities look at
    /// them by themselves.
    pub fn stanza_text(&self) -> Option<&[u8]> {
        match &self.state {
            Ok(State::AwaitKey { header, .. }) if self.ways.outside => Some(header.stanza_text()),
            _ => None,
        }
    }

    /// An answer to [`Question::Scrypt`], right or not. Verifies the header MAC before any payload
    /// byte.
    ///
    /// # Errors
    /// That of the header MAC. A wrong key is none: its owner may have another, and says so by
    /// [`Self::give_up`] if not.
    pub fn try_wrap_key(&mut self, wrap_key: &WrapKey) -> Result<Tried, Error> {
        let found = match &self.state {
            Ok(State::AwaitKey {
                question: Question::Scrypt(stanza),
                ..
            }) => Ok(stanza.unwrap(wrap_key)),
            _ => Err(Misuse::OutOfOrder),
        };
        self.answered(found)
    }

    /// The answer of an identity outside, to either question. Verifies the header MAC before any
    /// payload byte.
    ///
    /// # Errors
    /// That of the header MAC, once and for all: a wrong file key is a header that was changed, or
    /// an identity's fault.
    pub fn try_file_key(&mut self, file_key: FileKey) -> Result<Tried, Error> {
        let found = if self.ways.outside {
            Ok(Some(file_key))
        } else {
            Err(Misuse::OutOfOrder)
        };
        self.answered(found)
    }

    /// Nobody has the answer: the decoder fails, with the error that this amounts to.
    pub fn give_up(&mut self) -> Error {
        let error = match &self.state {
            Ok(State::AwaitKey { header, .. }) => {
                match scrypt::select(header, self.ways.max_work_factor) {
                    Ok(Some(_)) => Error::WrongPassphrase,
                    Ok(None) => {
                        self.stanza_types = Some(StanzaTypes::of(header));
                        HeaderError::NoIdentityMatch.into()
                    }
                    Err(error) => error.into(),
                }
            }
            _ => Misuse::OutOfOrder.into(),
        };
        self.fail(error)
    }

    fn answered(&mut self, found: Result<Option<FileKey>, Misuse>) -> Result<Tried, Error> {
        let Ok(State::AwaitKey { header, .. }) = &self.state else {
            return Err(self.fail(Misuse::OutOfOrder.into()));
        };
        let file_key = match found {
            Ok(Some(file_key)) => file_key,
            Ok(None) => return Ok(Tried::NotThis),
            Err(misuse) => return Err(self.fail(misuse.into())),
        };
        if let Err(error) = file_key.verify_header_mac(header) {
            return Err(self.fail(error.into()));
        }
        let identifier = header.identifier();
        self.state = Ok(State::Nonce {
            file_key,
            identifier,
        });
        Ok(Tried::Opened)
    }

    /// The file key, from when the header was opened until the payload's nonce is there.
    pub fn file_key(&self) -> Option<&FileKey> {
        match &self.state {
            Ok(State::Nonce { file_key, .. }) => Some(file_key),
            _ => None,
        }
    }

    /// Gives the file key away, for another header of the same payload, which begins with the same
    /// identifier. From then on this decoder reads nothing.
    ///
    /// # Errors
    /// The decoder's, if it has failed; misuse before the header was opened, and once the payload's
    /// nonce is there.
    pub fn rewrap(&mut self) -> Result<(Identifier, FileKey), Error> {
        let given_away = Err(Misuse::OutOfOrder.into());
        match mem::replace(&mut self.state, given_away) {
            Ok(State::Nonce {
                file_key,
                identifier,
            }) => {
                self.window.wipe();
                Ok((identifier, file_key))
            }
            state => {
                self.state = state;
                Err(self.fail(Misuse::OutOfOrder.into()))
            }
        }
    }

    /// How many bytes to give next so that none is left over. One in the header, a whole part after
    /// it, zero once done or failed.
    pub fn wanted(&self) -> usize {
        match &self.state {
            Ok(State::Header(_)) => 1,
            Ok(State::AwaitKey { .. } | State::Nonce { .. }) => PAYLOAD_NONCE_LEN,
            Ok(State::Payload { framing, .. }) => match self.unit_len() {
                Ok(len) if len > LENGTH_LEN => len - framing.prefix_len(),
                _ => LENGTH_LEN,
            },
            Ok(State::Done) | Err(_) => 0,
        }
    }

    /// Has the final chunk been given?
    pub fn is_done(&self) -> bool {
        matches!(self.state, Ok(State::Done))
    }

    /// What the identifier said, once the header has been read.
    pub fn format(&self) -> Option<Format> {
        self.format
    }

    /// Bytes of the header, without the nonce, once it has been read.
    pub fn header_len(&self) -> Option<usize> {
        self.header_len
    }

    /// The chunk size that the header names, once it has been read.
    pub fn chunk_size(&self) -> Option<ChunkSize> {
        self.chunk_size
    }

    /// Bytes of memory held for input: at most one sealed chunk, or a step.
    pub fn buffer_len(&self) -> usize {
        self.window.capacity()
    }

    /// The error, if it has failed.
    pub fn error(&self) -> Option<&Error> {
        self.state.as_ref().err()
    }

    /// What the header has instead, where it has no stanza for whom the decoder knows.
    pub fn stanza_types(&self) -> Option<&StanzaTypes> {
        self.stanza_types.as_ref()
    }

    /// Bytes from the front of the window that belong together, as far as is known.
    fn unit_len(&self) -> Result<usize, Error> {
        match &self.state {
            Ok(State::Payload { cipher, framing }) => {
                // A bad length is for the next event to tell, after the chunks before it.
                Ok(match framing.frame(self.window.arrived(), cipher.index()) {
                    Ok(Frame::Incomplete { len }) => len,
                    Ok(Frame::Complete { .. }) | Err(_) => 0,
                })
            }
            Ok(State::Nonce { .. }) => Ok(PAYLOAD_NONCE_LEN),
            Ok(_) => Ok(0),
            Err(error) => Err(*error),
        }
    }

    fn step(&mut self) -> Result<Step, Error> {
        loop {
            let next = match self.state.as_mut().map_err(|error| *error)? {
                State::Header(parser) => {
                    let (used, header) = parser.push(self.window.arrived())?;
                    self.window.consume(used);
                    match header {
                        Some(header) => self.admit(header)?,
                        None => return Ok(Step::NeedInput),
                    }
                }
                State::AwaitKey { question, .. } => {
                    return Ok(match question {
                        Question::Scrypt(_) => Step::NeedWrapKey,
                        Question::Stanzas => Step::NeedFileKey,
                    });
                }
                State::Nonce {
                    file_key,
                    identifier,
                } => {
                    let Some((nonce, _)) = self.window.arrived().split_first_chunk() else {
                        return Ok(Step::NeedInput);
                    };
                    let cipher = ChunkCipher::new(file_key.payload_key(nonce));
                    let framing = Framing::of(*identifier);
                    self.window.consume(PAYLOAD_NONCE_LEN);
                    State::Payload { cipher, framing }
                }
                State::Payload { cipher, framing } => {
                    let frame = framing.frame(self.window.arrived(), cipher.index())?;
                    let Frame::Complete {
                        prefix_len,
                        sealed_len,
                    } = frame
                    else {
                        return Ok(Step::NeedInput);
                    };
                    self.window.consume(prefix_len);
                    let sealed = self.window.arrived_mut();
                    let (sealed, _) = sealed.split_at_mut(sealed_len);
                    let (len, position) =
                        cipher.open(sealed, &[Position::Middle, Position::Final])?;
                    return Ok(self.release(len, position));
                }
                State::Done if self.window.is_empty() => return Ok(Step::End),
                State::Done => return Err(PayloadError::TrailingData.into()),
            };
            self.state = Ok(next);
        }
    }

    /// A complete header: may it be tried? Everything cheap, before anything expensive is asked
    /// for.
    fn admit(&mut self, header: Header) -> Result<State, Error> {
        let Identifier { format, .. } = header.identifier();
        self.format = Some(format);
        self.header_len = Some(header.text_len());
        self.chunk_size = Some(header.identifier().chunk_size());
        let Ways {
            max_work_factor,
            outside,
        } = self.ways;
        let question = match scrypt::select(&header, max_work_factor) {
            Ok(Some(stanza)) => Question::Scrypt(stanza),
            // Too much for the passphrases; somebody else may know the file key without any work.
            Ok(None) | Err(HeaderError::ExcessiveWorkFactor { .. }) if outside => Question::Stanzas,
            Ok(None) => {
                self.stanza_types = Some(StanzaTypes::of(&header));
                return Err(HeaderError::NoPassphraseStanza.into());
            }
            Err(error) => return Err(error.into()),
        };
        let (size, limit) = (header.identifier().chunk_size(), self.max_chunk);
        let fits = match self.accept {
            Accept::Only(Format::Age) => size == limit,
            _ => size <= limit,
        };
        if !fits {
            let (size, limit) = (size.get(), limit.get());
            return Err(HeaderError::ChunkSizeMismatch { size, limit }.into());
        }
        Ok(State::AwaitKey { header, question })
    }

    /// The input ended where more was needed.
    fn end_of_input(&mut self) -> Result<Step, Error> {
        match self.state.as_mut().map_err(|error| *error)? {
            State::Header(parser) => Err(parser.end_of_input()),
            State::Nonce { .. } => Err(Error::Truncated(Part::Nonce)),
            State::Payload { cipher, framing } if framing.format == Format::Age => {
                let len = fixed::open_last(cipher, self.window.arrived_mut())?;
                Ok(self.release(len, Position::Final))
            }
            State::Payload { .. } => Err(Error::Truncated(Part::Payload)),
            State::AwaitKey { .. } | State::Done => Err(Misuse::OutOfOrder.into()),
        }
    }

    /// The chunk at the front of the window was opened, to `len` bytes.
    fn release(&mut self, len: usize, position: Position) -> Step {
        let range = self.window.consume(len);
        self.window.consume(TAG_LEN);
        if position == Position::Final {
            self.state = Ok(State::Done);
            scrub_stack();
        }
        Step::Chunk(range, position)
    }

    fn event(&mut self, step: Result<Step, Error>) -> Result<Event<'_>, Error> {
        match step {
            Ok(Step::NeedInput) => Ok(Event::NeedInput),
            Ok(Step::NeedWrapKey) => Ok(Event::NeedWrapKey),
            Ok(Step::NeedFileKey) => Ok(Event::NeedFileKey),
            Ok(Step::Chunk(range, position)) => Ok(Event::Chunk(self.window.get(range), position)),
            Ok(Step::End) => {
                // The last plaintext lies there still, and its owner may never free what has ended.
                self.window.wipe();
                Ok(Event::End)
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// The first error is the last: keys and whatever was not verified go with it.
    fn fail(&mut self, error: Error) -> Error {
        if let Err(first) = self.state {
            return first;
        }
        drop(mem::replace(&mut self.state, Err(error)));
        self.window.wipe();
        scrub_stack();
        error
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        self.state = Ok(State::Done);
        scrub_stack();
    }
}
