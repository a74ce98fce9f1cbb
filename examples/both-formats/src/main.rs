//! From JWT to PASETO without a day on which somebody is locked out.
//!
//! 1. Accept both, and go on issuing JWTs.
//! 2. Issue PASETOs: one other constructor. Clients change over as their tokens end.
//! 3. When the count of JWTs stands still for as long as a token lives, accept PASETOs alone.

use std::error::Error;

use axum::{Router, routing::get};
use portcullis::{bearer::*, claims::ClaimsPolicy, identity::Principal, issue::*, jwt::*, paseto::*};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let old = JwtKeys::from(JwtKey::generate(Algorithm::EdDsa)?);
    let new = PasetoKeys::from(PasetoKey::generate(Kind::V4Public)?);
    let issuers = [
        TokenIssuer::jwt(old.clone(), ISSUER, AUDIENCE)?,
        TokenIssuer::paseto(new.clone(), ISSUER, AUDIENCE)?,
    ];
    for issuer in issuers {
        let token = issuer.issue(TokenRequest::for_subject("ada")).await?;
        eprintln!("curl --header 'Authorization: Bearer {}' http://{ADDRESS}/me\n", token.token());
    }
    eprintln!("curl http://{ADDRESS}/accepted");
    Ok(axum::serve(tokio::net::TcpListener::bind(ADDRESS).await?, app(old, new)).await?)
}

pub(crate) fn app(old: JwtKeys, new: PasetoKeys) -> Router {
    let policy = ClaimsPolicy::new(ISSUER, AUDIENCE);
    let both = AnyOf::new()
        .or("paseto", PasetoVerifier::new(new, policy.clone()))
        .or("jwt", JwtVerifier::new(old, policy));
    let counted = both.clone();
    Router::new()
        .route(
            "/me",
            get(async |caller: Principal| format!("{} by {}\n", caller.subject(), caller.credential())),
        )
        .layer(BearerLayer::new(both))
        // Yours would be a metric.
        .route("/accepted", get(async move || lines(&counted.accepted())))
}

fn lines(accepted: &[(&str, u64)]) -> String {
    accepted.iter().map(|(format, count)| format!("{format} {count}\n")).collect()
}

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "https://api.example";
const ADDRESS: &str = "127.0.0.1:3002";
