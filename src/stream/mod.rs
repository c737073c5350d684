//! Chunks: sealing and opening in place under a counter, and where each format puts them.
//!
//! <https://c2sp.org/age#payload>. Knows nothing of headers.

pub(crate) mod fixed;
pub(crate) mod framed;

use crate::{
    crypto::aead::{Aead, Ahead},
    error::{Misuse, PayloadError},
    format::{ChunkSize, Format, Identifier},
    keys::PayloadKey,
    spec::{CHUNK_LEN, CHUNK_NONCE_LEN, FINAL_FLAG, LENGTH_LEN, TAG_LEN},
};

/// Is a chunk the last one?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Others follow.
    Middle,
    /// Nothing follows.
    Final,
}

/// Seals or opens the chunks of one stream, in order.
pub(crate) struct ChunkCipher {
    key: PayloadKey,
    ahead: Ahead,
    index: u64,
}

impl ChunkCipher {
    pub(crate) fn new(key: PayloadKey) -> Self {
        Self {
            key,
            ahead: Ahead::up_to(CHUNK_LEN as usize),
            index: 0,
        }
    }

    /// Chunks done so far.
    pub(crate) fn index(&self) -> u64 {
        self.index
    }

    /// chunk nonce = index as 11-byte big-endian ‖ flag
    fn nonce(&self, position: Position) -> [u8; CHUNK_NONCE_LEN] {
        let mut nonce = [0; CHUNK_NONCE_LEN];
        let [_, _, _, counter @ .., flag] = &mut nonce;
        *counter = self.index.to_be_bytes();
        *flag = match position {
            Position::Middle => 0,
            Position::Final => FINAL_FLAG,
        };
        nonce
    }

    /// Encrypts `text` in place and writes its tag. Never uses a nonce twice.
    pub(crate) fn seal(
        &mut self,
        text: &mut [u8],
        tag: &mut [u8; TAG_LEN],
        position: Position,
    ) -> Result<(), Misuse> {
        let next = self.index.checked_add(1).ok_or(Misuse::CounterOverflow)?;
        *tag = Aead::new(self.key.expose()).seal(&self.nonce(position), &[], text);
        self.index = next;
        Ok(())
    }

    /// Opens `sealed` in place at one of `positions`: which, and how many bytes of plaintext are at
    /// its front.
    pub(crate) fn open(
        &mut self,
        sealed: &mut [u8],
        positions: &[Position],
    ) -> Result<(usize, Position), PayloadError> {
        let forged = PayloadError::ChunkAuthentication { index: self.index };
        let len = sealed.len().checked_sub(TAG_LEN).ok_or(forged)?;
        let (text, tag) = sealed.split_at_mut(len);
        // 2^64 chunks cannot be received; refusing beats reusing a counter.
        let next = self.index.checked_add(1).ok_or(forged)?;
        for &position in positions {
            let nonce = self.nonce(position);
            if Aead::new(self.key.expose())
                .open(&nonce, &[], text, tag, &mut self.ahead)
                .is_ok()
            {
                self.index = next;
                return Ok((len, position));
            }
        }
        Err(forged)
    }
}

impl ChunkCipher {
    /// Opens chunk number `index` of the stream, whichever was opened before it. The place in the
    /// stream does not move.
    pub(crate) fn open_at(
        &mut self,
        index: u64,
        sealed: &mut [u8],
        position: Position,
    ) -> Result<usize, PayloadError> {
        let next = core::mem::replace(&mut self.index, index);
        let opened = self.open(sealed, &[position]);
        self.index = next;
        opened.map(|(len, _)| len)
    }
}

/// For chunks that are sealed or opened elsewhere, by a holder of the same key.
impl ChunkCipher {
    /// The key, for those who seal or open in this one's place.
    pub(crate) fn key(&self) -> &PayloadKey {
        &self.key
    }

    /// Gives away the next `count` numbers: what was given is used neither here nor given again.
    /// The first of them.
    pub(crate) fn grant(&mut self, count: u64) -> Result<u64, Misuse> {
        let first = self.index;
        self.index = first.checked_add(count).ok_or(Misuse::CounterOverflow)?;
        Ok(first)
    }

    /// Passes on to chunk number `index`. Never back: a number that was used, or passed, is
    /// refused.
    // Only a worker's exports pass on: the native library would find it unused.
    #[cfg(any(test, all(target_arch = "wasm32", feature = "module-files")))]
    pub(crate) fn forward_to(&mut self, index: u64) -> Result<(), Misuse> {
        let passed = index.checked_sub(self.index).ok_or(Misuse::OutOfOrder)?;
        self.grant(passed).map(|_| ())
    }
}

/// How the chunks of a stream lie on the wire.
#[derive(Clone, Copy)]
pub(crate) struct Framing {
    pub(crate) format: Format,
    pub(crate) chunk_size: ChunkSize,
}

impl Framing {
    /// What a header says of it.
    pub(crate) fn of(identifier: Identifier) -> Self {
        Self {
            format: identifier.format,
            chunk_size: identifier.chunk_size(),
        }
    }
}

/// The next sealed chunk, as far as what has arrived tells.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// `len` bytes are needed, counted from the same place, to know more.
    Incomplete { len: usize },
    /// After `prefix_len` bytes lies a sealed chunk of `sealed_len`.
    Complete {
        prefix_len: usize,
        sealed_len: usize,
    },
}

impl Framing {
    /// Bytes before a sealed chunk.
    pub(crate) const fn prefix_len(self) -> usize {
        match self.format {
            Format::Age => 0,
            Format::AgeRt => LENGTH_LEN,
        }
    }

    /// Finds the next chunk, number `index`, at the front of `arrived`.
    pub(crate) fn frame(self, arrived: &[u8], index: u64) -> Result<Frame, PayloadError> {
        match self.format {
            Format::Age => Ok(fixed::frame(arrived, self.chunk_size)),
            Format::AgeRt => framed::frame(arrived, self.chunk_size, index),
        }
    }

    /// May chunk number `index` hold `len` bytes of plaintext?
    pub(crate) fn check(self, len: usize, position: Position, index: u64) -> Result<(), Misuse> {
        if len > self.chunk_size.as_usize() {
            return Err(Misuse::ChunkTooLong);
        }
        match self.format {
            Format::Age => fixed::check(len, self.chunk_size, position, index),
            Format::AgeRt => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher() -> ChunkCipher {
        ChunkCipher::new(PayloadKey::filled(|key| key.fill(7)))
    }

    fn sealed(cipher: &mut ChunkCipher, text: &[u8], position: Position) -> Vec<u8> {
        let mut sealed = text.to_vec();
        let mut tag = [0; TAG_LEN];
        cipher
            .seal(&mut sealed, &mut tag, position)
            .expect("the counter is not used up");
        sealed.extend_from_slice(&tag);
        sealed
    }

    #[test]
    fn the_nonce_is_an_11_byte_counter_and_the_flag() {
        let mut cipher = cipher();
        cipher.index = 0x0102_0304;
        assert_eq!(
            cipher.nonce(Position::Middle),
            [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 0]
        );
        assert_eq!(
            cipher.nonce(Position::Final),
            [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 1]
        );
    }

    #[test]
    fn a_chunk_opens_at_its_position_only() {
        for (at, tried) in [
            (Position::Middle, Position::Final),
            (Position::Final, Position::Middle),
        ] {
            let mut chunk = sealed(&mut cipher(), b"text", at);
            let forged = PayloadError::ChunkAuthentication { index: 0 };
            assert_eq!(cipher().open(&mut chunk, &[tried]), Err(forged));
            assert_eq!(cipher().open(&mut chunk, &[tried, at]), Ok((4, at)));
            assert!(chunk.starts_with(b"text"));
        }
    }

    #[test]
    fn a_chunk_that_does_not_open_is_left_as_it_was() {
        let mut chunk = sealed(&mut cipher(), b"text", Position::Middle);
        let before = chunk.clone();
        let mut cipher = cipher();
        assert!(cipher.open(&mut chunk, &[Position::Final]).is_err());
        assert_eq!(chunk, before);
        assert_eq!(cipher.index(), 0);
    }

    #[test]
    fn a_chunk_opens_out_of_order_under_its_own_number_only() {
        let mut writer = cipher();
        let mut chunks: Vec<_> = (0..3)
            .map(|_| sealed(&mut writer, b"text", Position::Middle))
            .collect();
        let mut reader = cipher();
        for index in [2, 0, 1] {
            let chunk = chunks.get_mut(index).expect("there are three");
            let at = u64::try_from(index).expect("it is small");
            let forged = PayloadError::ChunkAuthentication { index: at + 1 };
            let wrong = reader.open_at(at + 1, chunk, Position::Middle);
            assert_eq!(wrong, Err(forged));
            assert_eq!(reader.open_at(at, chunk, Position::Middle), Ok(4));
            assert_eq!(reader.index(), 0);
        }
    }

    #[test]
    fn a_number_that_was_given_away_is_not_used_and_not_given_again() {
        let mut giver = cipher();
        sealed(&mut giver, b"text", Position::Middle);
        assert_eq!(giver.grant(3), Ok(1));
        assert_eq!(giver.grant(2), Ok(4));
        assert_eq!(giver.index(), 6);
        assert_eq!(giver.grant(u64::MAX), Err(Misuse::CounterOverflow));
        assert_eq!(giver.index(), 6);
    }

    #[test]
    fn what_is_sealed_elsewhere_is_what_would_have_been_sealed_here() {
        let mut here = cipher();
        let expected: Vec<_> = (0..3)
            .map(|_| sealed(&mut here, b"text", Position::Middle))
            .collect();
        let (mut giver, mut elsewhere) = (cipher(), cipher());
        let mut chunks = vec![sealed(&mut giver, b"text", Position::Middle)];
        let first = giver.grant(1).expect("there are numbers left");
        elsewhere.forward_to(first).expect("it is ahead");
        chunks.push(sealed(&mut elsewhere, b"text", Position::Middle));
        chunks.push(sealed(&mut giver, b"text", Position::Middle));
        assert_eq!(chunks, expected);
    }

    #[test]
    fn nobody_goes_back_to_a_number() {
        let mut cipher = cipher();
        cipher.forward_to(5).expect("it is ahead");
        assert_eq!(cipher.forward_to(5), Ok(()));
        sealed(&mut cipher, b"text", Position::Middle);
        assert_eq!(cipher.forward_to(5), Err(Misuse::OutOfOrder));
        assert_eq!(cipher.index(), 6);
    }

    #[test]
    fn less_than_a_tag_does_not_open() {
        let forged = PayloadError::ChunkAuthentication { index: 0 };
        assert_eq!(cipher().open(&mut [0; 15], &[Position::Final]), Err(forged));
    }

    #[test]
    fn a_counter_that_is_used_up_seals_nothing() {
        let mut cipher = cipher();
        cipher.index = u64::MAX;
        let mut text = *b"text";
        let refused = cipher.seal(&mut text, &mut [0; TAG_LEN], Position::Final);
        assert_eq!(refused, Err(Misuse::CounterOverflow));
        assert_eq!(&text, b"text");
    }
}
