//! One of two servers with the same sessions: a login, a counter and a logout, whichever of them is asked.
//!
//! ```sh
//! redis-server &
//! cargo run -p two-servers -- 127.0.0.1:3001 redis://127.0.0.1:6379 &
//! cargo run -p two-servers -- 127.0.0.1:3002 redis://127.0.0.1:6379 &
//! cargo run -p two-servers --bin balancer -- 127.0.0.1:3000 127.0.0.1:3001 127.0.0.1:3002 &
//! curl --cookie jar --cookie-jar jar --request POST http://127.0.0.1:3000/visits    # again and again
//! ```

#![expect(clippy::print_stdout, reason = "a server says where it listens")]

use std::{env, error::Error};

use axum::{Form, Router, http::StatusCode, routing::*};
use portcullis::{identity::Principal, session::*};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(address), Some(store)) = (arguments.next(), arguments.next()) else {
        return Err("usage: two-servers ADDRESS STORE".into());
    };
    let store = portcullis_stores::open(&store).await?;
    let listener = TcpListener::bind(address).await?;
    let here = listener.local_addr()?;
    println!("at {here}");
    let app = Router::new()
        .route("/", get(async |caller: Principal| format!("Hello, {}!\n", caller.subject())))
        .route("/visits", post(async move |session: Session| count(session, &here.to_string()).await))
        .route("/login", post(log_in))
        .route("/logout", post(async |session: Session| session.log_out().await))
        .layer(SessionLayer::new(store));
    axum::serve(listener, app).await?;
    Ok(())
}

async fn count(session: Session, here: &str) -> Result<String, SessionError> {
    // Counted once, whatever the other server does to the same session meanwhile.
    let visits = session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1).await?;
    Ok(format!("visit {visits}, counted at {here}\n"))
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
