//! What a token looks like before anything in it is believed.

use super::*;

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

fn issue_unbounded(claims: &str) -> String {
    token_of(&shared(), HEADER, claims)
}

/// The same bytes with a bit that counts for nothing, if the last letter has one.
fn with_idle_bits(part: &str) -> Option<String> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if part.len().is_multiple_of(4) {
        return None;
    }
    let (rest, last) = part.split_at(part.len() - 1);
    let at = ALPHABET.find(last).unwrap();
    Some(format!("{rest}{}", &ALPHABET[at + 1..at + 2]))
}
