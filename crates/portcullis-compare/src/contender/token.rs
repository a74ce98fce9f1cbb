use std::{hint::black_box, sync::Arc, time::Duration};

use async_trait::async_trait;
use http::header::AUTHORIZATION;
use portcullis::{
    bearer::{BearerLayer, ConfigError, VerifyToken},
    claims::ClaimsPolicy,
    issue::{TokenIssuer, TokenRequest},
    jwt::{Algorithm, JwtKey, JwtVerifier},
    paseto::{Kind, PasetoKey, PasetoVerifier},
};
use tower::service_fn;
use tower_layer::Layer;

use super::{
    Contend, Entry, Presented,
    handler::{Handle, accepts, verify, who_is_calling},
};
use crate::{Claims, CompareError, Facts, Kind as RowKind, stopwatch::Stopwatch};

/// A JWT, under a key that is made for this comparison.
pub(super) fn jwt(algorithm: Algorithm, claims: &Claims) -> Result<Entry, CompareError> {
    let name = algorithm.as_str();
    let key = JwtKey::generate(algorithm).map_err(|error| CompareError::refused(name, error))?;
    let verifier = JwtVerifier::new(key.public().unwrap_or_else(|| key.clone()), policy(claims));
    let issuer = TokenIssuer::jwt(key, claims.issuer(), claims.audience());
    Ok(Entry {
        name: name.to_owned(),
        kind: RowKind::Jwt,
        facts: Facts::of_jwt(algorithm),
        contender: contender(name, verifier, issuer, claims)?,
    })
}

/// A PASETO, likewise.
pub(super) fn paseto(kind: Kind, claims: &Claims) -> Result<Entry, CompareError> {
    let name = kind.as_str();
    let key = PasetoKey::generate(kind).map_err(|error| CompareError::refused(name, error))?;
    let verifier = PasetoVerifier::new(key.public().unwrap_or_else(|| key.clone()), policy(claims));
    let issuer = TokenIssuer::paseto(key, claims.issuer(), claims.audience());
    Ok(Entry {
        name: name.to_owned(),
        kind: RowKind::Paseto,
        facts: Facts::of_paseto(kind),
        contender: contender(name, verifier, issuer, claims)?,
    })
}

fn contender(
    name: &str,
    verifier: impl VerifyToken,
    issuer: Result<TokenIssuer, ConfigError>,
    claims: &Claims,
) -> Result<Arc<dyn Contend>, CompareError> {
    let issuer = issuer
        .and_then(|issuer| issuer.with_lifetime(LIFETIME))
        .map_err(|error| CompareError::refused(name, error))?;
    let service = BearerLayer::new(verifier).layer(service_fn(who_is_calling));
    Ok(Arc::new(Token { name: name.to_owned(), issuer, request: claims.request()?, service }))
}

/// An issuer of tokens, and a layer that reads them.
struct Token<S> {
    name: String,
    issuer: TokenIssuer,
    request: TokenRequest,
    service: S,
}

#[async_trait]
impl<S: Handle<()>> Contend for Token<S> {
    async fn issue(&self, times: u32) -> Result<Duration, CompareError> {
        let stopwatch = Stopwatch::start();
        for _ in 0..times {
            let issued = self.issuer.issue(self.request.clone()).await;
            black_box(issued.map_err(|error| CompareError::refused(&self.name, error))?);
        }
        Ok(stopwatch.elapsed())
    }

    async fn credential(&self) -> Result<Presented, CompareError> {
        let issued = self.issuer.issue(self.request.clone()).await;
        let issued = issued.map_err(|error| CompareError::refused(&self.name, error))?;
        Presented::new(AUTHORIZATION, "Bearer ", issued.token())
            .ok_or_else(|| CompareError::refused(&self.name, "the token is no header's value"))
    }

    async fn accepts(&self, presented: &Presented) -> Result<bool, CompareError> {
        accepts(&self.name, &self.service, presented).await
    }

    async fn verify(&self, presented: &Presented, times: u32) -> Result<Duration, CompareError> {
        verify(&self.name, &self.service, presented, times).await
    }

    /// No store is asked, for none was given to the layer.
    async fn trips(&self) -> Result<u32, CompareError> {
        Ok(0)
    }

    /// Nothing is waited for.
    fn in_flight(&self) -> usize {
        1
    }

    async fn tidy(&self) -> Result<(), CompareError> {
        Ok(())
    }

    async fn end(&self) -> Result<(), CompareError> {
        Ok(())
    }
}

fn policy(claims: &Claims) -> ClaimsPolicy {
    ClaimsPolicy::new(claims.issuer(), claims.audience())
}

/// The longest there is: it ends after any comparison.
const LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);
