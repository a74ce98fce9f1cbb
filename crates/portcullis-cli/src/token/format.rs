use portcullis::identity::CredentialKind;

use super::{
    decoded::{Decoded, Undecodable},
    jwt, paseto,
};

/// Takes `token` apart, less strictly than verifiers do: what only they would refuse is noted.
pub(super) fn decode(token: &str) -> Result<Decoded, Undecodable> {
    match of(token) {
        CredentialKind::Paseto => paseto::decode(token),
        _ => jwt::decode(token),
    }
}

/// Which format `token` would be of. No header of a JWT begins like a PASETO: its first letters are base64url's of `{`.
pub(super) fn of(token: &str) -> CredentialKind {
    match token.as_bytes() {
        [b'v', _, b'.', ..] => CredentialKind::Paseto,
        _ => CredentialKind::Jwt,
    }
}
