use portcullis_core::Timestamp;

use super::{JwtKey, JwtKeys};
use crate::{
    base64url,
    bearer::MOST_BYTES,
    claims::Form,
    issue::{IssueError, IssueErrorKind, SignToken, TokenType},
};

impl SignToken for JwtKeys {
    fn form(&self) -> Form {
        Form::Jwt
    }

    fn can_ever_sign(&self) -> bool {
        Self::can_ever_sign(self)
    }

    fn sign(&self, claims: &str, token_type: TokenType, now: Timestamp) -> Result<String, IssueError> {
        let keys = self.snapshot();
        let key = keys.signing(now).ok_or(IssueError::new(IssueErrorKind::NoSigningKey))?;
        let header = header(key, token_type);
        // A signature is at most 1366 characters long; most are 86.
        let mut token = String::with_capacity((header.len() + claims.len()) * 4 / 3 + 100);
        base64url::encode_onto(header, &mut token);
        token.push('.');
        base64url::encode_onto(claims, &mut token);
        let mut signature = String::from(".");
        key.material()
            .sign(token.as_bytes(), |bytes| base64url::encode_onto(bytes, &mut signature))
            .ok_or(IssueError::new(IssueErrorKind::Unavailable))?;
        token.push_str(&signature);
        if token.len() > MOST_BYTES {
            return Err(IssueError::new(IssueErrorKind::TooLarge));
        }
        Ok(token)
    }
}

fn header(key: &JwtKey, token_type: TokenType) -> String {
    let token_type = match token_type {
        TokenType::Common => "JWT",
        TokenType::AccessToken => "at+jwt",
    };
    // An id may need escapes, and a string cannot fail to be written.
    let id = serde_json::to_string(key.id().as_str()).unwrap_or_default();
    format!("{{\"alg\":\"{}\",\"typ\":\"{token_type}\",\"kid\":{id}}}", key.algorithm())
}
