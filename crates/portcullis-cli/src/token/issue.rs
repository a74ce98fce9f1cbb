use std::time::Duration;

use clap::ValueEnum;
use portcullis::{
    bearer::ConfigError,
    issue::{IssuedToken, TokenIssuer, TokenRequest},
    jwt::Algorithm,
    keyring::{Key, KeyState, Keyring},
    store::{Clock, SystemClock},
};
use tokio::runtime;

use crate::{
    failure::Failure,
    input::Source,
    json::Json,
    keyfile::KeyFile,
    output::{Report, Style},
};

/// Issue an access token with one of your private or shared keys
///
/// It is written to standard output, with an id of its own (`jti`), the time of issue (`iat`) and the end (`exp`).
#[derive(Debug, clap::Args)]
pub(crate) struct Issue {
    /// Read the keys from this file: a JWK, a set of keys, PASERKs or PEM; `-` is standard input
    #[arg(long, value_name = "FILE")]
    keys: Source,
    /// What the key of a PEM file is for
    #[arg(long, value_name = "ALGORITHM")]
    alg: Option<Algorithm>,
    /// Who issues the token (`iss`)
    #[arg(long, value_name = "ISSUER")]
    issuer: String,
    /// Whom the token is for (`aud`)
    #[arg(long, value_name = "AUDIENCE")]
    audience: String,
    /// Whom the token is about (`sub`)
    #[arg(long, value_name = "SUBJECT")]
    subject: String,
    /// What the token grants: words with spaces between
    #[arg(long, value_name = "SCOPE", default_value = "", hide_default_value = true)]
    scope: String,
    /// The OAuth client that the token is for; with it a JWT is of the type at+jwt (RFC 9068)
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// How long the token is good for, from one second to a day
    #[arg(long, value_name = "SECONDS", default_value = "600")]
    lifetime: u64,
    /// A claim besides, with its value as JSON, such as `tenant="acme"` with the quotes; everybody who sees the token can read it
    #[arg(long, value_name = "NAME=JSON", value_parser = parse_claim)]
    claim: Vec<(String, Json)>,
    /// Which format the token has, where the file has keys for both
    #[arg(long, value_enum)]
    format: Option<TokenFormat>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum TokenFormat {
    Jwt,
    Paseto,
}

impl Issue {
    pub(crate) fn run(self, style: Style) -> Result<Report, Failure> {
        let file = KeyFile::read(&self.keys, self.alg)?;
        file.check()?;
        let issuer = self.issuer(&file)?;
        let request = self.request()?;
        // Nothing here waits; the method is asynchronous for those who ask a store.
        let runtime = runtime::Builder::new_current_thread().build();
        let runtime = runtime.map_err(|error| Failure::because("the program cannot begin", &error))?;
        let issued: IssuedToken = runtime
            .block_on(issuer.issue(request))
            .map_err(|error| Failure::because("no token was issued", &error))?;
        Ok(Report::fine(match style {
            Style::Plain => String::from(issued.token()),
            Style::Json => issued.to_json(),
        }))
    }

    fn issuer(&self, file: &KeyFile) -> Result<TokenIssuer, Failure> {
        let (jwt, paseto) = (file.jwt_keys()?, file.paseto_keys()?);
        let format = match (self.format, can_sign(&jwt), can_sign(&paseto)) {
            (Some(TokenFormat::Jwt) | None, true, false) | (Some(TokenFormat::Jwt), true, true) => {
                TokenFormat::Jwt
            }
            (Some(TokenFormat::Paseto) | None, false, true) | (Some(TokenFormat::Paseto), true, true) => {
                TokenFormat::Paseto
            }
            (None, true, true) => {
                return Err(Failure::new("the file has keys for JWTs and for PASETOs: choose with --format"));
            }
            (Some(_), _, _) | (None, false, false) => return Err(Failure::new(NO_SIGNING_KEY)),
        };
        let (issuer, audience) = (self.issuer.as_str(), self.audience.as_str());
        let issuer = match format {
            TokenFormat::Jwt => TokenIssuer::jwt(jwt, issuer, audience),
            TokenFormat::Paseto => TokenIssuer::paseto(paseto, issuer, audience),
        };
        let wrong = |error: ConfigError| Failure::because("no token was issued", &error);
        issuer.map_err(wrong)?.with_lifetime(Duration::from_secs(self.lifetime)).map_err(wrong)
    }

    fn request(&self) -> Result<TokenRequest, Failure> {
        let mut request = TokenRequest::for_subject(self.subject.as_str())
            .with_scope(&self.scope)
            .map_err(|error| Failure::because("--scope", &error))?;
        if let Some(client_id) = &self.client_id {
            request = request.with_client_id(client_id.as_str());
        }
        for (name, value) in &self.claim {
            request = request
                .with_claim(name.as_str(), value)
                .map_err(|error| Failure::because(format!("--claim {}", name.escape_debug()), &error))?;
        }
        Ok(request)
    }
}

fn can_sign<K: Key>(keys: &Keyring<K>) -> bool {
    let now = SystemClock.now();
    keys.keys(now).iter().any(|(_, state)| *state == KeyState::Active)
}

fn parse_claim(text: &str) -> Result<(String, Json), String> {
    let (name, written) = text.split_once('=').ok_or("a claim is a name, `=` and a value")?;
    if name.is_empty() {
        return Err(String::from("the claim has no name"));
    }
    let value = Json::parse_member(written)
        .ok_or("the value is no JSON: a text has quotes, as in tenant='\"acme\"'")?;
    if serde_json::from_str::<serde_json::Value>(written).is_err() {
        return Err(String::from("the value has a number beyond what programs compute with"));
    }
    match value.repeated() {
        Some(_) => {
            Err(String::from("the value has two members of one name, which every verifier would refuse"))
        }
        None => Ok((String::from(name), value)),
    }
}

const NO_SIGNING_KEY: &str =
    "no key of the file signs such tokens now: one has to be private or shared, and in use";
