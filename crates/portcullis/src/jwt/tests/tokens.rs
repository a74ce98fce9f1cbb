//! What a token looks like, and what its header says.

use std::net::TcpListener;

use super::*;

#[test]
fn every_algorithm_verifies_what_it_signs() {
    for algorithm in Algorithm::ALL {
        let key = JwtKey::generate(algorithm).unwrap();
        let token = issue(&key, CLAIMS);
        let ours = verify(&verifier(key.clone()), &token).unwrap();
        assert_eq!(ours.subject(), Some("ada"), "{algorithm}");
        assert_eq!(ours.key_id(), key.id());
        if let Some(public) = key.public() {
            verify(&verifier(public), &token).unwrap();
        }
        let other = JwtKey::generate(algorithm).unwrap().with_id(key.id().as_str()).unwrap();
        assert_eq!(refusal(&verifier(other), &token), TokenErrorKind::Signature, "{algorithm}");
        let saved = JwtKey::from_jwk(&key.expose_secret_jwk().unwrap()).unwrap();
        verify(&verifier(key), &issue(&saved, CLAIMS)).unwrap();
    }
}

#[test]
fn t11_a_token_of_more_than_sixteen_kilobytes_is_not_looked_at() {
    let verifier = verifier(shared());
    let padding = "x".repeat(16 * 1024);
    let token = issue_unbounded(&CLAIMS.replace("ada", &padding));
    assert_eq!(refusal(&verifier, &token), TokenErrorKind::TooLarge);
    let most = 16 * 1024;
    assert_eq!(refusal(&verifier, &"a".repeat(most)), TokenErrorKind::Malformed);
    assert_eq!(refusal(&verifier, &"a".repeat(most + 1)), TokenErrorKind::TooLarge);
}

#[test]
fn t12_a_megabyte_of_dots_or_of_one_part_is_refused_by_its_length() {
    let verifier = verifier(shared());
    for megabyte in [".".repeat(1 << 20), "A".repeat(1 << 20), format!("{}..", "e30".repeat(1 << 18))] {
        assert_eq!(refusal(&verifier, &megabyte), TokenErrorKind::TooLarge);
    }
    assert_eq!(refusal(&verifier, &".".repeat(16 * 1024)), TokenErrorKind::Malformed);
}

#[test]
fn t13_a_token_is_three_parts_and_none_is_empty() {
    let verifier = verifier(shared());
    let token = issue(&shared(), CLAIMS);
    let [header, payload, signature] = parts(&token);
    let shapes = [
        ("nothing", String::new()),
        ("dots alone", "..".into()),
        ("one part", header.into()),
        ("two parts", format!("{header}.{payload}")),
        ("no signature", format!("{header}.{payload}.")),
        ("no payload", format!("{header}..{signature}")),
        ("no header", format!(".{payload}.{signature}")),
        ("four parts", format!("{token}.{signature}")),
        ("a dot behind", format!("{token}.")),
        ("a dot before", format!(".{token}")),
        ("two dots in one place", format!("{header}..{payload}.{signature}")),
        ("a space before", format!(" {token}")),
        ("a line end behind", format!("{token}\n")),
        ("another alphabet", token.replace('.', "é")),
        ("a NUL", format!("{header}.{payload}\0.{signature}")),
    ];
    for (name, shape) in shapes {
        assert_eq!(refusal(&verifier, &shape), TokenErrorKind::Malformed, "{name}");
    }
    verify(&verifier, &token).unwrap();
}

#[test]
fn t14_json_serialisations_are_no_bearer_tokens() {
    let token = issue(&shared(), CLAIMS);
    let [header, payload, signature] = parts(&token);
    for json in [
        format!(r#"{{"protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#),
        format!(
            r#"{{"payload":"{payload}","signatures":[{{"protected":"{header}","signature":"{signature}"}}]}}"#
        ),
    ] {
        assert_eq!(refusal(&verifier(shared()), &json), TokenErrorKind::Malformed);
    }
}

#[test]
fn t15_an_encrypted_token_has_five_parts_and_is_none_of_ours() {
    let jwe = format!("{}.key.iv.text.tag", base64url::encode(r#"{"alg":"dir","enc":"A256GCM"}"#));
    assert_eq!(refusal(&verifier(shared()), &jwe), TokenErrorKind::Malformed);
    // Three of the five, and three with the header of five.
    let three = token_of(&shared(), r#"{"alg":"dir","enc":"A256GCM"}"#, CLAIMS);
    assert_eq!(refusal(&verifier(shared()), &three), TokenErrorKind::Algorithm);
}

#[test]
fn t16_each_part_has_one_spelling() {
    let verifier = verifier(shared());
    let claims = format!("{CLAIMS} ");
    let token = issue(&shared(), &claims);
    let parts = parts(&token);
    for at in 0..3 {
        for change in [
            |part: &str| format!("{part}="),
            |part: &str| format!("{part}=="),
            |part: &str| format!("{part}\n"),
        ] {
            let mut changed = parts.map(String::from);
            changed[at] = change(parts[at]);
            // Rightly signed all the same.
            let signed = sign(&shared(), &format!("{}.{}", changed[0], changed[1]));
            let token = if at == 2 { changed.join(".") } else { signed };
            assert_eq!(refusal(&verifier, &token), TokenErrorKind::Malformed, "part {at}");
        }
        let mut changed = parts.map(String::from);
        let Some(respelt) = with_idle_bits(parts[at]) else { continue };
        changed[at] = respelt;
        assert_eq!(refusal(&verifier, &changed.join(".")), TokenErrorKind::Malformed, "bits of part {at}");
    }
    let plus = sign(&shared(), &format!("{}.{}", parts[0], base64url::encode(&claims).replace('i', "+")));
    assert_eq!(refusal(&verifier, &plus), TokenErrorKind::Malformed);
}

#[test]
fn t17_header_and_claims_are_objects_of_sound_text() {
    let key = shared();
    let verifier = verifier(key.clone());
    let bad: [(&str, &[u8]); 10] = [
        ("nothing but space", b" "),
        ("an array", br#"[{"alg":"HS256"}]"#),
        ("a string", br#""alg""#),
        ("a number", b"1"),
        ("null", b"null"),
        ("a byte order mark", b"\xef\xbb\xbf{\"alg\":\"HS256\"}"),
        ("no UTF-8", b"{\"alg\":\"HS256\",\"x\":\"\xff\"}"),
        ("half a surrogate", br#"{"alg":"HS256","x":"\ud800"}"#),
        ("two objects", br#"{"alg":"HS256"}{}"#),
        ("a comma too many", br#"{"alg":"HS256",}"#),
    ];
    for (name, text) in bad {
        let token = sign(&key, &format!("{}.{}", base64url::encode(text), base64url::encode(CLAIMS)));
        assert_eq!(refusal(&verifier, &token), TokenErrorKind::Malformed, "header: {name}");
        let token = sign(&key, &format!("{}.{}", base64url::encode(HEADER), base64url::encode(text)));
        assert_eq!(refusal(&verifier, &token), TokenErrorKind::Claims, "claims: {name}");
    }
}

#[test]
fn t18_a_name_stands_once_in_each_object_however_it_is_written() {
    let key = shared();
    let verifier = verifier(key.clone());
    for header in [
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256","\u0061lg":"none"}"#,
        r#"{"alg":"HS256","x":{"y":1,"y":1}}"#,
        r#"{"alg":"HS256","x":[{"y":1,"y":2}]}"#,
        r#"{"alg":"HS256","kid":"a","kid":"b"}"#,
    ] {
        assert_eq!(
            refusal(&verifier, &token_of(&key, header, CLAIMS)),
            TokenErrorKind::Malformed,
            "{header}"
        );
    }
    for more in [
        r#""exp":2000000301"#,
        r#""\u0065xp":2000000301"#,
        r#""x":{"y":1,"y":1}"#,
        r#""x":[[{"y":1,"y":1}]]"#,
    ] {
        let claims = CLAIMS.replace('}', &format!(",{more}}}"));
        assert_eq!(refusal(&verifier, &token_of(&key, HEADER, &claims)), TokenErrorKind::Claims, "{more}");
    }
}

#[test]
fn t19_no_nesting_overflows_the_stack() {
    let key = shared();
    let verifier = verifier(key.clone());
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let header = |depth| format!(r#"{{"alg":"HS256","x":{}}}"#, nested(depth));
    let claims = |depth| CLAIMS.replace('}', &format!(r#","x":{}}}"#, nested(depth)));
    verify(&verifier, &token_of(&key, &header(31), CLAIMS)).unwrap();
    verify(&verifier, &token_of(&key, HEADER, &claims(31))).unwrap();
    for depth in [32, 100, 1_000, 2_000] {
        assert_eq!(refusal(&verifier, &token_of(&key, &header(depth), CLAIMS)), TokenErrorKind::Malformed);
        assert_eq!(refusal(&verifier, &token_of(&key, HEADER, &claims(depth))), TokenErrorKind::Claims);
    }
    assert_eq!(refusal(&verifier, &token_of(&key, HEADER, &"[".repeat(11_000))), TokenErrorKind::Claims);
    assert_eq!(refusal(&verifier, &token_of(&key, HEADER, &"[".repeat(100_000))), TokenErrorKind::TooLarge);
    assert_eq!(refusal(&verifier, &token_of(&key, &"[".repeat(100_000), CLAIMS)), TokenErrorKind::TooLarge);
}

#[test]
fn t20_t47_no_number_of_seconds_is_taken_for_another() {
    let key = shared();
    let verifier = verifier(key.clone());
    let with = |exp: &str| CLAIMS.replace("2000000300", exp);
    for (exp, expected) in [
        ("1e400", TokenErrorKind::Claims),
        ("-0", TokenErrorKind::Claims),
        ("-1", TokenErrorKind::Claims),
        ("-1e9", TokenErrorKind::Claims),
        ("999999999999999999999999999999", TokenErrorKind::Claims),
        ("18446744073709551615", TokenErrorKind::Claims),
        ("253402300800", TokenErrorKind::Claims),
        (r#""2000000300""#, TokenErrorKind::Claims),
        ("null", TokenErrorKind::Claims),
        ("true", TokenErrorKind::Claims),
        ("[2000000300]", TokenErrorKind::Claims),
        ("NaN", TokenErrorKind::Claims),
        ("Infinity", TokenErrorKind::Claims),
        ("02000000300", TokenErrorKind::Claims),
        ("2000000300.", TokenErrorKind::Claims),
        ("+2000000300", TokenErrorKind::Claims),
        ("0x7fffffff", TokenErrorKind::Claims),
        ("0", TokenErrorKind::Expired),
        // Within the leeway of 30 seconds but for the fraction, which is cut off.
        ("1999999970.9", TokenErrorKind::Expired),
    ] {
        assert_eq!(refusal(&verifier, &token_of(&key, HEADER, &with(exp))), expected, "{exp}");
    }
    for exp in ["253402300799", "2.0000003e9", "2000000300.5", "1999999971.0"] {
        verify(&verifier, &token_of(&key, HEADER, &with(exp))).expect(exp);
    }
}

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
fn t33_a_signature_on_a_curve_is_two_numbers_in_range_and_nothing_else() {
    for (algorithm, order) in [(Algorithm::Es256, N256), (Algorithm::Es384, N384)] {
        let key = JwtKey::generate(algorithm).unwrap();
        let verifier = verifier(key.clone());
        let token = issue(&key, CLAIMS);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = base64url::decode(signature.as_bytes()).unwrap();
        let (r, s) = signature.split_at(signature.len() / 2);
        let zero = vec![0; r.len()];
        let n = hex(order);
        let mut next = n.clone();
        *next.last_mut().unwrap() += 1;
        let one = [&zero[1..], &[1]].concat();
        let bad = [zero.clone(), n, next, vec![0xff; r.len()]];
        let mut wrong: Vec<Vec<u8>> = Vec::new();
        for number in &bad {
            wrong.extend([[number, s].concat(), [r, number].concat(), [number, &one[..]].concat()]);
            wrong.extend(bad.iter().map(|other| [&number[..], other].concat()));
        }
        wrong.push(der(r, s));
        wrong.push([&[0], r, &[0], s].concat());
        wrong.push([&signature[..], &[0]].concat());
        wrong.push(signature[..signature.len() - 1].to_vec());
        for wrong in wrong {
            let token = format!("{signed}.{}", base64url::encode(&wrong));
            assert_eq!(refusal(&verifier, &token), TokenErrorKind::Signature, "{algorithm}: {wrong:02x?}");
        }
        verify(&verifier, &token).unwrap();
    }
}

#[test]
fn t41_a_token_without_an_id_is_tried_against_four_keys_of_its_algorithm() {
    let keys: Vec<JwtKey> = (0..6).map(|at| JwtKey::hs256([at; 32]).unwrap()).collect();
    let others = (0..6).map(|_| JwtKey::generate(Algorithm::EdDsa).unwrap());
    let verifier = verifier(JwtKeys::new(others.chain(keys.clone())));
    for (at, key) in keys.iter().enumerate() {
        let verdict = verify(&verifier, &token_of(key, HEADER, CLAIMS));
        assert_eq!(verdict.is_ok(), at < 4, "the key {at}");
        // By its id any of them is found.
        verify(&verifier, &issue(key, CLAIMS)).unwrap();
    }
}

#[test]
fn t42_the_back_end_is_part_of_the_key_and_needs_no_process_wide_one() {
    // Nothing is installed anywhere, and the first token is verified.
    let key = JwtKey::generate(Algorithm::EdDsa).unwrap();
    verify(&verifier(key.public().unwrap()), &issue(&key, CLAIMS)).unwrap();
}

#[test]
fn no_claim_is_looked_at_before_the_signature_is_proved() {
    let theirs = JwtKey::hs256([8; 32]).unwrap();
    for claims in ["{", "[]", r#"{"exp":0}"#, r#"{"iss":1}"#, "\u{0}"] {
        let token = token_of(&theirs, HEADER, claims);
        assert_eq!(refusal(&verifier(shared()), &token), TokenErrorKind::Signature, "{claims}");
    }
}

#[test]
fn every_bit_of_a_token_is_signed() {
    for algorithm in [Algorithm::Hs256, Algorithm::Es256, Algorithm::EdDsa] {
        let key = JwtKey::generate(algorithm).unwrap();
        let verifier = verifier(key.clone());
        let token = issue(&key, CLAIMS);
        for at in 0..token.len() {
            for letter in ["A", "z", ".", "_"] {
                let mut changed = token.clone();
                changed.replace_range(at..=at, letter);
                if changed != token {
                    assert!(verify(&verifier, &changed).is_err(), "{algorithm}: {letter} at {at}");
                }
            }
        }
    }
}

#[test]
fn what_is_issued_names_its_key_its_type_and_its_algorithm() {
    let key = shared().with_id("a \"key\"\n").unwrap();
    let keys = JwtKeys::from(key.clone());
    assert!(SignToken::can_sign(&keys, NOW));
    for (token_type, typ) in [(TokenType::Common, "JWT"), (TokenType::AccessToken, "at+jwt")] {
        let token = SignToken::sign(&keys, CLAIMS, token_type, NOW).unwrap();
        let header = base64url::decode(parts(&token)[0].as_bytes()).unwrap();
        let expected = format!(r#"{{"alg":"HS256","typ":"{typ}","kid":"a \"key\"\n"}}"#);
        assert_eq!(String::from_utf8(header).unwrap(), expected);
        verify(&verifier(key.clone()), &token).unwrap();
    }
    let long = CLAIMS.replace("ada", &"x".repeat(16 * 1024));
    let error = SignToken::sign(&keys, &long, TokenType::Common, NOW).unwrap_err();
    assert_eq!(error.kind(), crate::issue::IssueErrorKind::TooLarge);
    let public = JwtKeys::from(JwtKey::generate(Algorithm::EdDsa).unwrap().public().unwrap());
    assert!(!SignToken::can_sign(&public, NOW));
    let error = SignToken::sign(&public, CLAIMS, TokenType::Common, NOW).unwrap_err();
    assert_eq!(error.kind(), crate::issue::IssueErrorKind::NoSigningKey);
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

#[test]
fn keys_that_are_replaced_are_out_of_use_at_once() {
    let (before, after) = (shared(), JwtKey::hs256([8; 32]).unwrap());
    let ring = JwtKeys::from(before.clone());
    let verifier = verifier(ring.clone());
    verify(&verifier, &issue(&before, CLAIMS)).unwrap();
    ring.replace(&JwtKeys::from(after.clone()));
    verify(&verifier, &issue(&after, CLAIMS)).unwrap();
    assert!(verify(&verifier, &issue(&before, CLAIMS)).is_err());
}

fn typed(key: &JwtKey, typ: &str, claims: &str) -> String {
    token_of(key, &format!(r#"{{"alg":"HS256","typ":"{typ}"}}"#), claims)
}

fn issue_unbounded(claims: &str) -> String {
    token_of(&shared(), HEADER, claims)
}

fn parts(token: &str) -> [&str; 3] {
    let parts: Vec<&str> = token.split('.').collect();
    parts.try_into().unwrap()
}

/// The same bytes with a bit that counts for nothing, if the last letter has one.
fn with_idle_bits(part: &str) -> Option<String> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if part.len() % 4 == 0 {
        return None;
    }
    let (rest, last) = part.split_at(part.len() - 1);
    let at = ALPHABET.find(last).unwrap();
    Some(format!("{rest}{}", &ALPHABET[at + 1..at + 2]))
}

fn hex(digits: &str) -> Vec<u8> {
    (0..digits.len() / 2).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect()
}

/// A signature in the other spelling.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let number = |bytes: &[u8]| {
        let digits: Vec<u8> = bytes.iter().copied().skip_while(|byte| *byte == 0).collect();
        let sign = if digits[0] >= 0x80 { vec![0] } else { vec![] };
        [&[2, u8::try_from(sign.len() + digits.len()).unwrap()], &sign[..], &digits[..]].concat()
    };
    let numbers = [number(r), number(s)].concat();
    [&[0x30, u8::try_from(numbers.len()).unwrap()], &numbers[..]].concat()
}

const HEADER: &str = r#"{"alg":"HS256"}"#;
const N256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const N384: &str =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
