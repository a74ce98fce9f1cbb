//! What a header may say, and how little of it counts.

use std::net::TcpListener;

use super::*;

#[test]
fn t21_only_an_algorithm_that_is_known_is_looked_up_at_all() {
    // Unsigned, and rightly signed under the wrong name.
    let key = shared();
    let unknown = [
        "none",
        "None",
        "NONE",
        "nOnE",
        "",
        " HS256",
        "HS256 ",
        "hs256",
        "HS256\\u0000",
        "HS1",
        "RS1",
        "ES512",
        "ES256K",
        "Ed448",
        "A128KW",
        "dir",
    ];
    for name in unknown {
        let header = format!(r#"{{"alg":"{name}"}}"#);
        let unsigned = format!("{}.{}.", base64url::encode(&header), base64url::encode(CLAIMS));
        assert_eq!(refusal(&verifier(key.clone()), &unsigned), TokenErrorKind::Malformed, "{name}");
        assert_eq!(
            refusal(&verifier(key.clone()), &format!("{unsigned}AA")),
            TokenErrorKind::Algorithm,
            "{name}"
        );
        let signed = token_of(&key, &header, CLAIMS);
        assert_eq!(refusal(&verifier(key.clone()), &signed), TokenErrorKind::Algorithm, "{name}");
        // Before any key is looked for.
        let nobodys = JwtKeys::new([]);
        assert_eq!(refusal(&verifier(nobodys), &signed), TokenErrorKind::Algorithm, "{name}");
    }
    for alg in ["null", "1", "[]", r#"["HS256"]"#, r#"{"alg":"HS256"}"#, "true"] {
        let header = format!(r#"{{"alg":{alg}}}"#);
        assert_eq!(
            refusal(&verifier(key.clone()), &token_of(&key, &header, CLAIMS)),
            TokenErrorKind::Malformed
        );
    }
    assert_eq!(refusal(&verifier(key.clone()), &token_of(&key, "{}", CLAIMS)), TokenErrorKind::Malformed);
    // An escape is the letter it means.
    verify(&verifier(key.clone()), &token_of(&key, r#"{"alg":"\u0048S256"}"#, CLAIMS)).unwrap();
}

#[test]
fn t23_the_key_says_which_algorithm_and_the_token_only_agrees() {
    let rsa = JwtKey::generate(Algorithm::Rs256).unwrap().with_id("one").unwrap();
    let jwk = rsa.expose_secret_jwk().unwrap();
    for algorithm in ["RS384", "RS512", "PS256", "PS384", "PS512"] {
        let other = JwtKey::from_jwk(&jwk.replace("RS256", algorithm)).unwrap();
        let token = issue(&other, CLAIMS);
        assert_eq!(refusal(&verifier(rsa.clone()), &token), TokenErrorKind::Algorithm, "{algorithm}");
        let without_id = token_of(&other, &format!(r#"{{"alg":"{algorithm}"}}"#), CLAIMS);
        assert_eq!(refusal(&verifier(rsa.clone()), &without_id), TokenErrorKind::Algorithm, "{algorithm}");
    }
    // A key without `alg` is for one all the same.
    let without = jwk.replace(r#""alg":"RS256","#, "");
    assert_ne!(without, jwk);
    let fixed = JwtKey::from_jwk(&without).unwrap();
    assert_eq!(fixed.algorithm(), Algorithm::Rs256);
    verify(&verifier(fixed.public().unwrap()), &issue(&rsa, CLAIMS)).unwrap();
    let pss = JwtKey::from_jwk(&jwk.replace("RS256", "PS256")).unwrap();
    assert_eq!(refusal(&verifier(fixed.public().unwrap()), &issue(&pss, CLAIMS)), TokenErrorKind::Algorithm);
}

#[test]
fn t24_whatever_is_critical_is_refused() {
    let key = shared();
    for crit in [
        r#"["exp"]"#,
        r#"["b64"]"#,
        "[]",
        r#""exp""#,
        "null",
        "{}",
        r#"["alg"]"#,
        r#"["x","x"]"#,
        r#"["not-there"]"#,
        "[1]",
        "true",
    ] {
        let header = format!(r#"{{"alg":"HS256","exp":1,"x":1,"crit":{crit}}}"#);
        assert_eq!(
            refusal(&verifier(key.clone()), &token_of(&key, &header, CLAIMS)),
            TokenErrorKind::Critical,
            "{crit}"
        );
    }
    let escaped = r#"{"alg":"HS256","\u0063rit":["x"],"x":1}"#;
    assert_eq!(refusal(&verifier(key.clone()), &token_of(&key, escaped, CLAIMS)), TokenErrorKind::Critical);
}

#[test]
fn t25_a_payload_that_is_not_base64url_is_refused_and_so_is_who_says_that_it_is() {
    let key = shared();
    for header in [
        r#"{"alg":"HS256","b64":false,"crit":["b64"]}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","b64":true}"#,
        r#"{"alg":"HS256","b64":"false"}"#,
    ] {
        assert_eq!(
            refusal(&verifier(key.clone()), &token_of(&key, header, CLAIMS)),
            TokenErrorKind::Critical,
            "{header}"
        );
        let raw = sign(&key, &format!("{}.{CLAIMS}", base64url::encode(header)));
        assert_eq!(refusal(&verifier(key.clone()), &raw), TokenErrorKind::Malformed, "{header}");
    }
}

#[test]
fn t26_a_token_does_not_bring_its_own_key_and_nothing_is_fetched() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let url = format!("http://{}/keys", listener.local_addr().unwrap());
    let ours = JwtKey::generate(Algorithm::Es256).unwrap().with_id("ours").unwrap();
    let theirs = JwtKey::generate(Algorithm::Es256).unwrap();
    let jwk = theirs.to_public_jwk().unwrap();
    let verifier = verifier(ours.public().unwrap());
    for member in [
        format!(r#""jwk":{jwk}"#),
        format!(r#""jku":"{url}""#),
        format!(r#""x5u":"{url}""#),
        r#""x5c":["MIIB"]"#.to_owned(),
        r#""x5t":"AAAA","x5t#S256":"AAAA""#.to_owned(),
    ] {
        let mut kinds = Vec::new();
        for kid in [r#""kid":"ours","#, r#""kid":"theirs","#, ""] {
            let token = token_of(&theirs, &format!(r#"{{"alg":"ES256",{kid}{member}}}"#), CLAIMS);
            kinds.push(refusal(&verifier, &token));
        }
        use TokenErrorKind::{Signature, UnknownKey};
        assert_eq!(kinds, [Signature, UnknownKey, Signature], "{member}");
        // They are no reason to refuse one of ours, either.
        verify(&verifier, &token_of(&ours, &format!(r#"{{"alg":"ES256","kid":"ours",{member}}}"#), CLAIMS))
            .unwrap();
    }
    assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock, "nobody came");
}

#[test]
fn t27_an_id_is_compared_and_nothing_else() {
    let key = shared().with_id("the key").unwrap();
    for id in [
        "../../../../dev/null",
        "' OR 1=1 --",
        "key\\u0000",
        "the key\\u0000",
        "THE KEY",
        "the key ",
        "",
        "http://127.0.0.1/",
        "$(id)",
        "%74he key",
        "|cat /etc/passwd",
        "\\\"",
        "the%20key",
        "*",
    ] {
        let token = token_of(&key, &format!(r#"{{"alg":"HS256","kid":"{id}"}}"#), CLAIMS);
        assert_eq!(refusal(&verifier(key.clone()), &token), TokenErrorKind::UnknownKey, "{id}");
    }
    for id in ["1", "null", "[]", "{}", r#"["the key"]"#] {
        let token = token_of(&key, &format!(r#"{{"alg":"HS256","kid":{id}}}"#), CLAIMS);
        assert_eq!(refusal(&verifier(key.clone()), &token), TokenErrorKind::Malformed, "{id}");
    }
    let longest = "k".repeat(256);
    let key = key.with_id(longest.as_str()).unwrap();
    verify(&verifier(key.clone()), &issue(&key, CLAIMS)).unwrap();
    let token = token_of(&key, &format!(r#"{{"alg":"HS256","kid":"{longest}k"}}"#), CLAIMS);
    assert_eq!(refusal(&verifier(key), &token), TokenErrorKind::Malformed);
}

#[test]
fn t28_access_tokens_of_rfc_9068_have_their_type_and_no_other() {
    let key = shared();
    let claims = CLAIMS.replace('}', r#","client_id":"app","jti":"1"}"#);
    let strict = verifier_with(key.clone(), ClaimsPolicy::access_token_rfc9068(ISSUER, AUDIENCE));
    for accepted in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt", r"at\u002bjwt"] {
        verify(&strict, &typed(&key, accepted, &claims)).expect(accepted);
    }
    for refused in [
        "JWT",
        "jwt",
        "",
        "at",
        "at+jwt ",
        " at+jwt",
        "text/at+jwt",
        "application/application/at+jwt",
        "at+jwt;v=1",
        "dpop+jwt",
    ] {
        assert_eq!(refusal(&strict, &typed(&key, refused, &claims)), TokenErrorKind::Type, "{refused}");
    }
    assert_eq!(refusal(&strict, &token_of(&key, HEADER, &claims)), TokenErrorKind::Type);
}

#[test]
fn t29_tokens_of_other_profiles_are_refused_where_any_type_goes() {
    let key = shared();
    let verifier = verifier(key.clone());
    for (profile, source) in [
        ("dpop+jwt", "RFC 9449"),
        ("logout+jwt", "OpenID Connect Back-Channel Logout"),
        ("secevent+jwt", "RFC 8417"),
        ("rt+jwt", "ours"),
        ("token-introspection+jwt", "RFC 9701"),
        ("oauth-authz-req+jwt", "RFC 9101"),
        ("client-authentication+jwt", "RFC 7523bis"),
        ("statuslist+jwt", "Token Status List"),
        ("entity-statement+jwt", "OpenID Federation"),
        ("trust-mark+jwt", "OpenID Federation"),
        ("openid4vci-proof+jwt", "OpenID4VCI"),
        ("kb+jwt", "RFC 9901"),
        ("dc+sd-jwt", "SD-JWT VC"),
        ("vc+sd-jwt", "SD-JWT VC"),
        ("oauth-client-attestation+jwt", "attestation-based client authentication"),
        ("example+jwt", "RFC 8725"),
        ("JOSE+JSON", "RFC 7515"),
        (r"dpop\u002bjwt", "an escape"),
    ] {
        for spelling in [
            profile.to_owned(),
            profile.to_uppercase().replace("\\U", "\\u"),
            format!("application/{profile}"),
        ] {
            assert_eq!(
                refusal(&verifier, &typed(&key, &spelling, CLAIMS)),
                TokenErrorKind::Type,
                "{spelling} of {source}"
            );
        }
    }
    for accepted in ["JWT", "jwt", "application/jwt", "at+jwt", "application/at+jwt", "JOSE", "Bearer", ""] {
        verify(&verifier, &typed(&key, accepted, CLAIMS)).expect(accepted);
    }
    verify(&verifier, &token_of(&key, HEADER, CLAIMS)).unwrap();
    for wrong in ["1", "null", r#"["JWT"]"#] {
        let token = token_of(&key, &format!(r#"{{"alg":"HS256","typ":{wrong}}}"#), CLAIMS);
        assert_eq!(refusal(&verifier, &token), TokenErrorKind::Malformed, "{wrong}");
    }
    let nested = token_of(&key, r#"{"alg":"HS256","cty":"jwt"}"#, CLAIMS);
    assert_eq!(refusal(&verifier, &nested), TokenErrorKind::Type);
}

#[test]
fn t30_both_names_of_ed25519_are_for_a_key_on_that_curve_alone() {
    let key = JwtKey::generate(Algorithm::EdDsa).unwrap();
    for name in ["EdDSA", "Ed25519"] {
        verify(&verifier(key.clone()), &token_of(&key, &format!(r#"{{"alg":"{name}"}}"#), CLAIMS))
            .expect(name);
        assert_eq!(name.parse(), Ok(Algorithm::EdDsa));
    }
    assert_eq!(
        refusal(&verifier(key.clone()), &token_of(&key, r#"{"alg":"Ed448"}"#, CLAIMS)),
        TokenErrorKind::Algorithm
    );
    let p256 = JwtKey::generate(Algorithm::Es256).unwrap();
    for name in ["EdDSA", "Ed25519"] {
        let token = token_of(&p256, &format!(r#"{{"alg":"{name}"}}"#), CLAIMS);
        assert_eq!(refusal(&verifier(p256.clone()), &token), TokenErrorKind::Algorithm, "{name}");
    }
    assert!("Ed448".parse::<Algorithm>().is_err());
}

#[test]
fn a_header_of_more_than_four_kilobytes_is_refused() {
    let key = shared();
    let header = |length: usize| {
        let frame = r#"{"alg":"HS256","x":""}"#.len();
        format!(r#"{{"alg":"HS256","x":"{}"}}"#, "x".repeat(length - frame))
    };
    verify(&verifier(key.clone()), &token_of(&key, &header(4096), CLAIMS)).unwrap();
    let token = token_of(&key, &header(4097), CLAIMS);
    assert_eq!(refusal(&verifier(key), &token), TokenErrorKind::TooLarge);
}

fn typed(key: &JwtKey, typ: &str, claims: &str) -> String {
    token_of(key, &format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), claims)
}
