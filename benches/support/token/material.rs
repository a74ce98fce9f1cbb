use std::sync::Arc;

use futures_util::FutureExt;
use jsonwebtoken::{DecodingKey, EncodingKey, jwk::Jwk};
use pasetors::keys::{AsymmetricPublicKey, AsymmetricSecretKey, SymmetricKey};
use portcullis::{
    bearer::VerifyToken,
    claims::ClaimsPolicy,
    issue::{TokenIssuer, TokenRequest},
    jwt::{Algorithm, JwtKey, JwtVerifier},
    paseto::{Kind, PasetoKey, PasetoVerifier},
};

use super::{
    format::Format,
    peer::{AUDIENCE, ISSUER, Peer},
};
use crate::outcome::Outcome;

/// A key of one format, as each contender wants it, and a token of ours.
#[derive(Clone)]
pub(super) struct Material {
    pub(super) token: String,
    pub(super) verifier: Arc<dyn VerifyToken>,
    pub(super) issuer: TokenIssuer,
    pub(super) peer: Peer,
    /// What the peer accepts: of PASETO a token of its own, as it demands `nbf` of every one.
    pub(super) peers_token: String,
}

impl Material {
    pub(super) fn new(format: Format) -> Outcome<Self> {
        match format {
            Format::Hs256 => Self::jwt(Algorithm::Hs256, jsonwebtoken::Algorithm::HS256),
            Format::Rs256 => Self::jwt(Algorithm::Rs256, jsonwebtoken::Algorithm::RS256),
            Format::Es256 => Self::jwt(Algorithm::Es256, jsonwebtoken::Algorithm::ES256),
            Format::EdDsa => Self::jwt(Algorithm::EdDsa, jsonwebtoken::Algorithm::EdDSA),
            Format::V4Local => Self::paseto(Kind::V4Local),
            Format::V4Public => Self::paseto(Kind::V4Public),
        }
    }

    fn jwt(algorithm: Algorithm, peers: jsonwebtoken::Algorithm) -> Outcome<Self> {
        let key = JwtKey::generate(algorithm)?;
        let secret = key.expose_secret_jwk().ok_or("no private key")?;
        let jwk: Jwk = serde_json::from_str(&key.to_public_jwk().unwrap_or_else(|| secret.clone()))?;
        let peer = Peer::Jwt {
            algorithm: peers,
            verify: DecodingKey::from_jwk(&jwk)?,
            sign: sign_by(algorithm, &secret)?,
        };
        let verifier = JwtVerifier::new(key.public().unwrap_or_else(|| key.clone()), policy());
        Self::with(Arc::new(verifier), TokenIssuer::jwt(key, ISSUER, AUDIENCE)?, peer)
    }

    fn paseto(kind: Kind) -> Outcome<Self> {
        let key = PasetoKey::generate(kind)?;
        let secret = key.expose_secret_paserk().ok_or("no secret key")?;
        let peer = match key.to_public_paserk() {
            None => Peer::Local(Arc::new(SymmetricKey::try_from(secret.as_str())?)),
            Some(public) => Peer::Public(
                Arc::new(AsymmetricPublicKey::try_from(public.as_str())?),
                Arc::new(AsymmetricSecretKey::try_from(secret.as_str())?),
            ),
        };
        let verifier = PasetoVerifier::new(key.public().unwrap_or_else(|| key.clone()), policy());
        Self::with(Arc::new(verifier), TokenIssuer::paseto(key, ISSUER, AUDIENCE)?, peer)
    }

    fn with(verifier: Arc<dyn VerifyToken>, issuer: TokenIssuer, peer: Peer) -> Outcome<Self> {
        let issuer = issuer.with_lifetime(LIFETIME)?;
        let issued = issuer.issue(request()?).now_or_never().ok_or("nothing is waited for")??;
        let token = issued.token().to_owned();
        let peers_token = match &peer {
            Peer::Jwt { .. } => token.clone(),
            Peer::Local(_) | Peer::Public(..) => peer.issue()?.ok_or("no token by the peer")?,
        };
        Ok(Self { token, verifier, issuer, peer, peers_token })
    }
}

/// What every token says.
pub(super) fn request() -> Outcome<TokenRequest> {
    Ok(TokenRequest::for_subject("8f14e45f-ceea-467f-a9c5-1f6a3c5b2d10")
        .with_scope("orders:read orders:write")?
        .with_claim("tenant", "acme")?)
}

/// The peer's libraries cannot sign by a JWK of every kind.
fn sign_by(algorithm: Algorithm, secret_jwk: &str) -> Outcome<Option<EncodingKey>> {
    match algorithm {
        Algorithm::Hs256 => {
            let jwk: serde_json::Value = serde_json::from_str(secret_jwk)?;
            let secret = jwk.get("k").and_then(serde_json::Value::as_str).ok_or("no shared key")?;
            Ok(Some(EncodingKey::from_base64_secret(&standard(secret))?))
        }
        _ => Ok(None),
    }
}

/// base64 in the alphabet of the peer.
fn standard(base64url: &str) -> String {
    let padding = "=".repeat((4 - base64url.len() % 4) % 4);
    base64url.replace('-', "+").replace('_', "/") + &padding
}

fn policy() -> ClaimsPolicy {
    ClaimsPolicy::new(ISSUER, AUDIENCE)
}

const LIFETIME: std::time::Duration = std::time::Duration::from_secs(86_400);
