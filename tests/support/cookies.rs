use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, header::SET_COOKIE};

/// One cookie, as a browser keeps it: taken from `Set-Cookie`, sent as `Cookie`.
#[derive(Debug, Default)]
pub struct Jar(Mutex<Option<String>>);

impl Jar {
    /// An empty jar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A jar with this `name=value`.
    pub fn with(pair: impl Into<String>) -> Self {
        Self(Mutex::new(Some(pair.into())))
    }

    /// What a request would carry.
    #[must_use]
    pub fn pair(&self) -> Option<String> {
        self.lock().clone()
    }

    /// Obeys a response.
    pub fn take_from(&self, headers: &HeaderMap) {
        for field in headers.get_all(SET_COOKIE) {
            let Ok(field) = field.to_str() else { continue };
            let deleted = field.contains("Max-Age=0");
            let pair = field.split(';').next().map(str::to_owned);
            *self.lock() = pair.filter(|_| !deleted);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clone for Jar {
    fn clone(&self) -> Self {
        Self(Mutex::new(self.pair()))
    }
}
