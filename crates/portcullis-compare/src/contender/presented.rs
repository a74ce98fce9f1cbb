use std::{fmt, ops::Range};

use http::{HeaderName, HeaderValue, Request};

/// A header field with a credential in it.
#[derive(Clone)]
pub(crate) struct Presented {
    name: HeaderName,
    value: HeaderValue,
    /// Where in the value the credential itself stands.
    secret: Range<usize>,
}

impl Presented {
    /// A field whose value is `before` and then the credential. `None` if a field cannot have that value.
    pub(crate) fn new(name: HeaderName, before: &str, credential: &str) -> Option<Self> {
        let value = HeaderValue::try_from(format!("{before}{credential}")).ok()?;
        Some(Self { name, value, secret: before.len()..before.len() + credential.len() })
    }

    /// A request that bears it.
    pub(crate) fn request(&self) -> Request<()> {
        let mut request = Request::new(());
        request.headers_mut().insert(&self.name, self.value.clone());
        request
    }

    /// The length of the field's line in HTTP/1.1 (RFC 9112 §5): name, colon, space, value and line end.
    pub(crate) fn line_bytes(&self) -> usize {
        self.name.as_str().len() + ": ".len() + self.value.len() + "\r\n".len()
    }

    /// How many letters the credential has.
    pub(crate) fn letters(&self) -> usize {
        self.secret.len()
    }

    /// The same with another letter at `at`, of the same alphabet.
    pub(crate) fn changed_at(&self, at: usize) -> Option<Self> {
        let mut bytes = self.value.as_bytes().to_vec();
        let letter = bytes.get_mut(self.secret.start + at)?;
        *letter = if *letter == b'A' { b'B' } else { b'A' };
        Some(Self { value: HeaderValue::from_bytes(&bytes).ok()?, ..self.clone() })
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented").field("name", &self.name).finish_non_exhaustive()
    }
}
