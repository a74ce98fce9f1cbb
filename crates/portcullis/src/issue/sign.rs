use std::fmt::Debug;

use portcullis_core::Timestamp;

use super::IssueError;
use crate::claims::Form;

/// Puts claims into a token of one format, under the key of a ring that signs just then.
pub(crate) trait SignToken: Debug + Send + Sync + 'static {
    /// How the claims are to be written.
    fn form(&self) -> Form;

    /// Whether there is a key that signs at some time.
    fn can_ever_sign(&self) -> bool;

    /// A token that holds `claims`, a JSON object.
    fn sign(&self, claims: &str, token_type: TokenType, now: Timestamp) -> Result<String, IssueError>;
}

/// What a token is for, where its format can say so.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum TokenType {
    /// Nothing in particular: `JWT`.
    Common,
    /// An access token with all that [RFC 9068] wants: `at+jwt`.
    ///
    /// [RFC 9068]: https://www.rfc-editor.org/rfc/rfc9068
    AccessToken,
}
