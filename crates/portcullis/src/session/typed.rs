use std::{fmt, marker::PhantomData};

use serde::{Serialize, de::DeserializeOwned};

use super::{error::SessionError, handle::Session};

/// A type whose values have one key in a session.
///
/// # Example
///
/// ```
/// use portcullis::session::{Session, SessionError, SessionValue};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Default, Deserialize, Serialize)]
/// struct Cart {
///     items: Vec<String>,
/// }
///
/// impl SessionValue for Cart {
///     const KEY: &'static str = "cart";
/// }
///
/// async fn add(session: Session, item: String) -> Result<usize, SessionError> {
///     let cart = session
///         .typed::<Cart>()
///         .update(|cart| {
///             let mut cart = cart.unwrap_or_default();
///             cart.items.push(item.clone());
///             cart
///         })
///         .await?;
///     Ok(cart.items.len())
/// }
/// ```
pub trait SessionValue: DeserializeOwned + Serialize {
    /// The key. Two types of one session have different ones.
    const KEY: &'static str;
}

/// A session seen as the one value of type `T` that it may hold; made by [`Session::typed`].
///
/// Everything takes effect as with the methods of the same names of [`Session`].
pub struct Typed<T> {
    session: Session,
    value: PhantomData<fn() -> T>,
}

impl Session {
    /// The value of type `T`, under the one key that belongs to the type.
    #[must_use]
    pub fn typed<T: SessionValue>(&self) -> Typed<T> {
        Typed::new(self.clone())
    }
}

impl<T: SessionValue> Typed<T> {
    pub(super) const fn new(session: Session) -> Self {
        Self { session, value: PhantomData }
    }

    /// The value, if the session holds one.
    ///
    /// # Errors
    ///
    /// As [`Session::get`].
    pub async fn get(&self) -> Result<Option<T>, SessionError> {
        self.session.get(T::KEY).await
    }

    /// Puts `value` into the session when the response is committed.
    ///
    /// # Errors
    ///
    /// As [`Session::insert`].
    pub fn insert(&self, value: &T) -> Result<(), SessionError> {
        self.session.insert(T::KEY, value)
    }

    /// Removes the value when the response is committed.
    ///
    /// # Errors
    ///
    /// As [`Session::remove`].
    pub fn remove(&self) -> Result<(), SessionError> {
        self.session.remove(T::KEY)
    }

    /// Replaces the value by what `f` makes of it, atomically and at once, and answers what was stored.
    ///
    /// # Errors
    ///
    /// As [`Session::update`].
    pub async fn update(&self, f: impl FnMut(Option<T>) -> T + Send) -> Result<T, SessionError>
    where
        T: Send,
    {
        self.session.update(T::KEY, f).await
    }
}

impl<T> Clone for Typed<T> {
    fn clone(&self) -> Self {
        Self { session: self.session.clone(), value: PhantomData }
    }
}

impl<T: SessionValue> fmt::Debug for Typed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Typed").field("key", &T::KEY).field("session", &self.session).finish()
    }
}
