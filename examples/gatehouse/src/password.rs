use std::{error::Error, fmt, sync::Arc, thread, time::Duration};

use argon2::{
    Argon2,
    password_hash::{self, PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::{sync::Semaphore, task, time};

/// Verifies passwords, as many at once as there are processors, on threads that may block.
///
/// One verification is made to cost some 20 MiB and some 20 ms. Whoever can send logins could otherwise stop every other
/// request with them.
#[derive(Debug)]
pub(crate) struct Passwords {
    turns: Arc<Semaphore>,
    nobodys: PasswordHash,
}

impl Passwords {
    pub(crate) fn new() -> Result<Self, HashError> {
        let at_once = thread::available_parallelism().map_or(1, usize::from);
        Ok(Self { turns: Arc::new(Semaphore::new(at_once)), nobodys: hash("nobody has this password")? })
    }

    /// Whether `password` is the one behind `hash`. Without a hash it is not, and takes as long to find out, so that the time
    /// does not tell which users exist.
    pub(crate) async fn verify(&self, password: String, hash: Option<&PasswordHash>) -> Result<bool, Busy> {
        let turn = time::timeout(LONGEST_WAIT, Arc::clone(&self.turns).acquire_owned());
        let Ok(Ok(turn)) = turn.await else {
            return Err(Busy);
        };
        let is_known = hash.is_some();
        let hash = hash.unwrap_or(&self.nobodys).clone();
        let verified = task::spawn_blocking(move || {
            // Held by the work and not by the request, which may end earlier.
            let _turn = turn;
            Argon2::default().verify_password(password.as_bytes(), &hash).is_ok()
        });
        Ok(verified.await.unwrap_or(false) && is_known)
    }
}

/// A hash of `password` with a salt of its own, by OWASP's first recommendation for Argon2id.
pub(crate) fn hash(password: &str) -> Result<PasswordHash, HashError> {
    Argon2::default().hash_password(password.as_bytes()).map_err(HashError)
}

/// Too many logins at once; another try later may succeed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Busy;

/// A password could not be hashed.
#[derive(Debug)]
pub struct HashError(password_hash::Error);

impl fmt::Display for HashError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a demonstration user's password cannot be hashed")
    }
}

impl Error for HashError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

/// Longer than a queue that drains needs, shorter than a user's patience.
const LONGEST_WAIT: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    async fn verify(
        passwords: &Passwords,
        password: &str,
        hash: Option<&PasswordHash>,
    ) -> Result<bool, Busy> {
        passwords.verify(password.to_owned(), hash).await
    }

    #[tokio::test]
    async fn only_the_password_itself_is_right() {
        let passwords = Passwords::new().unwrap();
        let lovelace = hash("lovelace").unwrap();
        for (password, hash, expected) in [
            ("lovelace", Some(&lovelace), true),
            ("Lovelace", Some(&lovelace), false),
            ("", Some(&lovelace), false),
            ("lovelace", None, false),
            ("nobody has this password", None, false),
        ] {
            assert_eq!(verify(&passwords, password, hash).await, Ok(expected), "{password:?}");
        }
    }

    #[test]
    fn two_hashes_of_one_password_differ() {
        assert_ne!(hash("turing").unwrap(), hash("turing").unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_that_gets_no_turn_is_told_so() {
        let passwords = Passwords::new().unwrap();
        let all = u32::try_from(passwords.turns.available_permits()).unwrap();
        let taken = passwords.turns.acquire_many(all).await.unwrap();
        assert_eq!(verify(&passwords, "lovelace", None).await, Err(Busy));
        drop(taken);
        assert_eq!(verify(&passwords, "lovelace", None).await, Ok(false));
    }
}
