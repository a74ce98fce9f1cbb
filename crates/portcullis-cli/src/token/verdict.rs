use std::borrow::Cow;

use portcullis::{
    bearer::{TokenError, TokenErrorKind, VerifiedToken},
    claims::ClaimsPolicy,
    identity::CredentialKind,
    store::Clock,
};
use serde::Serialize;

use super::{
    decoded::{Claims, Decoded, Undecodable},
    times::Time,
};
use crate::{
    at::Held,
    failure::Failure,
    json::{Json, show},
    output::{Report, Style},
    spelling::{name, quoted},
};

/// Why a token was refused, and what else speaks against it.
#[derive(Debug, Serialize)]
pub(super) struct Refusal {
    valid: bool,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
    explanation: Cow<'static, str>,
    /// Whether what follows was read from claims that nothing proves.
    also_unverified: bool,
    also: Vec<Objection>,
}

#[derive(Debug, Serialize)]
struct Objection {
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
    explanation: String,
}

impl Refusal {
    /// What is no token at all.
    pub(super) fn of_text(undecodable: &Undecodable) -> Self {
        Self {
            valid: false,
            reason: undecodable.kind.name(),
            claim: None,
            explanation: undecodable.explanation.clone(),
            also_unverified: true,
            also: Vec::new(),
        }
    }

    /// What a verifier of `policy` refused with `error`.
    pub(super) fn new(
        error: TokenError,
        decoded: Result<Decoded, Undecodable>,
        policy: &ClaimsPolicy,
        clock: Held,
    ) -> Self {
        let explanation = match &decoded {
            Ok(decoded) => explain(&error, decoded, clock),
            // Both say that it is no token; the other knows why.
            Err(undecodable) if undecodable.kind == error.kind() => undecodable.explanation.clone(),
            Err(_) => error.to_string().into(),
        };
        let objections = match &decoded {
            Ok(Decoded { claims: Some(claims), format, .. }) => {
                policy.objections(&claims.text, *format, clock.now())
            }
            _ => Vec::new(),
        };
        let also = objections.into_iter().filter(|objection| *objection != error);
        let also = also.map(|objection| Objection {
            reason: objection.reason(),
            claim: objection.claim().map(String::from),
            explanation: match &decoded {
                Ok(decoded) => explain(&objection, decoded, clock).into_owned(),
                Err(_) => objection.to_string(),
            },
        });
        Self {
            valid: false,
            reason: error.reason(),
            claim: error.claim().map(String::from),
            explanation,
            also_unverified: !comes_after_the_signature(error.kind()),
            also: also.collect(),
        }
    }

    pub(super) fn report(&self, style: Style) -> Result<Report, Failure> {
        Ok(Report::refused(match style {
            Style::Plain => self.to_plain(),
            Style::Json => to_json(self)?,
        }))
    }

    fn to_plain(&self) -> String {
        let claim = self.claim.as_ref().map(|claim| format!(" {}", name(claim))).unwrap_or_default();
        let mut out = format!("refused: {}{claim}\n  {}\n", self.reason, self.explanation);
        for objection in &self.also {
            let mark = if self.also_unverified { "also (unverified)" } else { "also" };
            out.push_str(&format!("{mark}: {}\n", objection.explanation));
        }
        out
    }
}

/// Shows a token that was accepted.
pub(super) fn show_valid(verified: &VerifiedToken, clock: Held, style: Style) -> Result<Report, Failure> {
    let (format, key) = (verified.credential(), verified.key_id().as_str());
    let claims =
        Json::parse(verified.claims_json()).ok_or_else(|| Failure::new("the claims cannot be shown"))?;
    if style == Style::Json {
        return Ok(Report::fine(to_json(&Valid {
            valid: true,
            format: format.as_str(),
            key_id: key,
            claims: &claims,
        })?));
    }
    let mut out = format!("valid\n  format: {}\n  key: {}\n\nclaims\n", format.as_str(), name(key));
    let remark = |name: &str, value: &Json| Some(Time::of(name, value, format, clock.now())?.remark(format));
    show(&claims, 2, &remark, &mut out);
    Ok(Report::fine(out))
}

#[derive(Serialize)]
struct Valid<'a> {
    valid: bool,
    format: &'a str,
    key_id: &'a str,
    claims: &'a Json,
}

/// What `error` says, with what the token has in that place.
fn explain(error: &TokenError, decoded: &Decoded, clock: Held) -> Cow<'static, str> {
    let found = match error.kind() {
        TokenErrorKind::UnknownKey => key_of(decoded),
        TokenErrorKind::Algorithm => Some(format!("it says {}", quoted(&decoded.algorithm))),
        TokenErrorKind::Type => member(decoded.header.as_ref(), "typ"),
        kind => decoded.claims.as_ref().and_then(|claims| claim(kind, claims, decoded.format, clock)),
    };
    match found {
        Some(found) => format!("{error}: {found}").into(),
        None => error.to_string().into(),
    }
}

fn key_of(decoded: &Decoded) -> Option<String> {
    Some(match &decoded.key {
        Some(key) => format!("it names the key {}", quoted(key)),
        None => {
            let format = decoded.format.as_str().to_ascii_uppercase();
            format!("it names none, and the file has none that could verify this {format}")
        }
    })
}

fn claim(kind: TokenErrorKind, claims: &Claims, format: CredentialKind, clock: Held) -> Option<String> {
    let time = |name| Some(Time::of(name, claims.json.member(name)?, format, clock.now())?.words());
    match kind {
        TokenErrorKind::Issuer => member(Some(&claims.json), "iss"),
        TokenErrorKind::Audience => member(Some(&claims.json), "aud"),
        TokenErrorKind::Expired => time("exp"),
        TokenErrorKind::NotYetValid => time("nbf"),
        TokenErrorKind::IssuedInFuture | TokenErrorKind::TooOld => time("iat"),
        _ => None,
    }
}

/// `iss` is "…".
fn member(json: Option<&Json>, name: &str) -> Option<String> {
    let mut out = String::new();
    crate::json::in_line(json?.member(name)?, &mut out);
    Some(format!("`{name}` is {out}"))
}

/// Whether the signature was right when a verifier says so: it reads the claims after it.
const fn comes_after_the_signature(kind: TokenErrorKind) -> bool {
    matches!(
        kind,
        TokenErrorKind::Claims
            | TokenErrorKind::MissingClaim
            | TokenErrorKind::Expired
            | TokenErrorKind::NotYetValid
            | TokenErrorKind::IssuedInFuture
            | TokenErrorKind::TooOld
            | TokenErrorKind::LivesTooLong
            | TokenErrorKind::Issuer
            | TokenErrorKind::Audience
            | TokenErrorKind::KeyBound
            | TokenErrorKind::Revoked
    )
}

fn to_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value)
        .map_err(|error| Failure::because("the result cannot be written as JSON", &error))
}
