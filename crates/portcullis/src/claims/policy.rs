use std::{borrow::Cow, sync::Arc, time::Duration};

use portcullis_core::Timestamp;

use super::{
    Form, Registered,
    error::{TokenError, TokenErrorKind},
};
use crate::{
    bearer::ConfigError,
    identity::{CredentialKind, IssuerId},
    json::{self, JsonError, Value},
};

/// Which claims are accepted; see the [module](super) for what is always checked.
///
/// # Example
///
/// ```
/// use portcullis::claims::ClaimsPolicy;
///
/// let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
/// # let _ = policy;
/// ```
#[derive(Clone, Debug)]
pub struct ClaimsPolicy(Arc<Settings>);

#[derive(Clone, Debug)]
struct Settings {
    issuer: IssuerId,
    /// Whom a token may be for; empty where that is not asked.
    audiences: Vec<Box<str>>,
    typing: Typing,
    leeway: Duration,
    needs_expiry: bool,
    max_age: Option<Duration>,
    max_lifetime: Option<Duration>,
    required: Vec<Box<str>>,
}

/// Which `typ` a JWT may have ([RFC 8725 §3.11]).
///
/// [RFC 8725 §3.11]: https://www.rfc-editor.org/rfc/rfc8725#section-3.11
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Typing {
    /// Any but those of other profiles.
    Common,
    /// `at+jwt` alone.
    AccessToken,
}

impl ClaimsPolicy {
    /// Accepts tokens of `issuer` for `audience`; both are compared byte for byte.
    #[must_use]
    pub fn new(issuer: impl Into<Arc<str>>, audience: impl Into<Box<str>>) -> Self {
        Self::of(issuer, vec![audience.into()])
    }

    /// Accepts access tokens as [RFC 9068] has them: of the type `at+jwt`, and with `sub`, `client_id`, `iat` and `jti`.
    ///
    /// A PASETO has no type; the claims are demanded of it all the same.
    ///
    /// [RFC 9068]: https://www.rfc-editor.org/rfc/rfc9068
    #[must_use]
    pub fn access_token_rfc9068(issuer: impl Into<Arc<str>>, audience: impl Into<Box<str>>) -> Self {
        let policy = Self::new(issuer, audience).set(|settings| settings.typing = Typing::AccessToken);
        ["sub", "client_id", "iat", "jti"].into_iter().fold(policy, Self::require)
    }

    /// Accepts tokens of `issuer` whomever they are for.
    ///
    /// # Security
    ///
    /// A token that somebody gave to another service of that issuer opens this one, and whoever runs the other can do so.
    #[must_use]
    pub fn insecure_without_audience(issuer: impl Into<Arc<str>>) -> Self {
        Self::of(issuer, Vec::new())
    }

    /// Accepts tokens for `audience` too.
    #[must_use]
    pub fn or_audience(self, audience: impl Into<Box<str>>) -> Self {
        // Where none is asked for, naming one would not widen what is accepted but narrow it, which is what was meant.
        self.set(|settings| settings.audiences.push(audience.into()))
    }

    /// How far the clocks of those who issue may differ from ours, in either direction. With [revocations](crate::revocation) at least ten seconds:
    /// a token that is issued right after everything older was revoked says that it was issued a little later.
    ///
    /// # Default
    ///
    /// 30 seconds: more than synchronised clocks ever need, little against a lifetime of minutes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Leeway`] for more than 300 seconds.
    pub fn with_leeway(self, leeway: Duration) -> Result<Self, ConfigError> {
        if leeway > MOST_LEEWAY {
            return Err(ConfigError::Leeway(leeway));
        }
        Ok(self.set(|settings| settings.leeway = leeway))
    }

    /// Refuses tokens that were issued longer ago than `age`, and those that do not say when (`iat`).
    ///
    /// # Default
    ///
    /// Any age: `exp` ends a token.
    #[must_use]
    pub fn with_max_age(self, age: Duration) -> Self {
        self.set(|settings| settings.max_age = Some(age))
    }

    /// Refuses tokens that would live for longer than `lifetime` from now.
    ///
    /// # Default
    ///
    /// Any lifetime: the issuer is trusted to choose it.
    #[must_use]
    pub fn with_max_lifetime(self, lifetime: Duration) -> Self {
        self.set(|settings| settings.max_lifetime = Some(lifetime))
    }

    /// Refuses tokens without the claim `name`. `null` is without, and so is a `client_id` that is no string or an `auth_time` that is no date.
    #[must_use]
    pub fn require(self, name: impl Into<Box<str>>) -> Self {
        self.set(|settings| settings.required.push(name.into()))
    }

    /// Accepts tokens that never end.
    ///
    /// # Security
    ///
    /// Who has such a token once has it for ever, unless it is [revoked](crate::revocation).
    #[must_use]
    pub fn insecure_without_expiry(self) -> Self {
        self.set(|settings| settings.needs_expiry = false)
    }

    /// All that speaks against `claims`, a JSON object as a token of `form` has it. Nothing is said of a signature: for tools that explain a
    /// refusal, and never in place of a verifier.
    #[must_use]
    pub fn objections(&self, claims: &str, credential: CredentialKind, now: Timestamp) -> Vec<TokenError> {
        let form = if credential == CredentialKind::Paseto { Form::Paseto } else { Form::Jwt };
        match Registered::read(claims, form) {
            Ok(registered) => self.rules(&registered, claims, form, now).collect(),
            Err(unreadable) => vec![unreadable],
        }
    }

    /// Decides about `claims`, which `payload` reads as.
    pub(crate) fn check(
        &self,
        claims: &Registered<'_>,
        payload: &str,
        form: Form,
        now: Timestamp,
    ) -> Result<(), TokenError> {
        self.rules(claims, payload, form, now).next().map_or(Ok(()), Err)
    }

    pub(crate) fn issuer(&self) -> &IssuerId {
        &self.0.issuer
    }

    pub(crate) fn typing(&self) -> Typing {
        self.0.typing
    }

    pub(super) fn has_come(&self, at: Timestamp, now: Timestamp) -> bool {
        self.0.has_come(at, now)
    }

    fn rules<'a>(
        &'a self,
        claims: &'a Registered<'_>,
        payload: &'a str,
        form: Form,
        now: Timestamp,
    ) -> impl Iterator<Item = TokenError> + 'a {
        let facts = Facts { settings: &self.0, claims, form, now };
        let rules = RULES.into_iter().filter_map(move |rule| rule(&facts).err());
        rules.chain(
            self.0
                .required
                .iter()
                .filter(|name| !claims.has(name).unwrap_or_else(|| has(payload, name)))
                .map(|name| missing(String::from(&**name))),
        )
    }

    fn of(issuer: impl Into<Arc<str>>, audiences: Vec<Box<str>>) -> Self {
        Self(Arc::new(Settings {
            issuer: IssuerId::new(issuer),
            audiences,
            typing: Typing::Common,
            leeway: DEFAULT_LEEWAY,
            needs_expiry: true,
            max_age: None,
            max_lifetime: None,
            required: Vec::new(),
        }))
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

impl Settings {
    /// Whether `at` has come by `now`, as far as clocks agree.
    fn has_come(&self, at: Timestamp, now: Timestamp) -> bool {
        at <= now + self.leeway
    }
}

/// All that a rule looks at.
struct Facts<'a> {
    settings: &'a Settings,
    claims: &'a Registered<'a>,
    form: Form,
    now: Timestamp,
}

type Rule = fn(&Facts<'_>) -> Result<(), TokenError>;

/// In the order in which they are told.
const RULES: [Rule; 8] = [
    expires,
    has_not_expired,
    has_begun,
    was_issued,
    is_of_issuer,
    is_for_audience,
    is_no_key_bound,
    is_young,
];

fn expires(facts: &Facts<'_>) -> Result<(), TokenError> {
    let is_needed = facts.settings.needs_expiry || facts.settings.max_lifetime.is_some();
    if is_needed && facts.claims.expires_at.is_none() { Err(missing("exp")) } else { Ok(()) }
}

fn has_not_expired(facts: &Facts<'_>) -> Result<(), TokenError> {
    let Some(end) = facts.claims.expires_at else { return Ok(()) };
    if facts.form.has_ended(end + facts.settings.leeway, facts.now) {
        return Err(TokenErrorKind::Expired.into());
    }
    match facts.settings.max_lifetime {
        Some(longest) if end.since(facts.now) > longest.saturating_add(facts.settings.leeway) => {
            Err(TokenErrorKind::LivesTooLong.into())
        }
        _ => Ok(()),
    }
}

fn has_begun(facts: &Facts<'_>) -> Result<(), TokenError> {
    match facts.claims.not_before {
        Some(begin) if !facts.settings.has_come(begin, facts.now) => Err(TokenErrorKind::NotYetValid.into()),
        _ => Ok(()),
    }
}

fn was_issued(facts: &Facts<'_>) -> Result<(), TokenError> {
    match facts.claims.issued_by {
        Some(at) if !facts.settings.has_come(at, facts.now) => Err(TokenErrorKind::IssuedInFuture.into()),
        _ => Ok(()),
    }
}

fn is_of_issuer(facts: &Facts<'_>) -> Result<(), TokenError> {
    match facts.claims.issuer {
        Some(issuer) if issuer.is(facts.settings.issuer.as_str()) => Ok(()),
        Some(_) => Err(TokenErrorKind::Issuer.into()),
        None => Err(missing("iss")),
    }
}

fn is_for_audience(facts: &Facts<'_>) -> Result<(), TokenError> {
    match (&*facts.settings.audiences, facts.claims.audience) {
        ([], _) => Ok(()),
        (_, None) => Err(missing("aud")),
        (ours, Some(_)) if facts.claims.is_for_one_of(ours) => Ok(()),
        _ => Err(TokenErrorKind::Audience.into()),
    }
}

fn is_no_key_bound(facts: &Facts<'_>) -> Result<(), TokenError> {
    if facts.claims.is_key_bound { Err(TokenErrorKind::KeyBound.into()) } else { Ok(()) }
}

fn is_young(facts: &Facts<'_>) -> Result<(), TokenError> {
    match (facts.settings.max_age, facts.claims.issued_at) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(missing("iat")),
        (Some(oldest), Some(at)) if facts.now.since(at) > oldest.saturating_add(facts.settings.leeway) => {
            Err(TokenErrorKind::TooOld.into())
        }
        (Some(_), Some(_)) => Ok(()),
    }
}

fn has(payload: &str, name: &str) -> bool {
    let mut found = false;
    let read: Result<(), JsonError> = json::members(payload, |claim, value| {
        found |= claim.is(name) && !matches!(value, Value::Other("null"));
        Ok(())
    });
    found && read.is_ok()
}

fn missing(claim: impl Into<Cow<'static, str>>) -> TokenError {
    TokenError::of_claim(TokenErrorKind::MissingClaim, claim)
}

const DEFAULT_LEEWAY: Duration = Duration::from_secs(30);
/// What any policy may allow.
pub(crate) const MOST_LEEWAY: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests;
