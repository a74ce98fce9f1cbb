//! Which signatures are one, and by which key.

use aws_lc_rs::signature::KeyPair;

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
        let other = another(algorithm).with_id(key.id().as_str()).unwrap();
        assert_eq!(refusal(&verifier(other), &token), TokenErrorKind::Signature, "{algorithm}");
        let saved = JwtKey::from_jwk(&key.expose_secret_jwk().unwrap()).unwrap();
        verify(&verifier(key), &issue(&saved, CLAIMS)).unwrap();
    }
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
    assert!(keys.can_ever_sign());
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
    assert!(!public.can_ever_sign());
    let error = SignToken::sign(&public, CLAIMS, TokenType::Common, NOW).unwrap_err();
    assert_eq!(error.kind(), crate::issue::IssueErrorKind::NoSigningKey);
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

/// A key that takes no time to make.
fn another(algorithm: Algorithm) -> JwtKey {
    let der = rsa().public_key().as_ref();
    JwtKey::from_der(der, algorithm).or_else(|_| JwtKey::generate(algorithm)).unwrap()
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

const N256: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const N384: &str =
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";
