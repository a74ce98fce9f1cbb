//! What a verifier decides about a token.

use super::*;
use crate::{
    issue::IssueErrorKind,
    keyring::{Keyring, Schedule},
};

#[test]
fn what_is_signed_is_verified_and_names_its_key() {
    for kind in kinds() {
        let key = key(kind);
        let token = PasetoSigner::new(key.clone()).sign_claims(CLAIMS, NOW).unwrap();
        assert!(token.starts_with(kind.header()), "{kind}");
        let verified = verify(&verifier(key.public().unwrap_or(key.clone())), &token).unwrap();
        assert_eq!(verified.key_id(), key.id(), "{kind}");
        assert_eq!(verified.subject(), Some("alice"), "{kind}");
        assert_eq!(verified.claims_json(), CLAIMS, "{kind}");
        // Also without a footer: then each key of the kind is tried.
        assert!(verify(&verifier(key.clone()), &super::token(&key, CLAIMS, "")).is_ok(), "{kind}");
    }
}

/// Every header there is before the body and the footer of a good token of every kind, under every kind of key.
#[test]
fn t56_no_header_but_the_keys_own_is_accepted() {
    let headers = ["v1", "v2", "v3", "v4", "v5", "v9"].into_iter().flat_map(|version| {
        ["local", "public"].map(|purpose| (format!("{version}.{purpose}."), TokenErrorKind::Algorithm))
    });
    let odd = [
        "V4.local.",
        "v4.Local.",
        "V4.PUBLIC.",
        "v4.PUBLIC.",
        "v04.public.",
        "v44.public.",
        "v.public.",
        "4.public.",
        " v4.public.",
        "v4..public.",
        "v4.public..",
        "v4.secret.",
        "",
        ".",
    ];
    let headers: Vec<_> = headers.chain(odd.map(|odd| (odd.to_owned(), TokenErrorKind::Malformed))).collect();
    for kind in kinds() {
        let key = key(kind);
        let good = token(&key, CLAIMS, format!(r#"{{"kid":"{}"}}"#, key.id()));
        let rest = good.strip_prefix(kind.header()).unwrap();
        let verifier = verifier(key);
        for (header, expected) in &headers {
            let swapped = format!("{header}{rest}");
            if header == kind.header() {
                assert!(verify(&verifier, &swapped).is_ok());
            } else {
                assert_eq!(refusal(&verifier, &swapped), *expected, "{kind} as {header}");
            }
        }
    }
}

/// The public key's bytes as a shared key, with which everybody could make a token ([Algorithm Lucidity]).
///
/// [Algorithm Lucidity]: https://github.com/paseto-standard/paseto-spec/blob/master/docs/02-Implementation-Guide/03-Algorithm-Lucidity.md
#[test]
fn t56_a_public_key_is_no_shared_one() {
    let public = key(Kind::V4Public).public().unwrap();
    let text = public.to_public_paserk().unwrap().replace("k4.public.", "k4.local.");
    let forged = PasetoKey::from_paserk(&text).unwrap().with_id(public.id().as_str()).unwrap();
    for footer in [String::new(), format!(r#"{{"kid":"{}"}}"#, public.id())] {
        let token = token(&forged, CLAIMS, footer);
        assert_eq!(refusal(&verifier(public.clone()), &token), TokenErrorKind::Algorithm);
    }
}

#[test]
fn t58_names_are_unique() {
    for kind in kinds() {
        let key = key(kind);
        let verifier = verifier(key.clone());
        for (row, claims) in [
            ("plain", CLAIMS.replacen('{', r#"{"sub":"bob","#, 1)),
            ("escaped", CLAIMS.replacen('{', r#"{"su\u0062":"bob","#, 1)),
            ("unread", CLAIMS.replacen('{', r#"{"foo":"bar","foo":"baz","#, 1)),
            ("deep", CLAIMS.replacen('{', r#"{"foo":{"a":1,"a":1},"#, 1)),
        ] {
            assert_eq!(refusal(&verifier, &token(&key, claims, "")), TokenErrorKind::Claims, "{kind}, {row}");
        }
    }
}

#[test]
fn the_payload_is_an_object_of_utf8() {
    let key = key(Kind::V4Public);
    let verifier = verifier(key.clone());
    let rows: [&[u8]; 8] =
        [b"", b"[]", b"null", b"\"a\"", b"{", b"\xff", b"\xef\xbb\xbf{}", b"{\"iss\":\"\xc3\"}"];
    for claims in rows {
        assert_eq!(refusal(&verifier, &token(&key, claims, "")), TokenErrorKind::Claims, "{claims:?}");
    }
}

#[test]
fn t59_dates_are_rfc_3339_in_capitals() {
    let key = key(Kind::V4Local);
    let verifier = verifier(key.clone());
    let digits = "1234567890".repeat(4);
    let with = |exp: &str| token(&key, format!(r#"{{"iss":"id","aud":"api","exp":"{exp}"}}"#), "");
    for exp in [
        "2026-01-01T00:05:00Z",
        "2026-01-01T00:05:00+00:00",
        "2026-01-01T05:35:00+05:30",
        "2025-12-31T16:05:00-08:00",
        &format!("2026-01-01T00:05:00.{digits}Z"),
    ] {
        let verified = verify(&verifier, &with(exp)).expect(exp);
        assert_eq!(verified.expires_at(), Some(NOW + Duration::from_secs(300)), "{exp}");
    }
    for exp in [
        "2026-01-01t00:05:00Z",
        "2026-01-01T00:05:00z",
        "2026-01-01 00:05:00Z",
        "2026-01-01T00:05:00",
        "2026-01-01T00:05Z",
        "2026-01-01T00:05:60Z",
        "2026-02-29T00:05:00Z",
        "2026-01-01T00:05:00.Z",
        "1767225900",
        "",
    ] {
        assert_eq!(refusal(&verifier, &with(exp)), TokenErrorKind::Claims, "{exp}");
    }
    let number = token(&key, r#"{"iss":"id","aud":"api","exp":1767225900}"#, "");
    assert_eq!(refusal(&verifier, &number), TokenErrorKind::Claims);
}

#[test]
fn t46_a_paseto_is_good_at_the_second_it_ends() {
    let (key, clock) = (key(Kind::V4Local), clock());
    let policy = ClaimsPolicy::new("id", "api").with_leeway(Duration::ZERO).unwrap();
    let verifier = PasetoVerifier::new(key.clone(), policy).with_clock(clock.clone());
    let token = token(&key, CLAIMS, "");
    clock.set(NOW + Duration::from_secs(300));
    assert!(verify(&verifier, &token).is_ok());
    clock.set(NOW + Duration::from_millis(300_001));
    assert_eq!(refusal(&verifier, &token), TokenErrorKind::Expired);
}

#[test]
fn t63_the_assertion_has_to_be_the_same() {
    for kind in kinds() {
        let key = key(kind);
        let signer = PasetoSigner::new(key.clone()).with_implicit_assertion("tenant-1");
        let token = signer.sign_claims(CLAIMS, NOW).unwrap();
        let set = verifier(key.clone()).with_implicit_assertion("tenant-1");
        let unset = verifier(key);
        assert!(matches!(
            crate::bearer::VerifyToken::verify(&set, &token),
            crate::bearer::Verification::Ready(Ok(_))
        ));
        for assertion in ["", "tenant-2", "tenant-1\0", "tenant-"] {
            let refused = set.verify_with_assertion(&token, assertion.as_bytes()).unwrap_err();
            assert_eq!(refused.kind(), TokenErrorKind::Signature, "{kind}, {assertion}");
        }
        // One of the request takes the place of what was set.
        assert!(unset.verify_with_assertion(&token, b"tenant-1").is_ok(), "{kind}");
        assert_eq!(refusal(&unset, &token), TokenErrorKind::Signature, "{kind}");
    }
}

#[test]
fn t64_a_token_has_one_spelling() {
    for kind in kinds() {
        let key = key(kind);
        let verifier = verifier(key.clone());
        let (bare, footed) = (token(&key, CLAIMS, ""), token(&key, CLAIMS, "a footer"));
        assert!(verify(&verifier, &bare).is_ok() && verify(&verifier, &footed).is_ok());
        for changed in [
            format!("{bare}."),
            format!("{bare}.."),
            format!("{footed}."),
            format!("{footed}.AA"),
            format!("{bare}="),
            format!("{footed}="),
            format!("{bare} "),
            format!(" {bare}"),
            format!("{bare}\n"),
            kind.header().to_owned(),
            kind.as_str().to_owned(),
            format!("{}.", kind.header()),
        ] {
            let kind = refusal(&verifier, &changed);
            assert!(
                matches!(kind, TokenErrorKind::Malformed | TokenErrorKind::Signature),
                "{changed}: {kind:?}"
            );
        }
    }
}

/// Every character of a token by another of the alphabet, by one beyond it, doubled and taken out.
#[test]
fn t57_a_changed_token_is_refused() {
    for kind in kinds() {
        let key = key(kind);
        let verifier = verifier(key.clone());
        let good = PasetoSigner::new(key).sign_claims(CLAIMS, NOW).unwrap();
        for at in 0..good.len() {
            let old = good.as_bytes()[at];
            for new in [if old == b'A' { "B" } else { "A" }, "_", "+", ".", "=", "\0", "", "AA"] {
                let changed = format!("{}{new}{}", &good[..at], &good[at + 1..]);
                if changed == good {
                    continue;
                }
                let kind = refusal(&verifier, &changed);
                assert!(
                    matches!(
                        kind,
                        TokenErrorKind::Malformed
                            | TokenErrorKind::Algorithm
                            | TokenErrorKind::Signature
                            | TokenErrorKind::UnknownKey
                    ),
                    "{kind:?}: {changed}"
                );
            }
        }
        for length in 0..good.len() {
            refusal(&verifier, &good[..length]);
        }
    }
}

#[test]
fn t11_what_is_too_long_is_not_looked_at() {
    let key = key(Kind::V4Local);
    let verifier = verifier(key.clone());
    let longest = format!("v4.local.{}", "A".repeat(crate::bearer::MOST_BYTES - 9));
    assert_ne!(refusal(&verifier, &longest), TokenErrorKind::TooLarge);
    for long in [format!("{longest}A"), ".".repeat(1 << 20), format!("v4.local.{}", ".".repeat(1 << 20))] {
        assert_eq!(refusal(&verifier, &long), TokenErrorKind::TooLarge);
    }
    let claims = format!(r#"{{"a":"{}"}}"#, "a".repeat(crate::bearer::MOST_BYTES));
    let refused = PasetoSigner::new(key).sign_claims(&claims, NOW).unwrap_err();
    assert_eq!(refused.kind(), IssueErrorKind::TooLarge);
}

#[test]
fn only_an_object_is_signed_and_only_by_an_active_key() {
    let key = key(Kind::V4Public);
    let signer = PasetoSigner::new(key.clone());
    for claims in ["", "[]", r#"{"a":1,"a":2}"#] {
        assert_eq!(signer.sign_claims(claims, NOW).unwrap_err().kind(), IssueErrorKind::Claims, "{claims}");
    }
    let public = PasetoSigner::new(key.public().unwrap());
    assert_eq!(public.sign_claims("{}", NOW).unwrap_err().kind(), IssueErrorKind::NoSigningKey);
    let retired = Keyring::scheduled([(key, Schedule::default().retires_at(NOW))]);
    let refused = PasetoSigner::new(retired).sign_claims("{}", NOW).unwrap_err();
    assert_eq!(refused.kind(), IssueErrorKind::NoSigningKey);
}

#[test]
fn a_retired_key_is_unknown_and_one_that_does_not_sign_yet_verifies() {
    let key = key(Kind::V4Public);
    for footer in [String::new(), format!(r#"{{"kid":"{}"}}"#, key.id())] {
        let token = token(&key, CLAIMS, footer);
        let retired = Keyring::scheduled([(key.clone(), Schedule::default().retires_at(NOW))]);
        assert_eq!(refusal(&verifier(retired), &token), TokenErrorKind::UnknownKey);
        let later = Schedule::default().signs_from(NOW + Duration::from_secs(60));
        assert!(verify(&verifier(Keyring::scheduled([(key.clone(), later)])), &token).is_ok());
    }
}

#[test]
fn t41_without_a_name_few_keys_are_tried() {
    let keys: Vec<PasetoKey> = (0..6).map(|_| key(Kind::V4Local)).collect();
    let verifier = verifier(Keyring::new(keys.clone()));
    let is_accepted = |key: &PasetoKey| verify(&verifier, &token(key, CLAIMS, "")).is_ok();
    assert_eq!(keys.iter().map(is_accepted).collect::<Vec<_>>(), [true, true, true, true, false, false]);
    let last = keys.last().unwrap();
    assert!(verify(&verifier, &token(last, CLAIMS, format!(r#"{{"kid":"{}"}}"#, last.id()))).is_ok());
}
