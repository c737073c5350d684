//! Canonical unpadded base64, and its wrapping at 64 columns.
//!
//! <https://c2sp.org/age#conventions-used-in-this-document>: no padding, no line breaks, the unused
//! bits of the last character zero. A lenient decoder would make the header malleable.

use alloc::vec::Vec;

use base64ct::{Base64Unpadded, Encoding};

use crate::{memory::append, spec::BODY_COLUMNS};

/// Bytes in a full line of [`BODY_COLUMNS`] characters.
const LINE_LEN: usize = BODY_COLUMNS / 4 * 3;

/// Exactly `N` bytes, or nothing.
pub fn decode_array<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    (text.len() == encoded_len(N) && decode_line(text, &mut bytes)? == N).then_some(bytes)
}

/// Decodes one line into the front of `bytes`; how many it gave.
pub fn decode_line(text: &[u8], bytes: &mut [u8]) -> Option<usize> {
    Base64Unpadded::decode(text, bytes).ok().map(<[u8]>::len)
}

/// Is this one line of a stanza's body, at most [`BODY_COLUMNS`] characters?
pub fn is_body_line(text: &[u8]) -> bool {
    text.len() <= BODY_COLUMNS && decode_line(text, &mut [0; LINE_LEN]).is_some()
}

/// Appends the text of `bytes`.
pub fn encode(bytes: &[u8], text: &mut Vec<u8>) {
    let start = text.len();
    text.resize(start + encoded_len(bytes.len()), 0);
    if let Some(slot) = text.get_mut(start..) {
        let written = Base64Unpadded::encode(bytes, slot);
        debug_assert!(written.is_ok(), "the slot has the encoded length");
    }
}

/// Appends `bytes` as full lines and one shorter, possibly empty, line.
pub fn encode_body(bytes: &[u8], text: &mut Vec<u8>) {
    let full_lines = bytes.chunks_exact(LINE_LEN);
    let last_line = full_lines.remainder();
    for line in full_lines {
        encode(line, text);
        append(text, b"\n");
    }
    encode(last_line, text);
    append(text, b"\n");
}

/// Characters for `len` bytes: four for three, without padding.
pub const fn encoded_len(len: usize) -> usize {
    (len * 4).div_ceil(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(bytes: &[u8]) -> Vec<u8> {
        let mut text = Vec::new();
        encode(bytes, &mut text);
        text
    }

    #[test]
    fn rfc_4648_vectors_without_padding() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encoded(bytes.as_bytes()), text.as_bytes());
        }
    }

    #[test]
    fn decodes_what_it_encodes_at_every_length_of_a_line() {
        for len in 0..=LINE_LEN {
            let bytes: Vec<u8> = (0..=u8::MAX)
                .map(|i| i.wrapping_mul(37))
                .take(len)
                .collect();
            let mut decoded = [0; LINE_LEN];
            let text = encoded(&bytes);
            assert_eq!(decode_line(&text, &mut decoded), Some(len));
            assert!(decoded.starts_with(&bytes));
        }
    }

    #[test]
    fn refuses_padding() {
        assert_eq!(decode_array::<1>(b"Zg=="), None);
        assert!(!is_body_line(b"Zg=="));
    }

    #[test]
    fn refuses_unused_bits() {
        assert_eq!(decode_array::<1>(b"Zh"), None);
        assert!(!is_body_line(b"Zm9"));
    }

    #[test]
    fn refuses_a_single_character_left_over() {
        assert!(!is_body_line(b"Zm9vY"));
    }

    #[test]
    fn refuses_bytes_outside_the_alphabet() {
        for byte in 0..=u8::MAX {
            let valid = byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/';
            assert_eq!(
                is_body_line(&[byte, b'A', b'A', b'A']),
                valid,
                "{byte:#04x}"
            );
        }
    }

    #[test]
    fn an_array_has_exactly_its_length() {
        assert_eq!(decode_array::<3>(b"Zm9v"), Some(*b"foo"));
        assert_eq!(decode_array::<2>(b"Zm9v"), None);
        assert_eq!(decode_array::<4>(b"Zm9v"), None);
    }

    #[test]
    fn a_body_always_ends_in_a_short_line() {
        let lines = |len: usize| {
            let mut text = Vec::new();
            encode_body(&vec![0; len], &mut text);
            text.split(|&byte| byte == b'\n')
                .map(<[u8]>::len)
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(0), [0, 0]);
        assert_eq!(lines(47), [63, 0]);
        assert_eq!(lines(48), [64, 0, 0]);
        assert_eq!(lines(49), [64, 2, 0]);
    }
}
