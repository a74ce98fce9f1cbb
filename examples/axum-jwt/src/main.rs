//! A login that answers a JWT, and a route that wants one.
//!
//! ```sh
//! curl --json '{"username":"ada","password":"lovelace"}' http://127.0.0.1:3001/login
//! curl --header 'Authorization: Bearer …' http://127.0.0.1:3001/me
//! ```

use std::error::Error;

use axum::{Json, Router, extract::State, http::StatusCode, response::*, routing::*};
use portcullis::{bearer::BearerLayer, claims::ClaimsPolicy, identity::Principal, issue::*, jwt::*};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // From `JwtKeys::from_jwks_file`, if tokens are to outlive the program.
    let keys = JwtKeys::from(JwtKey::generate(Algorithm::EdDsa)?);
    Ok(axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3001").await?, app(keys)?).await?)
}

pub(crate) fn app(keys: JwtKeys) -> Result<Router, Box<dyn Error>> {
    let issuer = TokenIssuer::jwt(keys.clone(), ISSUER, AUDIENCE)?;
    let verifier = JwtVerifier::new(keys, ClaimsPolicy::new(ISSUER, AUDIENCE));
    Ok(Router::new()
        .route("/me", get(async |caller: Principal| format!("Hello, {}!\n", caller.subject())))
        .layer(BearerLayer::new(verifier))
        // Behind the layer, which demands a token of the routes before it alone.
        .route("/login", post(log_in))
        .with_state(issuer))
}

#[derive(serde::Deserialize)]
struct Login {
    username: String,
    password: String,
}

async fn log_in(State(issuer): State<TokenIssuer>, Json(login): Json<Login>) -> Result<Response, IssueError> {
    // Your own check goes here: a password hash, a passkey, a sign-in with somebody else.
    if (login.username.as_str(), login.password.as_str()) != ("ada", "lovelace") {
        return Ok(StatusCode::UNAUTHORIZED.into_response());
    }
    Ok(issuer.issue(TokenRequest::for_subject(login.username)).await?.into_response())
}

const ISSUER: &str = "https://id.example";
const AUDIENCE: &str = "https://api.example";
