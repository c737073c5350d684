//! The encoder: header and nonce once, then chunks, sealed in place.

use alloc::vec::Vec;

use crate::{
    error::{Error, Misuse},
    format::{Format, HeaderWriter},
    keys::{FileKey, PayloadKey},
    memory::{WipedBytes, append, scrub_stack},
    spec::{PAYLOAD_NONCE_LEN, TAG_LEN},
    stream::{ChunkCipher, Framing, Position, framed},
};

/// What an encoder needs and cannot draw by itself. Never used twice: it goes in by value.
pub struct Randomness {
    /// New for each file.
    pub file_key: FileKey,
    /// New for each file.
    pub nonce: [u8; PAYLOAD_NONCE_LEN],
}

/// Another header for a payload that is there already, made with its file key.
pub fn rewrapped(header: HeaderWriter, file_key: &FileKey) -> Vec<u8> {
    let header = header.finish(|bytes| file_key.header_mac(bytes));
    scrub_stack();
    header
}

/// Encodes one stream.
pub struct Encoder {
    header: Vec<u8>,
    framing: Framing,
    buffer: WipedBytes,
    /// None once the final chunk is sealed.
    cipher: Option<ChunkCipher>,
}

impl Encoder {
    /// `header` holds a stanza for everyone who shall be able to read, made with the file key of
    /// `randomness`.
    pub fn new(header: HeaderWriter, randomness: Randomness) -> Self {
        let identifier = header.identifier();
        let Randomness { file_key, nonce } = randomness;
        let mut header = header.finish(|bytes| file_key.header_mac(bytes));
        append(&mut header, &nonce);
        let cipher = ChunkCipher::new(file_key.payload_key(&nonce));
        drop(file_key);
        scrub_stack();
        Self {
            header,
            framing: Framing::of(identifier),
            buffer: WipedBytes::new(),
            cipher: Some(cipher),
        }
    }

    /// Header and nonce, the first bytes of the stream.
    pub fn header(&self) -> &[u8] {
        &self.header
    }

    /// Where the plaintext of the next chunk goes, `len` bytes. What was written before stays when
    /// it grows.
    ///
    /// # Errors
    /// More than a chunk holds; out of memory.
    pub fn input(&mut self, len: usize) -> Result<&mut [u8], Error> {
        let chunk_len = self.framing.chunk_size.as_usize();
        if len > chunk_len {
            return Err(Misuse::ChunkTooLong.into());
        }
        let prefix_len = self.framing.prefix_len();
        let around = prefix_len + TAG_LEN;
        self.buffer.grow(around + len, around + chunk_len)?;
        Ok(self.buffer.get_mut(prefix_len..prefix_len + len))
    }

    /// Seals the first `len` bytes of the input in place; the chunk as it goes on the wire.
    ///
    /// # Errors
    /// After the final chunk, and where the format does not allow such a chunk; nothing has changed
    /// then.
    pub fn seal(&mut self, len: usize, position: Position) -> Result<&[u8], Error> {
        self.input(len)?;
        let cipher = self.cipher.as_mut().ok_or(Misuse::AlreadyFinalized)?;
        self.framing.check(len, position, cipher.index())?;

        let prefix_len = self.framing.prefix_len();
        let wire_len = prefix_len + len + TAG_LEN;
        let (prefix, sealed) = self.buffer.get_mut(0..wire_len).split_at_mut(prefix_len);
        let (text, tag) = sealed.split_last_chunk_mut().ok_or(Misuse::OutOfOrder)?;
        cipher.seal(text, tag, position)?;
        if self.framing.format == Format::AgeRt {
            prefix.copy_from_slice(&framed::length_field(len + TAG_LEN));
        }
        if position == Position::Final {
            self.cipher = None;
            scrub_stack();
        }
        Ok(self.buffer.get(0..wire_len))
    }

    /// Gives away the next `count` chunks of an age file: somebody else seals them, all of them
    /// full. The number of the first.
    ///
    /// # Errors
    /// After the final chunk, and in age-rt, whose chunks are sealed one by one.
    pub fn grant(&mut self, count: u64) -> Result<u64, Error> {
        if self.framing.format != Format::Age {
            return Err(Misuse::OutOfOrder.into());
        }
        let cipher = self.cipher.as_mut().ok_or(Misuse::AlreadyFinalized)?;
        Ok(cipher.grant(count)?)
    }

    /// The key of an age file's chunks, for those who seal what [`Self::grant`] has given away;
    /// none after the final chunk.
    pub fn payload_key(&self) -> Option<&PayloadKey> {
        self.cipher
            .as_ref()
            .filter(|_| self.framing.format == Format::Age)
            .map(ChunkCipher::key)
    }

    /// Has the final chunk been sealed?
    pub fn is_finalized(&self) -> bool {
        self.cipher.is_none()
    }
}

impl Drop for Encoder {
    fn drop(&mut self) {
        self.cipher = None;
        scrub_stack();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Identifier;

    #[test]
    fn the_buffer_is_never_larger_than_one_sealed_chunk() {
        let header = HeaderWriter::new(Identifier {
            format: Format::AgeRt,
            chunk_parameter: None,
        });
        let randomness = Randomness {
            file_key: FileKey::filled(|key| key.fill(7)),
            nonce: [7; PAYLOAD_NONCE_LEN],
        };
        let mut encoder = Encoder::new(header, randomness);
        // Twice the first is more than the limit.
        for len in [40_000, 65_536] {
            encoder.input(len).expect("it fits a chunk");
        }
        assert_eq!(encoder.buffer.len(), 4 + 65_536 + TAG_LEN);
    }
}
