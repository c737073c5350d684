//! age-rt v0.2: a 4-byte big-endian length, then that many bytes of ciphertext and tag.
//!
//! The length is not authenticated, so its range is checked before it is believed.

use super::Frame;
use crate::{
    error::PayloadError,
    format::ChunkSize,
    spec::{LENGTH_LEN, TAG_LEN},
};

#[expect(clippy::cast_possible_truncation, reason = "16")]
const MIN: u32 = TAG_LEN as u32;

/// The length must be in 16..=chunk size + 16.
pub(super) fn frame(
    arrived: &[u8],
    chunk_size: ChunkSize,
    index: u64,
) -> Result<Frame, PayloadError> {
    let Some((length, sealed)) = arrived.split_first_chunk::<LENGTH_LEN>() else {
        return Ok(Frame::Incomplete { len: LENGTH_LEN });
    };
    let len = u32::from_be_bytes(*length);
    let max = chunk_size.get() + MIN;
    if !(MIN..=max).contains(&len) {
        return Err(PayloadError::LengthField { index, len, max });
    }
    let sealed_len = len as usize;
    Ok(if sealed.len() < sealed_len {
        Frame::Incomplete {
            len: LENGTH_LEN + sealed_len,
        }
    } else {
        Frame::Complete {
            prefix_len: LENGTH_LEN,
            sealed_len,
        }
    })
}

/// The length field of a sealed chunk.
pub(crate) fn length_field(sealed_len: usize) -> [u8; LENGTH_LEN] {
    u32::try_from(sealed_len)
        .expect("a sealed chunk is at most 16 MiB and 16 bytes")
        .to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framed(arrived: &[u8]) -> Result<Frame, PayloadError> {
        frame(arrived, ChunkSize::new(4).expect("1..=16 MiB"), 7)
    }

    #[test]
    fn a_length_that_has_not_arrived_is_awaited() {
        for arrived in [&[][..], &[0], &[0; LENGTH_LEN - 1]] {
            assert_eq!(framed(arrived), Ok(Frame::Incomplete { len: LENGTH_LEN }));
        }
    }

    #[test]
    fn a_chunk_that_has_not_arrived_is_awaited() {
        assert_eq!(framed(&[0, 0, 0, 20, 1]), Ok(Frame::Incomplete { len: 24 }));
    }

    #[test]
    fn a_chunk_ends_where_its_length_says() {
        let arrived = [&length_field(16)[..], &[0; 17]].concat();
        let complete = Frame::Complete {
            prefix_len: LENGTH_LEN,
            sealed_len: 16,
        };
        assert_eq!(framed(&arrived), Ok(complete));
    }

    #[test]
    fn a_length_out_of_range_is_refused_at_once() {
        for len in [0, 15, 21, u32::MAX] {
            let refused = PayloadError::LengthField {
                index: 7,
                len,
                max: 20,
            };
            assert_eq!(framed(&len.to_be_bytes()), Err(refused));
        }
    }
}
