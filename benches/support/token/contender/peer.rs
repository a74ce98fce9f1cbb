use std::{hint::black_box, sync::Arc};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    routing::get,
};
use jsonwebtoken::{DecodingKey, Validation};
use pasetors::{
    Local, Public,
    claims::ClaimsValidationRules,
    keys::{AsymmetricPublicKey, SymmetricKey},
    local, public,
    token::UntrustedToken,
    version4::V4,
};

use super::DONE;
use crate::token::{
    material::Material,
    peer::{AUDIENCE, ISSUER, Peer},
};

/// As its documentation shows it, with issuer, audience and `nbf` checked too.
pub(super) fn router(material: &Material) -> Router {
    match &material.peer {
        Peer::Jwt { algorithm, verify, .. } => {
            let mut validation = Validation::new(*algorithm);
            validation.set_issuer(&[ISSUER]);
            validation.set_audience(&[AUDIENCE]);
            validation.set_required_spec_claims(&["exp", "iss", "aud"]);
            validation.validate_nbf = true;
            Router::new().route("/", get(jwt)).with_state(Arc::new((verify.clone(), validation)))
        }
        Peer::Local(key) => Router::new().route("/", get(v4_local)).with_state((Arc::clone(key), rules())),
        Peer::Public(key, _) => {
            Router::new().route("/", get(v4_public)).with_state((Arc::clone(key), rules()))
        }
    }
}

#[derive(serde::Deserialize)]
struct Claims {
    sub: String,
}

type Jwt = Arc<(DecodingKey, Validation)>;

async fn jwt(State(by): State<Jwt>, headers: HeaderMap) -> Result<&'static str, StatusCode> {
    let token = bearer(&headers)?;
    let decoded =
        jsonwebtoken::decode::<Claims>(token, &by.0, &by.1).map_err(|_refused| StatusCode::UNAUTHORIZED)?;
    black_box(decoded.claims.sub);
    Ok(DONE)
}

type By<K> = (Arc<K>, Arc<ClaimsValidationRules>);

async fn v4_local(
    State((key, rules)): State<By<SymmetricKey<V4>>>,
    headers: HeaderMap,
) -> Result<&'static str, StatusCode> {
    let token = UntrustedToken::<Local, V4>::try_from(bearer(&headers)?)
        .map_err(|_refused| StatusCode::UNAUTHORIZED)?;
    let trusted =
        local::decrypt(&key, &token, &rules, None, None).map_err(|_refused| StatusCode::UNAUTHORIZED)?;
    black_box(trusted.payload_claims().and_then(|claims| claims.get_claim("sub")));
    Ok(DONE)
}

async fn v4_public(
    State((key, rules)): State<By<AsymmetricPublicKey<V4>>>,
    headers: HeaderMap,
) -> Result<&'static str, StatusCode> {
    let token = UntrustedToken::<Public, V4>::try_from(bearer(&headers)?)
        .map_err(|_refused| StatusCode::UNAUTHORIZED)?;
    let trusted =
        public::verify(&key, &token, &rules, None, None).map_err(|_refused| StatusCode::UNAUTHORIZED)?;
    black_box(trusted.payload_claims().and_then(|claims| claims.get_claim("sub")));
    Ok(DONE)
}

fn rules() -> Arc<ClaimsValidationRules> {
    let mut rules = ClaimsValidationRules::new();
    rules.validate_issuer_with(ISSUER);
    rules.validate_audience_with(AUDIENCE);
    Arc::new(rules)
}

fn bearer(headers: &HeaderMap) -> Result<&str, StatusCode> {
    let field = headers.get(AUTHORIZATION).and_then(|field| field.to_str().ok());
    field.and_then(|field| field.strip_prefix("Bearer ")).ok_or(StatusCode::UNAUTHORIZED)
}
