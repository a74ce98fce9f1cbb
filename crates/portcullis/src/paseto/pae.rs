//! PASETO's [pre-authentication encoding]: pieces with their lengths, so that no two lists of pieces are the same bytes.
//!
//! [pre-authentication encoding]: https://github.com/paseto-standard/paseto-spec/blob/master/docs/01-Protocol-Versions/Common.md#pae-definition

/// Gives the encoding of `pieces` to `write`, bit by bit: whoever hashes it needs no copy.
pub(super) fn feed<const N: usize>(pieces: [&[u8]; N], mut write: impl FnMut(&[u8])) {
    write(&length(N));
    for piece in pieces {
        write(&length(piece.len()));
        write(piece);
    }
}

/// The same as one buffer.
pub(super) fn encode<const N: usize>(pieces: [&[u8]; N]) -> Vec<u8> {
    let size: usize = pieces.iter().map(|piece| 8 + piece.len()).sum();
    let mut encoding = Vec::with_capacity(8 + size);
    feed(pieces, |bytes| encoding.extend_from_slice(bytes));
    encoding
}

/// Little-endian, and without the highest bit, which not every language has.
const fn length(length: usize) -> [u8; 8] {
    (length as u64 & (u64::MAX >> 1)).to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_specification() {
        assert_eq!(encode([]), b"\0\0\0\0\0\0\0\0");
        assert_eq!(encode([b""]), b"\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
        assert_eq!(encode([b"test"]), b"\x01\0\0\0\0\0\0\0\x04\0\0\0\0\0\0\0test");
    }
}
