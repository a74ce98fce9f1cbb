//! Which keys are taken, and from what.

use super::*;
use crate::keyring::{Key, KeyErrorKind, KeyState};
use aws_lc_rs::{
    encoding::{AsDer, EcPrivateKeyRfc5915Der, Pkcs8V1Der, Pkcs8V2Der, PublicKeyX509Der},
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, RsaKeyPair,
    },
};

#[test]
fn t22_a_public_key_is_no_shared_key_in_any_encoding() {
    let pair = rsa();
    let spki: PublicKeyX509Der<'_> = pair.public_key().as_der().unwrap();
    let spki = spki.as_ref();
    let pkcs1 = pair.public_key().as_ref();
    let key = JwtKey::from_der(spki, Algorithm::Rs256).unwrap();
    let jwk = key.to_public_jwk().unwrap();
    let ed25519 = JwtKey::generate(Algorithm::EdDsa).unwrap();
    let private = der_of_private(pair);
    let encodings: Vec<(&str, Vec<u8>)> = vec![
        ("SubjectPublicKeyInfo", spki.to_vec()),
        ("RSAPublicKey", pkcs1.to_vec()),
        ("PrivateKeyInfo", private.clone()),
        ("PEM", pem("PUBLIC KEY", spki).into()),
        ("PEM without its last line end", pem("PUBLIC KEY", spki).trim_end().into()),
        ("PEM behind white space", format!(" \n\t\u{feff} {}", pem("PUBLIC KEY", spki)).into()),
        ("PEM behind a comment", format!("my key\r\n{}", pem("PUBLIC KEY", spki)).into()),
        ("PEM with CRLF", pem("PUBLIC KEY", spki).replace('\n', "\r\n").into()),
        ("PEM of RSAPublicKey", pem("RSA PUBLIC KEY", pkcs1).into()),
        ("PEM of a certificate", pem("CERTIFICATE", spki).into()),
        ("PEM of a private key", pem("PRIVATE KEY", &private).into()),
        ("what stands in the PEM", base64_simd::STANDARD.encode_to_string(spki).into()),
        ("the same with line ends", wrapped(spki).into()),
        ("DER and a line end", [spki, b"\n"].concat()),
        ("JWK", jwk.clone().into()),
        ("JWK behind white space", format!("\r\n {jwk}").into()),
        ("JWK of Ed25519", ed25519.to_public_jwk().unwrap().into()),
        ("JWK Set", format!(r#"{{"keys":[{jwk}]}}"#).into()),
        ("OpenSSH", b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 somebody@example".to_vec()),
    ];
    for (name, bytes) in encodings {
        let error = JwtKey::hs256(&bytes).expect_err(name);
        assert_eq!(error.kind(), KeyErrorKind::Contradiction, "{name}");
        let in_jwk = format!(r#"{{"kty":"oct","k":"{}"}}"#, base64url::encode(&bytes));
        assert!(JwtKey::from_jwk(&in_jwk).is_err(), "{name} as `k`");
        // And where somebody made such a MAC, no key of ours fits it.
        let forged = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &bytes);
        let signed = format!("{}.{}", base64url::encode(r#"{"alg":"HS256"}"#), base64url::encode(CLAIMS));
        let tag = aws_lc_rs::hmac::sign(&forged, signed.as_bytes());
        let token = format!("{signed}.{}", base64url::encode(tag));
        assert_eq!(refusal(&verifier(key.clone()), &token), TokenErrorKind::Algorithm, "{name}");
    }
    // Secrets may begin as they like.
    for secret in
        [[0x30; 32], [0x02; 32], *b"{\"a secret that looks like JSON\"", *b"ssh-secrets are secrets of a kin"]
    {
        JwtKey::hs256(secret).unwrap();
    }
}

#[test]
fn t31_a_shared_key_is_as_long_as_its_hash_at_least() {
    type Make = fn(&[u8]) -> Result<JwtKey, crate::keyring::KeyError>;
    for (least, make) in [
        (32, (|bytes| JwtKey::hs256(bytes)) as Make),
        (48, |bytes| JwtKey::hs384(bytes)),
        (64, |bytes| JwtKey::hs512(bytes)),
    ] {
        for short in [0, 1, 12, 16, least - 1] {
            assert_eq!(
                make(&vec![7; short]).unwrap_err().kind(),
                KeyErrorKind::TooShort,
                "{short} of {least}"
            );
        }
        make(&vec![7; least]).unwrap();
        make(&vec![7; 4 * least]).unwrap();
    }
    for (alg, length, expected) in [
        ("HS256", 31, false),
        ("HS256", 32, true),
        ("HS384", 47, false),
        ("HS512", 63, false),
        ("HS512", 64, true),
    ] {
        let jwk = format!(r#"{{"kty":"oct","alg":"{alg}","k":"{}"}}"#, base64url::encode(vec![7; length]));
        assert_eq!(JwtKey::from_jwk(&jwk).is_ok(), expected, "{alg} with {length} bytes");
    }
}

#[test]
fn t32_an_rsa_key_is_long_enough_and_its_exponent_is_no_weak_one() {
    let good = numbers_of(rsa());
    let jwk = |n: &[u8], e: &[u8]| {
        format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, base64url::encode(n), base64url::encode(e))
    };
    let modulus = |bits: usize| {
        let mut n = vec![0xff; bits.div_ceil(8)];
        n[0] >>= (8 - bits % 8) % 8;
        n
    };
    let e: &[u8] = &[1, 0, 1];
    let mut even = good.clone();
    *even.last_mut().unwrap() &= 0xfe;
    let roca = base64url::decode(ROCA.as_bytes()).unwrap();
    let rows: [(&str, Vec<u8>, &[u8], KeyErrorKind); 14] = [
        ("512 bits", modulus(512), e, KeyErrorKind::TooShort),
        ("1024 bits", modulus(1024), e, KeyErrorKind::TooShort),
        ("2047 bits", modulus(2047), e, KeyErrorKind::TooShort),
        ("8193 bits", modulus(8193), e, KeyErrorKind::TooLong),
        ("16384 bits", modulus(16_384), e, KeyErrorKind::TooLong),
        ("e = 1", good.clone(), &[1], KeyErrorKind::Weak),
        ("e = 3", good.clone(), &[3], KeyErrorKind::Weak),
        ("e = 65536", good.clone(), &[1, 0, 0], KeyErrorKind::Weak),
        ("e of 40 bits", good.clone(), &[1, 0, 0, 0, 1], KeyErrorKind::TooLong),
        ("n is even", even, e, KeyErrorKind::Weak),
        ("n of a broken generator", roca, e, KeyErrorKind::Weak),
        ("n with a zero before it", [&[0], &good[..]].concat(), e, KeyErrorKind::Malformed),
        ("e with a zero before it", good.clone(), &[0, 1, 0, 1], KeyErrorKind::Malformed),
        ("no n", vec![], e, KeyErrorKind::Malformed),
    ];
    for (name, n, e, expected) in rows {
        assert_eq!(JwtKey::from_jwk(&jwk(&n, e)).expect_err(name).kind(), expected, "{name}");
    }
    assert_eq!(JwtKey::from_jwk(&jwk(&good, &[])).unwrap_err().kind(), KeyErrorKind::Malformed);
    JwtKey::from_jwk(&jwk(&good, e)).unwrap();
}

#[test]
fn t34_a_point_lies_on_the_curve_of_its_algorithm() {
    let jwk = JwtKey::generate(Algorithm::Es256).unwrap().to_public_jwk().unwrap();
    let x = member(&jwk, "x");
    let y = member(&jwk, "y");
    let mut off = base64url::decode(y.as_bytes()).unwrap();
    off[31] ^= 1;
    let field = base64url::encode(hex(P256));
    let zero = base64url::encode([0; 32]);
    let rows = [
        ("off the curve", jwk.replace(&y, &base64url::encode(&off)), KeyErrorKind::Weak),
        ("both zero", jwk.replace(&y, &zero).replace(&x, &zero), KeyErrorKind::Weak),
        ("x is the field's prime", jwk.replace(&x, &field), KeyErrorKind::Weak),
        ("the point of another curve", jwk.replace("P-256", "P-384"), KeyErrorKind::Contradiction),
        ("another curve's algorithm", jwk.replace("ES256", "ES384"), KeyErrorKind::Contradiction),
        ("an algorithm of another type", jwk.replace("ES256", "EdDSA"), KeyErrorKind::Contradiction),
        ("Ed25519 for P-256", jwk.replace("ES256", "Ed25519"), KeyErrorKind::Contradiction),
        ("a shared key's algorithm", jwk.replace("ES256", "HS256"), KeyErrorKind::Contradiction),
        ("P-521", jwk.replace("P-256", "P-521").replace("ES256", "ES512"), KeyErrorKind::Unsupported),
        (
            "secp256k1",
            jwk.replace("P-256", "secp256k1").replace("ES256", "ES256K"),
            KeyErrorKind::Unsupported,
        ),
        ("no y", jwk.replace("\"y\"", "\"z\""), KeyErrorKind::Malformed),
        ("a short x", jwk.replace(&x, &base64url::encode([1; 31])), KeyErrorKind::Malformed),
        ("a long x", jwk.replace(&x, &base64url::encode([1; 33])), KeyErrorKind::Malformed),
    ];
    for (name, jwk, expected) in rows {
        assert_eq!(JwtKey::from_jwk(&jwk).expect_err(name).kind(), expected, "{name}");
    }
}

#[test]
fn t36_a_key_for_another_use_is_of_no_use() {
    let public = JwtKey::generate(Algorithm::EdDsa).unwrap().to_public_jwk().unwrap();
    let with = |members: &str| public.replace(r#""use":"sig""#, members);
    for (members, expected) in [
        (r#""use":"enc""#, KeyErrorKind::Use),
        (r#""use":"SIG""#, KeyErrorKind::Use),
        (r#""use":"""#, KeyErrorKind::Use),
        (r#""key_ops":["encrypt"]"#, KeyErrorKind::Use),
        (r#""key_ops":[]"#, KeyErrorKind::Use),
        (r#""key_ops":["sign"]"#, KeyErrorKind::Use),
        (r#""key_ops":["verify","verify"]"#, KeyErrorKind::Malformed),
        (r#""key_ops":["verify","\u0076erify"]"#, KeyErrorKind::Malformed),
        (r#""key_ops":"verify""#, KeyErrorKind::Malformed),
        (r#""key_ops":["verify",1]"#, KeyErrorKind::Malformed),
        (r#""use":["sig"]"#, KeyErrorKind::Malformed),
        (r#""use":"enc","key_ops":["verify"]"#, KeyErrorKind::Use),
        (r#""use":"sig","key_ops":["deriveKey"]"#, KeyErrorKind::Use),
    ] {
        assert_eq!(JwtKey::from_jwk(&with(members)).expect_err(members).kind(), expected, "{members}");
    }
    for members in [r#""use":"sig""#, r#""key_ops":["verify"]"#, r#""key_ops":["sign","verify"],"use":"sig""#]
    {
        JwtKey::from_jwk(&with(members)).expect(members);
    }
    JwtKey::from_jwk(&public.replace(r#","use":"sig""#, "")).unwrap();
}

#[test]
fn t36_a_key_does_no_more_than_its_operations() {
    let private = JwtKey::generate(Algorithm::EdDsa).unwrap();
    let jwk = private.expose_secret_jwk().unwrap();
    let with = |jwk: &str, operations: &str| {
        JwtKey::from_jwk(&jwk.replace(r#""use":"sig""#, &format!(r#""key_ops":{operations}"#))).unwrap()
    };
    let signing = with(&jwk, r#"["sign"]"#);
    assert!(signing.can_sign());
    // Its public half verifies what it signed.
    verify(&verifier(signing.clone()), &issue(&signing, CLAIMS)).unwrap();
    let verifying = with(&jwk, r#"["verify"]"#);
    assert!(!verifying.can_sign());
    // Saved and read again it can do no more.
    assert!(!JwtKey::from_jwk(&verifying.expose_secret_jwk().unwrap()).unwrap().can_sign());

    let secret = shared().expose_secret_jwk().unwrap();
    let signing = with(&secret, r#"["sign"]"#);
    assert!(signing.can_sign());
    assert_eq!(refusal(&verifier(signing.clone()), &issue(&signing, CLAIMS)), TokenErrorKind::Algorithm);
    let verifying = with(&secret, r#"["verify"]"#);
    assert!(!verifying.can_sign());
    verify(&verifier(verifying), &issue(&signing, CLAIMS)).unwrap();
}

#[test]
fn t37_a_member_that_is_of_no_use_leaves_the_others() {
    let good = JwtKey::generate(Algorithm::Es256).unwrap();
    let jwk = good.to_public_jwk().unwrap();
    let useless = [
        "1",
        "null",
        "[]",
        r#""key""#,
        "{}",
        r#"{"kty":"EC"}"#,
        r#"{"kty":1}"#,
        r#"{"kty":"RSA","alg":7}"#,
        r#"{"kty":"AKP","alg":"ML-DSA-44","pub":"AA"}"#,
        r#"{"kty":"OKP","crv":"X25519","x":"AA"}"#,
        r#"{"kty":"OKP","crv":"Ed448","x":"AA"}"#,
        r#"{"kty":"RSA","n":"AQ","e":"AQAB"}"#,
        r#"{"kty":"RSA","use":"enc"}"#,
        r#"{"kty":"EC","crv":"P-256","x":"!","y":"="}"#,
        r#"{"kty":"rsa"}"#,
        r#"{"kty":"RSA","alg":"RSA-OAEP"}"#,
        r#"{"kty":"RSA","kid":3}"#,
        r#"{"kty":"RSA","exp":"soon"}"#,
    ];
    let set = format!(r#"{{"keys":[{},{jwk},{}]}}"#, useless.join(","), useless.join(","));
    for keys in [JwtKeys::from_jwks(&set).unwrap(), JwtKeys::from_public_jwks(&set).unwrap()] {
        assert_eq!(keys.keys(NOW).len(), 1);
        verify(&verifier(keys), &issue(&good, CLAIMS)).unwrap();
    }
    for useless in useless {
        let set = format!(r#"{{"keys":[{useless}]}}"#);
        assert_eq!(JwtKeys::from_jwks(&set).expect_err(useless).kind(), KeyErrorKind::Empty, "{useless}");
    }
    for (document, expected) in [
        ("", KeyErrorKind::Malformed),
        ("[]", KeyErrorKind::Malformed),
        ("null", KeyErrorKind::Malformed),
        (r#"{"keys":{}}"#, KeyErrorKind::Malformed),
        (r#"{"keys":null}"#, KeyErrorKind::Malformed),
        (r#"{"keys":[]"#, KeyErrorKind::Malformed),
        (r#"{"keys":[{"kty":"oct","kty":"oct"}]}"#, KeyErrorKind::Malformed),
        (r#"{"keys":[],"keys":[]}"#, KeyErrorKind::Malformed),
        (r#"{"keys":[]}"#, KeyErrorKind::Empty),
        ("{}", KeyErrorKind::Empty),
    ] {
        assert_eq!(JwtKeys::from_jwks(document).expect_err(document).kind(), expected, "{document}");
    }
    let long = format!(r#"{{"keys":[{jwk}],"x":"{}"}}"#, "x".repeat(1024 * 1024));
    assert_eq!(JwtKeys::from_jwks(&long).unwrap_err().kind(), KeyErrorKind::TooLong);
}

#[test]
fn t38_somebody_elses_set_has_no_private_and_no_shared_keys() {
    let good = JwtKey::generate(Algorithm::EdDsa).unwrap();
    let leaked = [Algorithm::EdDsa, Algorithm::Es384, Algorithm::Rs256, Algorithm::Hs256]
        .map(|algorithm| JwtKey::generate(algorithm).unwrap());
    let jwks: Vec<String> = leaked.iter().map(|key| key.expose_secret_jwk().unwrap()).collect();
    let set = format!(r#"{{"keys":[{},{}]}}"#, jwks.join(","), good.to_public_jwk().unwrap());
    let keys = JwtKeys::from_public_jwks(&set).unwrap();
    assert_eq!(keys.keys(NOW).len(), 1);
    let theirs = verifier(keys);
    verify(&theirs, &issue(&good, CLAIMS)).unwrap();
    for key in &leaked {
        assert_eq!(refusal(&theirs, &issue(key, CLAIMS)), TokenErrorKind::UnknownKey);
    }
    // Among ours they are what they are.
    let ours = JwtKeys::from_jwks(&set).unwrap();
    assert_eq!(ours.keys(NOW).len(), 5);
    for jwk in
        [r#"{"kty":"oct"}"#, r#"{"kty":"RSA","n":"AQ","e":"AQAB","p":"AQ"}"#, r#"{"kty":"EC","k":"AQ"}"#]
    {
        assert_eq!(JwtKeys::from_public_jwks(jwk).unwrap_err().kind(), KeyErrorKind::Empty);
    }
}

#[test]
fn t39_an_id_of_two_keys_is_nobodys() {
    let [one, two, three] = [7, 8, 9].map(|byte| JwtKey::hs256([byte; 32]).unwrap());
    let twins = [one, two].map(|key| key.with_id("twin").unwrap());
    let jwks = twins.clone().map(|key| key.expose_secret_jwk().unwrap()).join(",");
    let set = format!(r#"{{"keys":[{jwks},{}]}}"#, three.expose_secret_jwk().unwrap());
    let verifier = verifier(JwtKeys::from_jwks(&set).unwrap());
    for twin in &twins {
        assert_eq!(refusal(&verifier, &issue(twin, CLAIMS)), TokenErrorKind::UnknownKey);
    }
    verify(&verifier, &issue(&three, CLAIMS)).unwrap();
}

#[test]
fn t40_no_length_of_a_member_is_taken_for_another() {
    for length in [0, 1, 31, 33, 57, 64] {
        let okp = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#, base64url::encode(vec![9; length]));
        assert_eq!(JwtKey::from_jwk(&okp).unwrap_err().kind(), KeyErrorKind::Malformed, "{length}");
    }
    let private = JwtKey::generate(Algorithm::EdDsa).unwrap().expose_secret_jwk().unwrap();
    let d = member(&private, "d");
    for length in [0, 31, 33, 64] {
        let jwk = private.replace(&d, &base64url::encode(vec![9; length]));
        assert_eq!(JwtKey::from_jwk(&jwk).unwrap_err().kind(), KeyErrorKind::Malformed, "{length}");
    }
}

#[test]
fn a_private_part_belongs_to_its_public_one() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Es256, Algorithm::Es384, Algorithm::Ps256] {
        let jwk = JwtKey::generate(algorithm).unwrap().expose_secret_jwk().unwrap();
        let other = JwtKey::generate(algorithm).unwrap().expose_secret_jwk().unwrap();
        let mixed = jwk.replace(&member(&jwk, "d"), &member(&other, "d"));
        assert_eq!(
            JwtKey::from_jwk(&mixed).expect_err("mixed").kind(),
            KeyErrorKind::Contradiction,
            "{algorithm}"
        );
    }
    let jwk = JwtKey::from_der(der_of_private(rsa()), Algorithm::Rs256).unwrap().expose_secret_jwk().unwrap();
    for (name, jwk, expected) in [
        ("without q", jwk.replace("\"q\"", "\"?\""), KeyErrorKind::Unsupported),
        ("without d", jwk.replace("\"d\"", "\"?\""), KeyErrorKind::Contradiction),
        ("three primes", jwk.replace("{\"", "{\"oth\":[],\""), KeyErrorKind::Unsupported),
        (
            "p for q",
            jwk.replace("\"p\"", "\"?\"").replace("\"q\"", "\"p\"").replace("\"?\"", "\"q\""),
            KeyErrorKind::Contradiction,
        ),
    ] {
        assert_eq!(JwtKey::from_jwk(&jwk).expect_err(name).kind(), expected, "{name}");
    }
}

#[test]
fn keys_are_read_from_pem_and_der() {
    let rsa_pair = rsa();
    let rsa_spki: PublicKeyX509Der<'_> = rsa_pair.public_key().as_der().unwrap();
    let p256 = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let p256_spki: PublicKeyX509Der<'_> = p256.public_key().as_der().unwrap();
    let p256_sec1: EcPrivateKeyRfc5915Der<'_> = p256.private_key().as_der().unwrap();
    let p384 = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let p384_spki: PublicKeyX509Der<'_> = p384.public_key().as_der().unwrap();
    let ed25519 = Ed25519KeyPair::generate().unwrap();
    let ed25519_spki: PublicKeyX509Der<'_> = ed25519.public_key().as_der().unwrap();
    let ed25519_v1: Pkcs8V1Der<'_> = ed25519.as_der().unwrap();
    let ed25519_v2: Pkcs8V2Der<'_> = ed25519.as_der().unwrap();
    let rows: [(&str, Vec<u8>, Algorithm, bool); 11] = [
        ("PUBLIC KEY", rsa_spki.as_ref().into(), Algorithm::Ps512, false),
        ("RSA PUBLIC KEY", rsa_pair.public_key().as_ref().into(), Algorithm::Rs256, false),
        ("PRIVATE KEY", der_of_private(rsa_pair), Algorithm::Rs384, true),
        ("RSA PRIVATE KEY", pkcs1_of(rsa_pair), Algorithm::Rs512, true),
        ("PUBLIC KEY", p256_spki.as_ref().into(), Algorithm::Es256, false),
        ("PRIVATE KEY", p256.to_pkcs8v1().unwrap().as_ref().into(), Algorithm::Es256, true),
        ("EC PRIVATE KEY", p256_sec1.as_ref().into(), Algorithm::Es256, true),
        ("PUBLIC KEY", p384_spki.as_ref().into(), Algorithm::Es384, false),
        ("PUBLIC KEY", ed25519_spki.as_ref().into(), Algorithm::EdDsa, false),
        ("PRIVATE KEY", ed25519_v1.as_ref().into(), Algorithm::EdDsa, true),
        ("PRIVATE KEY", ed25519_v2.as_ref().into(), Algorithm::EdDsa, true),
    ];
    for (label, der, algorithm, is_private) in &rows {
        let name = format!("{label} for {algorithm}");
        let key = JwtKey::from_der(der, *algorithm).expect(&name);
        assert_eq!(key.can_sign(), *is_private, "{name}");
        let text =
            format!("-----BEGIN EC PARAMETERS-----\nBggq\n-----END EC PARAMETERS-----\n{}", pem(label, der));
        assert!(JwtKey::from_pem(&text, *algorithm).expect(&name).is_same(&key), "{name}");
        if *is_private {
            let saved = JwtKey::from_jwk(&key.expose_secret_jwk().unwrap()).unwrap();
            verify(&verifier(key.public().unwrap()), &issue(&saved, CLAIMS)).expect(&name);
        }
        // No key is for the algorithm of another type.
        for other in Algorithm::ALL.into_iter().filter(|other| !has_same_type(*other, *algorithm)) {
            assert!(JwtKey::from_der(der, other).is_err(), "{name} as {other}");
        }
        for cut in [0, 1, der.len() / 2, der.len() - 1] {
            assert!(JwtKey::from_der(&der[..cut], *algorithm).is_err(), "{name}: {cut} bytes of it");
        }
    }
}

#[test]
fn a_pem_file_has_one_key() {
    let public = JwtKey::generate(Algorithm::EdDsa).unwrap();
    let x = base64url::decode(member(&public.to_public_jwk().unwrap(), "x").as_bytes()).unwrap();
    let spki = [&hex("302a300506032b6570032100")[..], &x[..]].concat();
    let good = pem("PUBLIC KEY", &spki);
    JwtKey::from_pem(&good, Algorithm::EdDsa).unwrap();
    for (name, text, expected) in [
        ("two keys", format!("{good}{good}"), KeyErrorKind::Contradiction),
        ("a certificate", pem("CERTIFICATE", &spki), KeyErrorKind::Unsupported),
        ("an encrypted key", pem("ENCRYPTED PRIVATE KEY", &spki), KeyErrorKind::Unsupported),
        ("no key", "a file".to_owned(), KeyErrorKind::Malformed),
        ("no end", good.replace("-----END", "-----"), KeyErrorKind::Malformed),
        ("another end", good.replace("END PUBLIC", "END PRIVATE"), KeyErrorKind::Malformed),
        ("no base64", good.replace("MC", "?C"), KeyErrorKind::Malformed),
        ("an empty one", pem("PUBLIC KEY", &[]), KeyErrorKind::Malformed),
        ("more behind the key", pem("PUBLIC KEY", &[&spki[..], &[0]].concat()), KeyErrorKind::Malformed),
    ] {
        assert_eq!(JwtKey::from_pem(&text, Algorithm::EdDsa).expect_err(name).kind(), expected, "{name}");
    }
    assert_eq!(JwtKey::from_pem([0xff, 0xfe], Algorithm::EdDsa).unwrap_err().kind(), KeyErrorKind::Malformed);
}

#[test]
fn the_thumbprint_is_that_of_rfc_7638() {
    let key = JwtKey::from_jwk(RFC_7638).unwrap();
    assert_eq!(key.thumbprint(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!((key.id().as_str(), Key::is_named(&key)), ("2011-04-29", true));
    let unnamed = JwtKey::from_jwk(&RFC_7638.replace("\"kid\"", "\"?\"")).unwrap();
    assert_eq!((unnamed.id().as_str(), Key::is_named(&unnamed)), (&*key.thumbprint(), false));
}

#[test]
fn no_secret_is_published_or_printed() {
    let ring = JwtKeys::scheduled([
        (JwtKey::generate(Algorithm::EdDsa).unwrap().with_id("now").unwrap(), Default::default()),
        (shared().with_id("shared").unwrap(), Default::default()),
        (
            JwtKey::generate(Algorithm::Es256).unwrap().with_id("next").unwrap(),
            crate::keyring::Schedule::default().signs_from(Timestamp::from_unix_seconds(3_000_000_000)),
        ),
        (
            JwtKey::generate(Algorithm::Es256).unwrap().with_id("gone").unwrap(),
            crate::keyring::Schedule::default().retires_at(NOW),
        ),
    ]);
    let published = ring.public_jwks(NOW);
    assert!(!published.contains("\"d\"") && !published.contains("oct"), "{published}");
    let ids: Vec<bool> =
        ["now", "next", "shared", "gone"].into_iter().map(|id| published.contains(id)).collect();
    assert_eq!(ids, [true, true, false, false]);
    let theirs = JwtKeys::from_public_jwks(&published).unwrap();
    assert_eq!(theirs.keys(NOW).len(), 2);
    for (key, _) in ring.keys(NOW) {
        let secret = key.expose_secret_jwk().unwrap();
        let secret = if secret.contains("\"k\"") { member(&secret, "k") } else { member(&secret, "d") };
        let printed = format!("{key:?} {:?} {:?}", key.material(), verifier(key.clone()));
        assert!(!printed.contains(&secret) && printed.contains(key.id().as_str()), "{printed}");
        assert!(key.public().is_none_or(|public| public.expose_secret_jwk().is_none()));
    }
    assert!(shared().to_public_jwk().is_none() && shared().public().is_none());
    assert_eq!(JwtKeys::from(shared()).public_jwks(NOW), r#"{"keys":[]}"#);
}

#[test]
fn a_key_says_when_it_signs_and_when_it_retires() {
    let jwk = shared().expose_secret_jwk().unwrap();
    let state = |members: &str| {
        let keys = JwtKeys::from_jwks(&jwk.replace('}', &format!(",{members}}}"))).unwrap();
        keys.keys(NOW)[0].1
    };
    for (members, expected) in [
        (r#""nbf":2000000000"#, KeyState::Active),
        (r#""nbf":2000000001"#, KeyState::VerifyOnly),
        (r#""nbf":1999999999.5"#, KeyState::Active),
        (r#""nbf":2000000000.5"#, KeyState::VerifyOnly),
        (r#""exp":2000000001"#, KeyState::Active),
        (r#""exp":2000000000"#, KeyState::Retired),
        (r#""nbf":1,"exp":2000000000.5"#, KeyState::Retired),
    ] {
        assert_eq!(state(members), expected, "{members}");
    }
}

#[test]
fn a_set_is_read_from_a_file() {
    let path = std::env::temp_dir().join(format!("portcullis-keys-{}", std::process::id()));
    std::fs::write(&path, shared().expose_secret_jwk().unwrap()).unwrap();
    let keys = JwtKeys::from_jwks_file(&path);
    std::fs::remove_file(&path).unwrap();
    verify(&verifier(keys.unwrap()), &issue(&shared(), CLAIMS)).unwrap();
    assert_eq!(JwtKeys::from_jwks_file(&path).unwrap_err().kind(), KeyErrorKind::File);
}

#[test]
fn an_id_has_its_longest() {
    let id = |length| shared().with_id("k".repeat(length));
    assert_eq!(id(257).unwrap_err().kind(), KeyErrorKind::TooLong);
    assert_eq!(id(256).unwrap().id().as_str().len(), 256);
    let jwk = shared().expose_secret_jwk().unwrap();
    let long = jwk.replace(shared().id().as_str(), &"k".repeat(257));
    assert_eq!(JwtKey::from_jwk(&long).unwrap_err().kind(), KeyErrorKind::TooLong);
}

fn has_same_type(one: Algorithm, other: Algorithm) -> bool {
    let is_rsa = |algorithm: Algorithm| algorithm.as_str().starts_with(['R', 'P']);
    one == other || is_rsa(one) && is_rsa(other)
}

fn der_of_private(pair: &RsaKeyPair) -> Vec<u8> {
    let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
    der.as_ref().to_vec()
}

/// What a PrivateKeyInfo of RSA has behind its version and algorithm.
fn pkcs1_of(pair: &RsaKeyPair) -> Vec<u8> {
    let der = der_of_private(pair);
    der[26..].to_vec()
}

fn numbers_of(pair: &RsaKeyPair) -> Vec<u8> {
    let jwk =
        JwtKey::from_der(pair.public_key().as_ref(), Algorithm::Rs256).unwrap().to_public_jwk().unwrap();
    base64url::decode(member(&jwk, "n").as_bytes()).unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", wrapped(der))
}

fn wrapped(der: &[u8]) -> String {
    let text = base64_simd::STANDARD.encode_to_string(der);
    text.as_bytes().chunks(64).map(|line| format!("{}\n", std::str::from_utf8(line).unwrap())).collect()
}

fn member(jwk: &str, name: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(jwk).unwrap();
    value[name].as_str().unwrap().to_owned()
}

const P256: &str = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
/// Computed to be a power of 65537 modulo each small prime; no key of anybody.
const ROCA: &str = "iigvGwi2iUzj4oKGDQ14NqOljCX0dnrvmxJeTvwg6fw3hTkXq1kfu77ten2kRcDyva71WvYfH2z8hxxNzPRAVm7e2EG4ez4nJTesiMccR2GmgEZNLE0B8R3kW7CRKAhN3D3ETwgtLHoqU92WK1wetSY7lMTNt7Aw6SRvqOudwPM2GBSgaXR9zBnbkcsoiFikHFabzVmMYSXoNTWDT-0B29gD35mlO1R9LRyatz9GYEca8CyHZIaRiywgnFNiAXKpIMvfRq4H75CrhITzlATAKzzWid06KJ9Rwk4b882jx_kMUKRyO_7pFqP6sqAm__9tlrugrw2NvK29TFk475yTzQ";
/// RFC 7638 §3.1.
const RFC_7638: &str = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
