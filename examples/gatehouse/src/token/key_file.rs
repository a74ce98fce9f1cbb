use std::{
    error::Error,
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use portcullis::{
    jwt::{Algorithm, JwtKey, JwtKeys},
    keyring::{KeyError, KeyErrorKind, KeyId},
    paseto::{Kind, PasetoKey, PasetoKeys},
};
use tracing::warn;

use super::TokenKeys;

/// Reads the keys of both formats out of one file: `{"keys":[{"kty":"OKP", …},{"paserk":"k4.secret.…"}]}`.
pub(super) fn read(path: &Path) -> Result<TokenKeys, KeyFileError> {
    warn_if_others_may_read(path);
    let wrong = |format| move |error| KeyFileError::of(path, Problem::Keys(format, error));
    Ok(TokenKeys {
        jwt: JwtKeys::from_jwks_file(path).map_err(wrong("JWT"))?,
        paseto: PasetoKeys::from_paserk_file(path).map_err(wrong("PASETO"))?,
    })
}

/// Makes the file, complete and for its owner's eyes alone, or leaves alone what is there.
///
/// It is written under another name first and linked to `path` when it is complete. A link never takes the place of a file, so of two
/// programs that start at once both go on with the keys of one.
pub(super) fn make_if_absent(path: &Path) -> Result<(), KeyFileError> {
    let failed = |error| KeyFileError::of(path, Problem::File(error));
    if path.try_exists().map_err(failed)? {
        return Ok(());
    }
    let (id, keys) = new_keys().map_err(|error| KeyFileError::of(path, Problem::Generation(error)))?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    // By the new key's id: two programs on one volume may have one process id.
    name.push(format!(".{id}.new"));
    let unfinished = path.with_file_name(name);
    let linked = write(&unfinished, &keys).map(|()| fs::hard_link(&unfinished, path));
    // What it held is at its place by now, or is nobody's.
    let removed = fs::remove_file(&unfinished);
    match linked.map_err(failed)? {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(failed(error)),
        Ok(()) | Err(_) => removed.map_err(failed),
    }
}

fn write(path: &Path, keys: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file: File = options.open(path)?;
    file.write_all(keys.as_bytes())?;
    file.sync_all()
}

/// The id of one of them, and the file's text.
fn new_keys() -> Result<(KeyId, String), KeyError> {
    let key = JwtKey::generate(Algorithm::EdDsa)?;
    let jwk = key.expose_secret_jwk();
    let paserk = PasetoKey::generate(Kind::V4Public)?.expose_secret_paserk();
    // A key that was just made has its secret.
    let (Some(jwk), Some(paserk)) = (jwk, paserk) else {
        return Err(KeyErrorKind::Unsupported.into());
    };
    Ok((key.id().clone(), format!("{{\"keys\":[\n{jwk},\n{{\"paserk\":\"{paserk}\"}}\n]}}\n")))
}

/// It may be meant: some keep secrets in files that a group reads.
fn warn_if_others_may_read(path: &Path) {
    #[cfg(unix)]
    if let Ok(known) = fs::metadata(path) {
        let mode = std::os::unix::fs::PermissionsExt::mode(&known.permissions()) & 0o777;
        if mode & 0o077 != 0 {
            let mode = format!("{mode:o}");
            warn!(file = %path.display(), mode, "others may read the keys, and whoever has them makes tokens: chmod 600");
        }
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// The file of keys is of no use.
#[derive(Debug)]
pub struct KeyFileError {
    path: PathBuf,
    problem: Problem,
}

#[derive(Debug)]
enum Problem {
    File(io::Error),
    Generation(KeyError),
    /// Of which format they should have been.
    Keys(&'static str, KeyError),
}

impl KeyFileError {
    fn of(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), problem }
    }
}

impl fmt::Display for KeyFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.display();
        match &self.problem {
            Problem::File(error) => write!(f, "the file of keys {path} cannot be made: {error}"),
            Problem::Generation(error) => write!(f, "no keys for {path}: {error}"),
            Problem::Keys(format, error) => write!(
                f,
                "no key for {format} in {path}: {error}. It holds both formats' keys, as in \
                 {{\"keys\":[{{\"kty\":\"OKP\", …}},{{\"paserk\":\"k4.secret.…\"}}]}}; a name that is free gets new ones"
            ),
        }
    }
}

impl Error for KeyFileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.problem {
            Problem::File(error) => Some(error),
            Problem::Generation(error) | Problem::Keys(_, error) => Some(error),
        }
    }
}
