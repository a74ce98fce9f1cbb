//! Several verifiers as one.

use super::{
    stage::{Stage, bears},
    stub::Stub,
};
use crate::{
    bearer::{AnyOf, BearerLayer, TokenErrorKind, Verification, VerifyToken},
    event::EventKind,
};

/// Each stub as it is, and as one that must be waited for.
fn timings(stub: &Stub) -> [Stub; 2] {
    [stub.clone(), stub.clone().later()]
}

async fn kind(any: &AnyOf, token: &str) -> Option<TokenErrorKind> {
    any.verify(token).done().await.err().map(|error| error.kind())
}

#[tokio::test]
async fn the_first_that_accepts_wins_and_is_counted_also_by_clones() {
    let one = Stub::new().with("both", r#""sub":"one""#).with("one", r#""sub":"one""#);
    let other = Stub::new().with("both", r#""sub":"other""#).with("other", r#""sub":"other""#);
    for one in timings(&one) {
        for other in timings(&other) {
            let any = AnyOf::new().or("one", one.clone()).or("other", other.clone());
            let clone = any.clone();
            for (token, subject) in [("both", "one"), ("one", "one"), ("other", "other")] {
                let verified = clone.verify(token).done().await.unwrap();
                assert_eq!(verified.subject(), Some(subject), "{token}");
            }
            assert_eq!(kind(&any, "none").await, Some(TokenErrorKind::Signature));
            assert_eq!(any.accepted(), [("one", 2), ("other", 1)]);
            assert_eq!(any.accepted(), clone.accepted());
            assert_eq!(format!("{any:?}"), r#"{"one": 2, "other": 1}"#);
        }
    }
}

#[tokio::test]
async fn the_error_is_told_of_whom_the_token_is_more_likely_meant_for() {
    use TokenErrorKind::{
        Algorithm, Audience, Expired, Issuer, Malformed, Revoked, Signature, Type, Unavailable, UnknownKey,
    };

    let rows = [
        ("another format and a bad signature", Malformed, Signature, Signature),
        ("another format and expired", Malformed, Expired, Expired),
        ("an unknown key and another issuer", UnknownKey, Issuer, Issuer),
        ("another issuer and expired", Issuer, Expired, Expired),
        ("another audience and revoked", Audience, Revoked, Revoked),
        ("two of a kind, the first", Algorithm, Type, Algorithm),
        ("the other of a kind, the first", Type, Algorithm, Type),
        ("an outage is told first", Unavailable, Expired, Unavailable),
        ("an outage of what is no format of it", Unavailable, Malformed, Unavailable),
    ];
    for (name, one, other, expected) in rows {
        for (first, second) in [(one, other), (other, one)] {
            let is_tie = matches!((one, other), (Algorithm, Type) | (Type, Algorithm));
            let expected = if is_tie { first } else { expected };
            for first in timings(&Stub::new().refusing("t", first)) {
                for second in timings(&Stub::new().refusing("t", second)) {
                    let any = AnyOf::new().or("first", first.clone()).or("second", second.clone());
                    assert_eq!(kind(&any, "t").await, Some(expected), "{name}");
                    assert_eq!(any.accepted(), [("first", 0), ("second", 0)]);
                }
            }
        }
    }
}

#[tokio::test]
async fn t72_an_outage_of_one_does_not_keep_another_from_accepting() {
    let out = Stub::new().refusing("t", TokenErrorKind::Unavailable);
    let good = Stub::new().with("t", r#""sub":"ada""#);
    for (first, second) in [(&out, &good), (&good, &out)] {
        for first in timings(first) {
            let any = AnyOf::new().or("first", first).or("second", second.clone());
            assert_eq!(kind(&any, "t").await, None);
        }
    }
    let stage = Stage::new(BearerLayer::new(AnyOf::new().or("bad", Stub::new()).or("out", out)));
    assert_eq!(stage.send(bears("t")).await.status(), 503);
    assert_eq!(stage.told(), [(EventKind::TokenUnchecked, Some("unavailable"))]);
}

#[tokio::test]
async fn of_none_nothing_is_accepted() {
    assert_eq!(kind(&AnyOf::new(), "good").await, Some(TokenErrorKind::Malformed));
    assert_eq!(AnyOf::default().accepted(), []);
}

#[tokio::test]
async fn t79_what_need_not_wait_does_not() {
    let ready = AnyOf::new().or("a", Stub::new().refusing("good", TokenErrorKind::Malformed));
    let ready = ready.or("b", Stub::new()).or("c", Stub::new().later());
    assert!(matches!(ready.verify("good"), Verification::Ready(Ok(_))));
    assert!(matches!(ready.verify("bad"), Verification::Pending(_)));
}

#[tokio::test]
async fn it_can_stand_within_another() {
    let inner = AnyOf::new().or("inner", Stub::new().with("t", r#""sub":"ada""#));
    let outer = AnyOf::new().or("none", Stub::new()).or("any", inner.clone());
    assert_eq!(kind(&outer, "t").await, None);
    assert_eq!((inner.accepted(), outer.accepted()), (vec![("inner", 1)], vec![("none", 0), ("any", 1)]));
}

#[tokio::test]
async fn no_token_of_one_is_measured_by_the_policy_of_another() {
    use portcullis_core::{Clock, SystemClock};

    use crate::{
        bearer::VerifiedToken,
        claims::{ClaimsPolicy, Form},
        keyring::KeyId,
    };

    /// Proves that a token is of `key`, which it begins with, and holds its claims against a policy.
    struct Keyed(&'static str, ClaimsPolicy);

    impl VerifyToken for Keyed {
        fn verify(&self, token: &str) -> Verification {
            Verification::Ready(match token.split_once('~') {
                Some((key, claims)) if key == self.0 => {
                    let payload = claims.replace('\'', "\"");
                    VerifiedToken::admit(&self.1, Form::Jwt, KeyId::new(key), payload, SystemClock.now())
                }
                _ => Err(TokenErrorKind::UnknownKey.into()),
            })
        }
    }

    let strict = Keyed("strict", ClaimsPolicy::new("https://a.example", "api").require("jti"));
    let lax = Keyed("lax", ClaimsPolicy::insecure_without_audience("https://b.example"));
    let any = AnyOf::new().or("strict", strict).or("lax", lax);
    let rows = [
        ("strict~{'iss':'https://a.example','aud':'api','exp':9999999999,'jti':'1'}", None),
        ("lax~{'iss':'https://b.example','exp':9999999999}", None),
        ("strict~{'iss':'https://b.example','exp':9999999999}", Some(TokenErrorKind::Issuer)),
        (
            "lax~{'iss':'https://a.example','aud':'api','exp':9999999999,'jti':'1'}",
            Some(TokenErrorKind::Issuer),
        ),
        (
            "strict~{'iss':'https://a.example','aud':'api','exp':9999999999}",
            Some(TokenErrorKind::MissingClaim),
        ),
    ];
    for (token, expected) in rows {
        assert_eq!(kind(&any, token).await, expected, "{token}");
    }
}

#[tokio::test]
async fn what_stands_around_a_verifier_decides_also_where_it_waits() {
    for stub in timings(&Stub::new().with("bob", r#""sub":"bob""#)) {
        let verdict = async |token: &str| {
            let verdict = stub.verify(token).and_then(|token| match token.subject() {
                Some("ada") => Err(TokenErrorKind::Revoked.into()),
                _ => Ok(token),
            });
            verdict.done().await.err().map(|error| error.kind())
        };
        assert_eq!(verdict("good").await, Some(TokenErrorKind::Revoked));
        assert_eq!(verdict("bad").await, Some(TokenErrorKind::Signature));
        assert_eq!(verdict("bob").await, None);
    }
}
