//! The decoder: bytes in, verified chunks out, each at most once and in order.
//!
//! Header, `AwaitKey`, Nonce, Payload, Done, or the first error for ever. It does not know how the file key is
//! found, and any split of the input gives the same chunks and the same error.

use core::{fmt, mem, ops::Range};

use crate::{
    error::{Error, HeaderError, Misuse, Part, PayloadError},
    format::{
        ChunkSize, Format, Header, Identifier, StanzaTypes,
        parser::{Accept, HeaderParser},
    },
    keys::{FileKey, Identity},
    memory::{STEP_LEN, allocate, scrub_stack},
    spec::{LENGTH_LEN, PAYLOAD_NONCE_LEN, TAG_LEN},
    stream::{ChunkCipher, Frame, Framing, Position, fixed},
    window::Window,
};

/// What the decoder has to say.
#[derive(PartialEq, Eq)]
pub enum Event<'a> {
    /// Nothing until more input comes.
    NeedInput,
    /// Nothing until [`Decoder::provide_file_key`] is called.
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
            Self::NeedFileKey => f.write_str("NeedFileKey"),
            Self::Chunk(plaintext, position) => {
                write!(f, "Chunk({} bytes, {position:?})", plaintext.len())
            }
            Self::End => f.write_str("End"),
        }
    }
}

/// Decodes one stream.
pub struct Decoder<I: Identity> {
    accept: Accept,
    max_chunk: ChunkSize,
    identity: I,
    format: Option<Format>,
    stanza_types: Option<StanzaTypes>,
    window: Window,
    state: Result<State<I::Challenge>, Error>,
}

enum State<C> {
    Header(HeaderParser),
    AwaitKey {
        header: Header,
        challenge: C,
    },
    Nonce {
        file_key: FileKey,
        framing: Framing,
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
    NeedFileKey,
    Chunk(Range<usize>, Position),
    End,
}

impl<I: Identity> Decoder<I> {
    /// `max_chunk` is the largest chunk size to accept, and for a decoder of age alone the only one.
    pub fn new(accept: Accept, max_chunk: ChunkSize, identity: I) -> Self {
        Self {
            accept,
            max_chunk,
            identity,
            format: None,
            stanza_types: None,
            window: Window::new(),
            // A stream that could not even fail without a trap does not begin.
            state: allocate(0)
                .map(|_| State::Header(HeaderParser::new(accept)))
                .map_err(Error::from),
        }
    }

    /// Where further input goes: up to `len` bytes, fewer where the current part needs no more, at least one after [`Event::NeedInput`].
    ///
    /// Memory follows the bytes that arrived, never what a length field merely claims.
    ///
    /// # Errors
    /// The decoder's, if it has failed; or out of memory.
    pub fn input(&mut self, len: usize) -> Result<&mut [u8], Error> {
        let limit = self.unit_len()?.max(STEP_LEN);
        // Split in two for the borrow checker: the room is lent out only where nothing can fail any more.
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

    /// The input ends here. What it still holds comes out first: call until [`Event::End`] or an error.
    ///
    /// # Errors
    /// Of the data, once and for all.
    pub fn finish(&mut self) -> Result<Event<'_>, Error> {
        let step = match self.step() {
            Ok(Step::NeedInput) => self.end_of_input(),
            step => step,
        };
        self.event(step)
    }

    /// What [`Event::NeedFileKey`] asks.
    pub fn challenge(&self) -> Option<&I::Challenge> {
        match &self.state {
            Ok(State::AwaitKey { challenge, .. }) => Some(challenge),
            _ => None,
        }
    }

    /// The answer to [`Event::NeedFileKey`], right or not. Verifies the header MAC before any payload byte.
    ///
    /// # Errors
    /// That of the answer, or of the header MAC.
    pub fn provide_file_key(&mut self, answer: Result<FileKey, Error>) -> Result<(), Error> {
        let next = match &self.state {
            Err(error) => return Err(*error),
            Ok(State::AwaitKey { header, .. }) => answer.and_then(|file_key| {
                file_key.verify_header_mac(header)?;
                let Identifier { format, .. } = header.identifier();
                let chunk_size = header.identifier().chunk_size();
                Ok(State::Nonce {
                    file_key,
                    framing: Framing { format, chunk_size },
                })
            }),
            Ok(_) => Err(Misuse::OutOfOrder.into()),
        };
        match next {
            Ok(state) => {
                self.state = Ok(state);
                Ok(())
            }
            Err(error) => Err(self.fail(error)),
        }
    }

    /// How many bytes to give next so that none is left over: one in the header, a whole part after it, zero once done or failed.
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

    /// Bytes of memory held for input: at most one sealed chunk, or a step.
    pub fn buffer_len(&self) -> usize {
        self.window.capacity()
    }

    /// The error, if it has failed.
    pub fn error(&self) -> Option<&Error> {
        self.state.as_ref().err()
    }

    /// What the header has instead, where it has no stanza for the identity.
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
                State::AwaitKey { .. } => return Ok(Step::NeedFileKey),
                State::Nonce { file_key, framing } => {
                    let Some((nonce, _)) = self.window.arrived().split_first_chunk() else {
                        return Ok(Step::NeedInput);
                    };
                    let cipher = ChunkCipher::new(file_key.payload_key(nonce));
                    let framing = *framing;
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

    /// A complete header: may it be tried? Everything cheap, before anything expensive is asked for.
    fn admit(&mut self, header: Header) -> Result<State<I::Challenge>, Error> {
        let Identifier { format, .. } = header.identifier();
        self.format = Some(format);
        let selected = self.identity.select(&header);
        if let Err(Error::Header(HeaderError::NoPassphraseStanza)) = selected {
            self.stanza_types = Some(StanzaTypes::of(&header));
        }
        let challenge = selected?;
        let (size, limit) = (header.identifier().chunk_size(), self.max_chunk);
        let fits = match self.accept {
            Accept::Only(Format::Age) => size == limit,
            _ => size <= limit,
        };
        if !fits {
            let (size, limit) = (size.get(), limit.get());
            return Err(HeaderError::ChunkSizeMismatch { size, limit }.into());
        }
        Ok(State::AwaitKey { header, challenge })
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
        if self.state.is_ok() {
            drop(mem::replace(&mut self.state, Err(error)));
            self.window.wipe();
            scrub_stack();
        }
        error
    }
}

impl<I: Identity> Drop for Decoder<I> {
    fn drop(&mut self) {
        self.state = Ok(State::Done);
        scrub_stack();
    }
}
