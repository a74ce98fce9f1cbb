use std::{fs::File, io::Read, path::Path};

use zeroize::Zeroizing;

use super::{KeyError, KeyErrorKind};

/// The text of a file of keys, wiped when it has been read. It blocks.
pub(crate) fn read(path: impl AsRef<Path>) -> Result<Zeroizing<String>, KeyError> {
    let unreadable = |failed| KeyError::because(KeyErrorKind::File, failed);
    let file = File::open(path).map_err(unreadable)?;
    // As long as it will become, so that no copy of a secret is left behind; what has no length grows.
    let length = file.metadata().map_or(0, |metadata| metadata.len()).min(MOST_SET_BYTES as u64);
    let mut text = Zeroizing::new(String::with_capacity(usize::try_from(length).unwrap_or_default() + 1));
    // One byte more tells a file that is too long.
    file.take(MOST_SET_BYTES as u64 + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() > MOST_SET_BYTES {
        return Err(KeyErrorKind::TooLong.into());
    }
    Ok(text)
}

/// A set has a handful of keys; with a certificate chain on each they come to some 100 KiB.
pub(crate) const MOST_SET_BYTES: usize = 1024 * 1024;
