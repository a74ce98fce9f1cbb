use std::sync::Arc;

use jsonwebtoken::{DecodingKey, EncodingKey, Header};
use pasetors::{
    claims::Claims,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey, SymmetricKey},
    local, public,
    version4::V4,
};
use serde_json::json;

use crate::outcome::Outcome;

/// The same key in the peer's hands.
#[derive(Clone)]
pub(super) enum Peer {
    Jwt { algorithm: jsonwebtoken::Algorithm, verify: DecodingKey, sign: Option<EncodingKey> },
    Local(Arc<SymmetricKey<V4>>),
    Public(Arc<AsymmetricPublicKey<V4>>, Arc<AsymmetricSecretKey<V4>>),
}

impl Peer {
    /// A token like ours; `None` where the peer cannot read the key. It draws no id by itself, so it is given one.
    pub(super) fn issue(&self) -> Outcome<Option<String>> {
        Ok(Some(match self {
            Self::Jwt { algorithm, sign: Some(key), .. } => {
                let claims = json!({
                    "iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "iat": 1_800_000_000, "exp": 1_800_086_400, "jti": ID,
                    "scope": "orders:read orders:write", "tenant": "acme",
                });
                jsonwebtoken::encode(&Header::new(*algorithm), &claims, key)?
            }
            Self::Jwt { .. } => return Ok(None),
            Self::Local(key) => local::encrypt(key, &claims()?, None, None)?,
            Self::Public(_, key) => public::sign(key, &claims()?, None, None)?,
        }))
    }
}

fn claims() -> Outcome<Claims> {
    let mut claims = Claims::new()?;
    claims.issuer(ISSUER)?;
    claims.audience(AUDIENCE)?;
    claims.subject(SUBJECT)?;
    claims.token_identifier(ID)?;
    claims.add_additional("scope", "orders:read orders:write")?;
    claims.add_additional("tenant", "acme")?;
    Ok(claims)
}

const SUBJECT: &str = "8f14e45f-ceea-467f-a9c5-1f6a3c5b2d10";
const ID: &str = "1tOHdEzuRuGyzRcM2ChSbA";
pub(super) const ISSUER: &str = "https://id.example";
pub(super) const AUDIENCE: &str = "https://api.example";
