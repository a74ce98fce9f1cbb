use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
    str::FromStr,
};

use zeroize::Zeroizing;

use crate::{failure::Failure, output::complain, spelling::is_secret_like};

/// Where something is read from: a file, or standard input for `-`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Source {
    Stdin,
    File(PathBuf),
}

impl Source {
    /// All that is in it, which is `what`; no more than `most` bytes are looked at, and one more tells that there are more.
    pub(crate) fn read(&self, what: &str, most: usize) -> Result<Zeroizing<Vec<u8>>, Failure> {
        let unreadable =
            |error| Failure::because(format!("{what} cannot be read from {}", self.name()), &error);
        match self {
            Self::Stdin => {
                let stdin = io::stdin().lock();
                if stdin.is_terminal() {
                    complain(&format!(
                        "reading {what} from the terminal; end it with Ctrl-D on a line of its own"
                    ));
                }
                read(stdin, most).map_err(unreadable)
            }
            Self::File(path) => File::open(path).and_then(|file| read(file, most)).map_err(unreadable),
        }
    }

    /// How a message calls it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Stdin => String::from("standard input"),
            Self::File(path) => name_of(path),
        }
    }
}

impl FromStr for Source {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == "-" { Self::Stdin } else { Self::File(PathBuf::from(text)) })
    }
}

/// How a message calls the file at `path`. A key or a token that was given for a path by mistake is not repeated.
pub(crate) fn name_of(path: &Path) -> String {
    let path = path.to_string_lossy();
    if is_secret_like(&path) {
        String::from(
            "a file (what was given looks like a key or a token; name a file, or `-` for standard input)",
        )
    } else {
        format!("`{}`", path.escape_debug())
    }
}

fn read(from: impl Read, most: usize) -> io::Result<Zeroizing<Vec<u8>>> {
    // All the room at once: a vector that grows leaves copies of what it held.
    let mut bytes = Zeroizing::new(Vec::with_capacity(most + 1));
    from.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
