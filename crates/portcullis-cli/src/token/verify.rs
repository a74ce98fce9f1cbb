use std::{path::PathBuf, time::Duration};

use clap::ValueEnum;
use portcullis::{
    bearer::{TokenError, TokenErrorKind, Verification, VerifiedToken, VerifyToken},
    claims::ClaimsPolicy,
    identity::CredentialKind,
    jwt::{Algorithm, JwtVerifier},
    paseto::PasetoVerifier,
};

use super::{
    format,
    text::TokenText,
    verdict::{Refusal, show_valid},
};
use crate::{
    at::{At, Held},
    failure::Failure,
    input::Source,
    keyfile::KeyFile,
    output::{Report, Style},
};

/// Verify a token as a service would that has these keys, and say why it is refused
///
/// It reads the token from standard input, and ends with 0 for a valid token and with 1 for a refused one. Of a refused token it also says what else
/// speaks against it.
#[derive(Debug, clap::Args)]
pub(crate) struct Verify {
    /// Read the keys from this file: a JWK, a set of keys, PASERKs or PEM
    #[arg(long, value_name = "FILE")]
    keys: Source,
    /// What the key of a PEM file is for
    #[arg(long, value_name = "ALGORITHM")]
    alg: Option<Algorithm>,
    /// Who must have issued the token (`iss`)
    #[arg(long, value_name = "ISSUER")]
    issuer: String,
    /// Whom the token must be for (`aud`); where it is given more than once, one of them
    #[arg(long, value_name = "AUDIENCE", required_unless_present = "insecure_without_audience")]
    audience: Vec<String>,
    /// Accept the token whomever it is for: one that was given to another service opens yours
    #[arg(long, conflicts_with_all = ["audience", "typ"])]
    insecure_without_audience: bool,
    /// The type that the token must be of: an access token of RFC 9068, with the claims that it demands
    #[arg(long, value_enum)]
    typ: Option<TokenType>,
    /// How far the clocks may differ, at most 300 seconds
    #[arg(long, value_name = "SECONDS", default_value = "30")]
    leeway: u64,
    /// Of a PASETO: the implicit assertion it was made under is the content of this file, to the byte
    #[arg(long, value_name = "FILE")]
    implicit_assertion: Option<PathBuf>,
    /// Read the token from this file, instead of standard input
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    token: Source,
    #[command(flatten)]
    at: At,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum TokenType {
    #[value(name = "at+jwt")]
    AccessToken,
}

impl Verify {
    pub(crate) fn run(self, style: Style) -> Result<Report, Failure> {
        if self.keys == Source::Stdin && self.token == Source::Stdin {
            return Err(Failure::new(
                "the token and the keys cannot both be standard input: name a file for one of them",
            ));
        }
        let policy = self.policy()?;
        let file = KeyFile::read(&self.keys, self.alg)?;
        file.check()?;
        let clock = self.at.clock();
        let token = match TokenText::read(&self.token)? {
            Ok(token) => token,
            Err(undecodable) => return Refusal::of_text(&undecodable).report(style),
        };
        let decoded = format::decode(token.as_str());
        match self.verdict(&file, token.as_str(), policy.clone(), clock)? {
            Ok(verified) => show_valid(&verified, clock, style),
            Err(error) => Refusal::new(error, decoded, &policy, clock).report(style),
        }
    }

    fn policy(&self) -> Result<ClaimsPolicy, Failure> {
        let issuer = self.issuer.as_str();
        let mut audiences = self.audience.iter();
        let first = match (audiences.next(), self.typ) {
            (None, _) => ClaimsPolicy::insecure_without_audience(issuer),
            (Some(audience), None) => ClaimsPolicy::new(issuer, audience.as_str()),
            (Some(audience), Some(TokenType::AccessToken)) => {
                ClaimsPolicy::access_token_rfc9068(issuer, audience.as_str())
            }
        };
        let policy = audiences.fold(first, |policy, audience| policy.or_audience(audience.as_str()));
        let leeway = Duration::from_secs(self.leeway);
        policy.with_leeway(leeway).map_err(|error| Failure::because("--leeway", &error))
    }

    fn verdict(
        &self,
        file: &KeyFile,
        token: &str,
        policy: ClaimsPolicy,
        clock: Held,
    ) -> Result<Result<VerifiedToken, TokenError>, Failure> {
        let verification = match format::of(token) {
            CredentialKind::Paseto => {
                let mut verifier = PasetoVerifier::new(file.paseto_keys()?, policy).with_clock(clock);
                if let Some(path) = &self.implicit_assertion {
                    let source = Source::File(path.clone());
                    verifier = verifier
                        .with_implicit_assertion(&**source.read("the implicit assertion", MOST_ASSERTION)?);
                }
                verifier.verify(token)
            }
            _ if self.implicit_assertion.is_some() => {
                return Err(Failure::new("--implicit-assertion is PASETO's, and this token is a JWT"));
            }
            _ => JwtVerifier::new(file.jwt_keys()?, policy).with_clock(clock).verify(token),
        };
        match verification {
            Verification::Ready(verdict) => Ok(verdict),
            // No verifier that is built here waits for anything.
            Verification::Pending(_) => Ok(Err(TokenError::from(TokenErrorKind::Unavailable))),
        }
    }
}

const MOST_ASSERTION: usize = 1024 * 1024;
