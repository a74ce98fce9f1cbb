use std::{error::Error, fmt};

use portcullis::{
    identity::{IssuerId, Principal},
    issue::{IssueError, TokenRequest},
};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;

/// What every credential of a comparison stands for: in a token it is written, in a session the store keeps it.
///
/// # Example
///
/// ```
/// use portcullis_compare::Claims;
///
/// let claims = Claims::from_json(r#"{"sub":"ada","tenant":"acme"}"#)?.with_scopes(3)?;
/// # let _ = claims;
/// # Ok::<(), portcullis_compare::ClaimsError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Claims {
    issuer: String,
    audience: String,
    subject: String,
    scope: String,
    client_id: Option<String>,
    roles: Vec<String>,
    others: Vec<(String, Box<RawValue>)>,
}

impl Claims {
    /// The claims of a JSON object. A payload that was taken out of a token will do.
    ///
    /// `iss`, `sub`, `aud`, `scope`, `client_id` and `roles` are written where the formats have them. `exp`, `nbf`, `iat` and `jti` are made anew for each
    /// token, so what the object says of them is not looked at.
    ///
    /// # Errors
    ///
    /// It is no JSON object, or larger than [`MOST_BYTES`](Self::MOST_BYTES); two members have one name; a claim of the above is no text (`aud` may be a list of them, of which the first
    /// is taken, and `roles` is one); or the issuer gives a claim of that name no meaning that could be compared (`amr`, `auth_time`, `cnf`, `scp`, `sid`).
    pub fn from_json(json: &str) -> Result<Self, ClaimsError> {
        if json.len() > Self::MOST_BYTES {
            return Err(ClaimsError::new(format!("they are larger than {} bytes", Self::MOST_BYTES)));
        }
        // Editors of some systems begin a file with it, and it is no part of the text.
        let json = json.strip_prefix('\u{feff}').unwrap_or(json);
        let Members(members) =
            serde_json::from_str(json).map_err(|error| ClaimsError::new(error.to_string()))?;
        let mut claims = Self { scope: String::new(), others: Vec::new(), ..Self::default() };
        for (name, value) in members {
            match name.as_str() {
                "iss" => claims.issuer = text(&name, &value)?,
                "sub" => claims.subject = text(&name, &value)?,
                "aud" => claims.audience = first_text(&name, &value)?,
                "scope" => claims.scope = text(&name, &value)?,
                "client_id" => claims.client_id = Some(text(&name, &value)?),
                "roles" => claims.roles = texts(&name, &value)?,
                "exp" | "nbf" | "iat" | "jti" => {}
                _ => claims.others.push((name, value)),
            }
        }
        claims.request().map(|_request| claims)
    }

    /// Grants `scopes` scopes of usual length instead: `orders-1:read`, `orders-2:read` and so on.
    ///
    /// # Errors
    ///
    /// There are more than [`MOST_SCOPES`](Self::MOST_SCOPES).
    pub fn with_scopes(mut self, scopes: u16) -> Result<Self, ClaimsError> {
        if scopes > Self::MOST_SCOPES {
            return Err(ClaimsError::new(format!("there can be {} scopes at most", Self::MOST_SCOPES)));
        }
        let scopes: Vec<String> = (1..=scopes).map(|number| format!("orders-{number}:read")).collect();
        self.scope = scopes.join(" ");
        Ok(self)
    }

    /// The longest JSON text that is read. No token may be longer than 16 KiB.
    pub const MOST_BYTES: usize = 64 * 1024;
    /// More would not fit into a token.
    pub const MOST_SCOPES: u16 = 700;

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn audience(&self) -> &str {
        &self.audience
    }

    /// Whom they are about, as `issuer` knows them.
    pub(crate) fn principal_of(&self, issuer: IssuerId) -> Principal {
        Principal::new(issuer, self.subject.as_str()).with_roles(self.roles.iter().cloned())
    }

    /// What an issuer is asked for.
    pub(crate) fn request(&self) -> Result<TokenRequest, ClaimsError> {
        if self.subject.is_empty() {
            return Err(ClaimsError::new("the claim `sub` is empty and names nobody"));
        }
        let mut request =
            TokenRequest::for_principal(&self.principal_of(IssuerId::new(self.issuer.as_str())))
                .with_scope(&self.scope)
                .map_err(|error| ClaimsError::of("scope", &error))?;
        if let Some(client_id) = &self.client_id {
            request = request.with_client_id(client_id.as_str());
        }
        for (name, value) in &self.others {
            request =
                request.with_claim(name.as_str(), value).map_err(|error| ClaimsError::of(name, &error))?;
        }
        Ok(request)
    }

    /// What a session keeps besides its principal.
    pub(crate) fn kept(&self) -> impl Serialize + '_ {
        #[derive(Serialize)]
        struct Kept<'a> {
            #[serde(skip_serializing_if = "str::is_empty")]
            scope: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            client_id: Option<&'a str>,
            #[serde(skip_serializing_if = "<[_]>::is_empty")]
            others: &'a [(String, Box<RawValue>)],
        }
        Kept { scope: &self.scope, client_id: self.client_id.as_deref(), others: &self.others }
    }
}

/// A usual access token: an opaque user id, two scopes and a tenant.
impl Default for Claims {
    fn default() -> Self {
        Self {
            issuer: String::from("https://id.example"),
            audience: String::from("https://api.example"),
            subject: String::from("8f14e45f-ceea-467f-a9c5-1f6a3c5b2d10"),
            scope: String::from("orders:read orders:write"),
            client_id: None,
            roles: Vec::new(),
            others: Vec::from([(String::from("tenant"), acme())]),
        }
    }
}

/// Claims that no credential can stand for. It names a claim, and repeats no value.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ClaimsError(String);

impl ClaimsError {
    fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }

    fn of(name: &str, error: &IssueError) -> Self {
        Self(format!("the claim `{}`: {error}", name.escape_debug()))
    }
}

impl fmt::Display for ClaimsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for ClaimsError {}

/// The members of an object in their order, each name once.
struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> de::Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object of claims")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members: Vec<(String, Box<RawValue>)> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
            if members.iter().any(|(taken, _)| *taken == name) {
                return Err(de::Error::custom(format_args!(
                    "the claim `{}` is there twice",
                    name.escape_debug()
                )));
            }
            members.push((name, value));
        }
        Ok(Members(members))
    }
}

fn text(name: &str, value: &RawValue) -> Result<String, ClaimsError> {
    serde_json::from_str(value.get())
        .map_err(|_not_text| ClaimsError::new(format!("the claim `{name}` is no text")))
}

fn texts(name: &str, value: &RawValue) -> Result<Vec<String>, ClaimsError> {
    serde_json::from_str(value.get())
        .map_err(|_no_list| ClaimsError::new(format!("the claim `{name}` is no list of texts")))
}

/// An audience is a text or a list of them (RFC 7519 §4.1.3).
fn first_text(name: &str, value: &RawValue) -> Result<String, ClaimsError> {
    text(name, value).or_else(|_no_text| {
        let first = texts(name, value)?.into_iter().next();
        first.ok_or_else(|| ClaimsError::new(format!("the claim `{name}` is an empty list")))
    })
}

#[expect(clippy::expect_used, reason = "the text is JSON")]
fn acme() -> Box<RawValue> {
    RawValue::from_string(String::from("\"acme\"")).expect("a JSON text")
}
