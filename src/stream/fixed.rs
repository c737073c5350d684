//! age v1: every chunk but the last is full, none has a length, and the end of the input is the end
//! of the last.

use super::{ChunkCipher, Frame, Position};
use crate::{
    error::{Error, Misuse, Part, PayloadError},
    format::ChunkSize,
    spec::TAG_LEN,
};

/// A full chunk is opened as soon as it is there. Its nonce says whether it is the last, so nothing
/// has to be held back.
pub(super) fn frame(arrived: &[u8], chunk_size: ChunkSize) -> Frame {
    let len = chunk_size.as_usize() + TAG_LEN;
    if arrived.len() < len {
        Frame::Incomplete { len }
    } else {
        Frame::Complete {
            prefix_len: 0,
            sealed_len: len,
        }
    }
}

/// Opens what is left at the end of the input, which is less than a full chunk.
pub(crate) fn open_last(cipher: &mut ChunkCipher, rest: &mut [u8]) -> Result<usize, Error> {
    let index = cipher.index();
    if rest.len() < TAG_LEN {
        return Err(Error::Truncated(Part::Payload));
    }
    let (len, _) = cipher
        .open(rest, &[Position::Final])
        .map_err(|_| PayloadError::LastChunkAuthentication { index })?;
    // "the last chunk MAY be empty only if the whole payload is". The reference's iterator writes
    // such a chunk.
    if len == 0 && index > 0 {
        return Err(PayloadError::EmptyFinalChunk { index }.into());
    }
    Ok(len)
}

/// The rules for writing.
pub(super) fn check(
    len: usize,
    chunk_size: ChunkSize,
    position: Position,
    index: u64,
) -> Result<(), Misuse> {
    match position {
        Position::Middle if len < chunk_size.as_usize() => Err(Misuse::ChunkNotFull),
        Position::Final if len == 0 && index > 0 => Err(Misuse::EmptyFinalChunk),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHUNK_SIZE: ChunkSize = ChunkSize::SMALLEST;

    #[test]
    fn a_chunk_is_complete_when_it_is_full() {
        assert_eq!(frame(&[0; 16], CHUNK_SIZE), Frame::Incomplete { len: 17 });
        let complete = Frame::Complete {
            prefix_len: 0,
            sealed_len: 17,
        };
        assert_eq!(frame(&[0; 17], CHUNK_SIZE), complete);
        assert_eq!(frame(&[0; 18], CHUNK_SIZE), complete);
    }

    #[test]
    fn a_middle_chunk_is_full() {
        assert_eq!(
            check(0, CHUNK_SIZE, Position::Middle, 0),
            Err(Misuse::ChunkNotFull)
        );
        assert_eq!(check(1, CHUNK_SIZE, Position::Middle, 0), Ok(()));
    }

    #[test]
    fn a_final_chunk_is_empty_only_if_it_is_the_first() {
        assert_eq!(check(0, CHUNK_SIZE, Position::Final, 0), Ok(()));
        assert_eq!(
            check(0, CHUNK_SIZE, Position::Final, 1),
            Err(Misuse::EmptyFinalChunk)
        );
        assert_eq!(check(1, CHUNK_SIZE, Position::Final, 1), Ok(()));
    }
}
