//! A login, a counter and a logout, with a session behind them.

use axum::{Form, Router, http::StatusCode, routing::*};
use portcullis::{identity::Principal, session::*, store::MemoryStore};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let app = Router::new()
        .route("/", get(async |caller: Principal| format!("Hello, {}!\n", caller.subject())))
        .route("/visits", post(count))
        .route("/login", post(log_in))
        .route("/logout", post(async |session: Session| session.log_out().await))
        .layer(SessionLayer::new(MemoryStore::new()));
    axum::serve(tokio::net::TcpListener::bind("127.0.0.1:3000").await?, app).await
}

async fn count(session: Session) -> Result<String, SessionError> {
    let visits = session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1).await?;
    Ok(format!("visit {visits}\n"))
}

#[derive(serde::Deserialize)]
struct Login {
    username: String,
    password: String,
}

async fn log_in(session: Session, Form(login): Form<Login>) -> Result<StatusCode, SessionError> {
    // Your own check goes here: a password hash, a passkey, a sign-in with somebody else.
    if (login.username.as_str(), login.password.as_str()) != ("ada", "lovelace") {
        return Ok(StatusCode::UNAUTHORIZED);
    }
    session.log_in(Principal::local(login.username)).await?;
    Ok(StatusCode::NO_CONTENT)
}
