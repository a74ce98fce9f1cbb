use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use portcullis_core::{Clock, Timestamp};
use portcullis_testkit::TestClock;

use super::*;
use crate::{
    bearer::{ConfigError, MOST_BYTES, TokenErrorKind, VerifiedToken},
    claims::{ClaimsPolicy, Form},
    identity::{Amr, CredentialKind, IssuerId, Principal},
    keyring::KeyId,
};

/// A format that holds its claims in the clear, and what it was asked for.
#[derive(Clone, Debug)]
struct Clear {
    form: Form,
    keys: Keys,
    asked: Arc<Mutex<Vec<(String, TokenType, Timestamp)>>>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Keys {
    Active,
    Later,
    None,
}

impl SignToken for Clear {
    fn form(&self) -> Form {
        self.form
    }

    fn can_ever_sign(&self) -> bool {
        self.keys != Keys::None
    }

    fn sign(&self, claims: &str, token_type: TokenType, now: Timestamp) -> Result<String, IssueError> {
        if self.keys == Keys::Later {
            return Err(IssueError::new(IssueErrorKind::NoSigningKey));
        }
        self.asked.lock().unwrap().push((claims.to_owned(), token_type, now));
        Ok(crate::base64url::encode(claims.as_bytes()))
    }
}

impl Clear {
    fn new(form: Form) -> Self {
        Self { form, keys: Keys::Active, asked: Arc::default() }
    }

    fn issuer(&self) -> TokenIssuer {
        let signer = Arc::new(self.clone());
        TokenIssuer::with_signer(signer, "https://id.example", "https://api.example").unwrap()
    }

    fn last(&self) -> (String, TokenType, Timestamp) {
        self.asked.lock().unwrap().last().unwrap().clone()
    }
}

/// 2033-05-18T03:33:20.900Z, and in whole seconds.
fn clock() -> TestClock {
    let clock = TestClock::new();
    clock.set(Timestamp::from_unix_millis(2_000_000_000_900));
    clock
}

fn ada() -> Principal {
    Principal::new(IssuerId::new("https://id.example"), "ada")
}

fn kind<T>(result: Result<T, IssueError>) -> Option<IssueErrorKind> {
    result.err().map(|error| error.kind())
}

#[tokio::test]
async fn a_token_says_what_was_asked_for_in_the_words_of_its_format() {
    let full = || {
        let principal = ada()
            .with_amr([Amr::PASSWORD, Amr::ONE_TIME_PASSWORD])
            .with_roles(["editor", "a\"b"])
            .with_authenticated_at(Timestamp::from_unix_millis(1_999_999_999_999));
        let request = TokenRequest::for_principal(&principal).with_scope("a b").unwrap();
        request.with_scope(" c  ").unwrap().with_audience("other").with_client_id("cli")
    };
    let claims = |request: TokenRequest| {
        let request = request.with_claim("tenant", "ac\"me").unwrap();
        request.with_claim("limits", [Some(1), None]).unwrap()
    };
    let rows = [
        (
            Form::Jwt,
            TokenRequest::for_subject("a\u{e9}\n"),
            TokenType::Common,
            r#"{"iss":"https://id.example","sub":"aé\n","aud":"https://api.example","iat":2000000000,"exp":2000000600,"jti":"JTI"}"#,
        ),
        (
            Form::Paseto,
            TokenRequest::for_subject("a"),
            TokenType::Common,
            r#"{"iss":"https://id.example","sub":"a","aud":"https://api.example","iat":"2033-05-18T03:33:20Z","exp":"2033-05-18T03:43:20Z","jti":"JTI"}"#,
        ),
        (
            Form::Jwt,
            claims(full()),
            TokenType::AccessToken,
            r#"{"iss":"https://id.example","sub":"ada","aud":"other","iat":2000000000,"exp":2000000600,"jti":"JTI","client_id":"cli","scope":"a b c","auth_time":1999999999,"amr":["pwd","otp"],"roles":["editor","a\"b"],"tenant":"ac\"me","limits":[1,null]}"#,
        ),
        (
            Form::Paseto,
            full(),
            TokenType::AccessToken,
            r#"{"iss":"https://id.example","sub":"ada","aud":"other","iat":"2033-05-18T03:33:20Z","exp":"2033-05-18T03:43:20Z","jti":"JTI","client_id":"cli","scope":"a b c","auth_time":"2033-05-18T03:33:19Z","amr":["pwd","otp"],"roles":["editor","a\"b"]}"#,
        ),
    ];
    for (form, request, token_type, expected) in rows {
        let signer = Clear::new(form);
        let issued = signer.issuer().with_clock(clock()).issue(request).await.unwrap();
        let (claims, asked_for, at) = signer.last();
        assert_eq!(claims, expected.replace("JTI", issued.token_id()));
        assert_eq!((asked_for, at), (token_type, clock().now()));
        assert_eq!(issued.token(), crate::base64url::encode(claims.as_bytes()));
        assert_eq!(issued.expires_at(), Timestamp::from_unix_seconds(2_000_000_600));
        assert_eq!(issued.expires_in(), Duration::from_secs(600));
    }
}

#[tokio::test]
async fn t80_what_is_issued_is_accepted_and_names_the_same_principal() {
    for (form, credential) in [(Form::Jwt, CredentialKind::Jwt), (Form::Paseto, CredentialKind::Paseto)] {
        let signer = Clear::new(form);
        let request = TokenRequest::for_principal(&ada().with_roles(["admin"])).with_client_id("cli");
        let request = request.with_scope("a b").unwrap().with_claim("deep", [[["a"]]]).unwrap();
        let issued = signer.issuer().with_clock(clock()).issue(request).await.unwrap();
        let (claims, _, now) = signer.last();
        for policy in [
            ClaimsPolicy::new("https://id.example", "https://api.example"),
            ClaimsPolicy::access_token_rfc9068("https://id.example", "https://api.example"),
        ] {
            let admit = |at| VerifiedToken::admit(&policy, form, KeyId::new("k"), claims.clone(), at);
            let token = admit(now).unwrap();
            assert_eq!((token.credential(), token.subject()), (credential, Some("ada")));
            assert_eq!(token.token_id(), Some(issued.token_id()));
            assert_eq!(token.expires_at(), Some(issued.expires_at()));
            assert_eq!(token.issued_at(), Some(Timestamp::from_unix_seconds(2_000_000_000)));
            assert!(token.has_scope("a") && token.has_scope("b"));
            let late = admit(issued.expires_at() + Duration::from_secs(31)).unwrap_err();
            assert_eq!(late.kind(), TokenErrorKind::Expired);
        }
    }
}

#[tokio::test]
async fn every_token_has_an_id_of_128_bits_of_its_own() {
    let issuer = Clear::new(Form::Jwt).issuer();
    let mut ids = std::collections::HashSet::new();
    for _ in 0..1_000 {
        let issued = issuer.issue(TokenRequest::for_subject("ada")).await.unwrap();
        assert_eq!(issued.token_id().len(), 22);
        assert!(issued.token_id().bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
        assert!(ids.insert(issued.token_id().to_owned()));
    }
}

#[tokio::test]
async fn a_lifetime_is_between_a_second_and_a_day_and_of_whole_seconds() {
    let signer = Clear::new(Form::Jwt);
    let rows = [
        (Duration::ZERO, None),
        (Duration::from_millis(999), None),
        (Duration::from_secs(1), Some(1)),
        (Duration::from_millis(1_999), Some(1)),
        (Duration::from_secs(86_400), Some(86_400)),
        (Duration::from_millis(86_400_001), None),
        (Duration::MAX, None),
    ];
    for (lifetime, expected) in rows {
        let issuer = signer.issuer().with_clock(clock()).with_lifetime(lifetime);
        let Some(seconds) = expected else {
            assert_eq!(issuer.unwrap_err(), ConfigError::Lifetime(lifetime));
            continue;
        };
        let issued = issuer.unwrap().issue(TokenRequest::for_subject("ada")).await.unwrap();
        assert_eq!(issued.expires_at(), Timestamp::from_unix_seconds(2_000_000_000 + seconds));
        assert!(signer.last().0.contains(&format!("\"exp\":{}", 2_000_000_000 + seconds)), "{lifetime:?}");
    }
}

#[tokio::test]
async fn a_principal_of_another_issuer_gets_no_token_here() {
    let issuer = Clear::new(Form::Jwt).issuer();
    let rows = [
        ("ours", TokenRequest::for_principal(&ada()), None),
        ("local", TokenRequest::for_principal(&Principal::local("ada")), Some(())),
        (
            "a slash more",
            TokenRequest::for_principal(&Principal::new(IssuerId::new("https://id.example/"), "ada")),
            Some(()),
        ),
        ("a subject alone", TokenRequest::for_subject("ada"), None),
    ];
    for (name, request, expected) in rows {
        let expected = expected.map(|()| IssueErrorKind::ForeignPrincipal);
        assert_eq!(kind(issuer.issue(request).await), expected, "{name}");
    }
}

#[test]
fn without_a_key_that_ever_signs_there_is_no_issuer() {
    let signer = Arc::new(Clear { keys: Keys::None, ..Clear::new(Form::Jwt) });
    assert_eq!(TokenIssuer::with_signer(signer, "i", "a").unwrap_err(), ConfigError::NoSigningKey);
}

#[tokio::test]
async fn a_key_that_signs_later_does_not_sign_now() {
    let signer = Clear { keys: Keys::Later, ..Clear::new(Form::Jwt) };
    let issued = signer.issuer().issue(TokenRequest::for_subject("ada")).await;
    assert_eq!(kind(issued), Some(IssueErrorKind::NoSigningKey));
}

#[test]
fn a_claim_of_the_issuers_own_or_of_a_taken_name_is_refused() {
    let request = || TokenRequest::for_subject("ada").with_claim("tenant", 1).unwrap();
    for name in [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "scope",
        "scp",
        "client_id",
        "auth_time",
        "amr",
        "roles",
        "cnf",
        "sid",
        "tenant",
    ] {
        assert_eq!(kind(request().with_claim(name, 1)), Some(IssueErrorKind::ReservedClaim), "{name}");
    }
    for name in ["ISS", "iss ", "", "tenant2", "\u{0}"] {
        assert_eq!(kind(request().with_claim(name, 1)), None, "{name:?}");
    }
}

#[tokio::test]
async fn no_spelling_of_a_name_makes_it_another_claim() {
    let signer = Clear::new(Form::Jwt);
    // An escape is text here: what is written is the name with a backslash.
    let request = TokenRequest::for_subject("ada").with_claim(r"\u0069ss", "evil").unwrap();
    let request = request.with_claim("a\",\"iss\":\"evil", "b\",\"iss\":\"evil").unwrap();
    signer.issuer().with_clock(clock()).issue(request).await.unwrap();
    let (claims, _, now) = signer.last();
    let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
    VerifiedToken::admit(&policy, Form::Jwt, KeyId::new("k"), claims, now).unwrap();
}

#[test]
fn a_value_that_a_verifier_would_refuse_is_refused_here() {
    use serde::{Serialize, Serializer, ser::SerializeMap};

    struct Twice;
    impl Serialize for Twice {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(2))?;
            map.serialize_entry("a", &1)?;
            map.serialize_entry("a", &2)?;
            map.end()
        }
    }
    struct Secret;
    impl Serialize for Secret {
        fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("s3cret"))
        }
    }
    let deep = |depth| (0..depth).fold(serde_json::Value::Null, |inner, _| serde_json::json!([inner]));

    let request = || TokenRequest::for_subject("ada");
    let refused = Some(IssueErrorKind::Claims);
    assert_eq!(kind(request().with_claim("a", Twice)), refused);
    assert_eq!(kind(request().with_claim("a", deep(32))), refused);
    assert_eq!(kind(request().with_claim("a", deep(31))), None);
    let error = request().with_claim("a", Secret).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("s3cret"));
}

#[tokio::test]
async fn what_a_request_takes_a_verifier_reads() {
    let signer = Clear::new(Form::Jwt);
    let deep = (0..31).fold(serde_json::Value::Null, |inner, _| serde_json::json!({ "a": inner }));
    let request = TokenRequest::for_subject("ada").with_claim("deep", deep).unwrap();
    signer.issuer().with_clock(clock()).issue(request).await.unwrap();
    let (claims, _, now) = signer.last();
    let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
    VerifiedToken::admit(&policy, Form::Jwt, KeyId::new("k"), claims, now).unwrap();
}

#[test]
fn a_scope_is_printable_ascii_and_spaces_stand_between() {
    let scope = |scope: &str| kind(TokenRequest::for_subject("ada").with_scope(scope));
    for good in ["", " ", "a", "a b", "  a   b  ", "!#$[]~", "https://api.example/orders.read"] {
        assert_eq!(scope(good), None, "{good:?}");
    }
    for bad in ["a\"b", "a\\b", "a\tb", "a\nb", "\u{e9}", "a\u{7f}", "a b\"", "\u{a0}"] {
        assert_eq!(scope(bad), Some(IssueErrorKind::Scope), "{bad:?}");
    }
}

#[tokio::test]
async fn t11_a_token_that_no_verifier_would_look_at_is_not_issued() {
    let issuer = Clear::new(Form::Jwt).issuer();
    let issue = async |length: usize| {
        let request = TokenRequest::for_subject("ada").with_claim("a", "a".repeat(length)).unwrap();
        issuer.issue(request).await
    };
    assert_eq!(kind(issue(MOST_BYTES * 3 / 4).await), Some(IssueErrorKind::TooLarge));
    assert!(issue(MOST_BYTES * 3 / 4 - 300).await.unwrap().token().len() <= MOST_BYTES);
}

#[tokio::test]
async fn an_issued_token_is_handed_over_as_oauth_has_it_and_is_no_part_of_debug() {
    let issuer = Clear::new(Form::Jwt).issuer().with_clock(clock());
    let plain = issuer.issue(TokenRequest::for_subject("ada")).await.unwrap();
    let scoped = TokenRequest::for_subject("ada").with_scope("a b").unwrap();
    let scoped = issuer.issue(scoped).await.unwrap();
    for (issued, scope) in [(&plain, ""), (&scoped, r#","scope":"a b""#)] {
        let token = issued.token();
        let expected =
            format!(r#"{{"access_token":"{token}","token_type":"Bearer","expires_in":600{scope}}}"#);
        assert_eq!(issued.to_json(), expected);
        serde_json::from_str::<serde_json::Value>(&issued.to_json()).unwrap();
        let shown = format!("{issued:?} {issued:#?}");
        assert!(!shown.contains(token) && shown.contains(issued.token_id()), "{shown}");
    }
    assert_eq!((plain.scope(), scoped.scope()), ("", "a b"));
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn t74_a_response_with_a_token_is_stored_by_no_cache() {
    use axum_core::response::IntoResponse;

    let issued = Clear::new(Form::Jwt).issuer().issue(TokenRequest::for_subject("ada")).await.unwrap();
    let json = issued.to_json();
    let response = issued.into_response();
    let fields: Vec<(&str, &str)> =
        response.headers().iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    assert_eq!(fields, [("content-type", "application/json"), ("cache-control", "no-store")]);
    assert_eq!(response.status(), 200);
    assert_eq!(axum::body::to_bytes(response.into_body(), MOST_BYTES).await.unwrap(), json);

    let rows = [
        (IssueErrorKind::NoSigningKey, 500),
        (IssueErrorKind::Claims, 500),
        (IssueErrorKind::ReservedClaim, 500),
        (IssueErrorKind::Scope, 400),
        (IssueErrorKind::ForeignPrincipal, 500),
        (IssueErrorKind::TooLarge, 500),
        (IssueErrorKind::Unavailable, 503),
    ];
    for (kind, status) in rows {
        let response = IssueError::new(kind).into_response();
        assert_eq!(response.status(), status, "{kind:?}");
        assert_eq!(response.headers()["cache-control"], "no-store", "{kind:?}");
    }
}

#[tokio::test]
async fn nobody_is_given_a_token() {
    let issuer = Clear::new(Form::Jwt).issuer();
    assert_eq!(kind(issuer.issue(TokenRequest::for_subject("")).await), Some(IssueErrorKind::NoSubject));
}
