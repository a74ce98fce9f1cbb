//! Our verdict on a token beside that of `jsonwebtoken`, which is told to ask for what our policy asks for: where they differ, ours is the
//! stricter, for a reason that is on the list.

use std::{collections::BTreeMap, sync::Once};

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    hmac,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{self, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair},
};
use base64_simd::URL_SAFE_NO_PAD;
use fastrand::Rng;
use jsonwebtoken::{DecodingKey, Validation, crypto::aws_lc, jwk::Jwk};
use portcullis::{
    bearer::{TokenErrorKind, Verification, VerifyToken},
    claims::ClaimsPolicy,
    jwt::{Algorithm, JwtKey, JwtVerifier},
    store::{Clock, SystemClock},
};

use super::files;

#[test]
fn every_difference_to_jsonwebtoken_is_ours_being_stricter_and_has_its_reason() {
    let mut counts = BTreeMap::<String, usize>::new();
    let pairs: Vec<Pair> = Algorithm::ALL.into_iter().map(Pair::new).collect();
    for pair in &pairs {
        for (name, header, claims, expected) in cases(pair.algorithm) {
            let token = pair.sign(&header, &claims);
            let verdicts = (pair.ours(&token), pair.theirs(&token));
            let what = format!("{}: {name}: {verdicts:?}", pair.algorithm);
            match expected {
                Expected::BothAccept => assert!(verdicts.0.is_ok() && verdicts.1, "{what}"),
                Expected::BothRefuse => assert!(verdicts.0.is_err() && !verdicts.1, "{what}"),
                Expected::OnlyOursRefuses(kind) => assert_eq!(verdicts, (Err(kind), true), "{what}"),
            }
            *counts.entry(format!("{expected:?}")).or_default() += 1;
        }
        // Neither takes a token of one key for a token of another.
        for other in &pairs {
            let token = other.sign(&header(other.algorithm, ""), &claims(""));
            let is_same = other.algorithm == pair.algorithm;
            assert_eq!(
                (pair.ours(&token).is_ok(), pair.theirs(&token)),
                (is_same, is_same),
                "{} under {}",
                other.algorithm,
                pair.algorithm
            );
        }
    }
    println!("{counts:#?}");
}

#[test]
fn random_changes_are_judged_alike_or_more_strictly() {
    let seed = fastrand::u64(..);
    println!("random seed {seed}");
    let mut rng = Rng::with_seed(seed);
    let (mut differences, mut accepted, mut count) = (BTreeMap::<String, usize>::new(), 0, 0);
    for algorithm in Algorithm::ALL {
        let pair = Pair::new(algorithm);
        let samples = cases(algorithm);
        let is_accepted = |sample: &&Sample| matches!(sample.3, Expected::BothAccept);
        let accepted_samples: Vec<Sample> = samples.iter().filter(is_accepted).cloned().collect();
        // RSA signs slowly where nothing is optimised.
        let rounds = if algorithm.as_str().starts_with(['R', 'P']) { 150 } else { 1_500 };
        for _ in 0..rounds {
            // Most begin as what both accept, or little would be left to differ about.
            let from = if rng.u8(..4) == 0 { &samples } else { &accepted_samples };
            let (_, header, claims, _) = rng.choice(from).unwrap();
            let token = match rng.u8(..3) {
                0 => mutated(&pair.sign(header, claims), TOKEN_LETTERS, &mut rng),
                1 => pair.sign(&mutated(header, JSON_LETTERS, &mut rng), claims),
                _ => pair.sign(header, &mutated(claims, JSON_LETTERS, &mut rng)),
            };
            let (ours, theirs) = (pair.ours(&token), pair.theirs(&token));
            count += 1;
            match ours {
                Ok(()) => {
                    accepted += 1;
                    assert!(theirs, "seed {seed}, {algorithm}: only ours accepts {token}");
                }
                Err(kind) if theirs => {
                    assert!(
                        REASONS.iter().any(|(known, _)| *known == kind),
                        "seed {seed}, {algorithm}: {kind:?} for {token}"
                    );
                    *differences.entry(format!("{kind:?}")).or_default() += 1;
                }
                Err(_) => {}
            }
        }
    }
    println!("{count} tokens, {accepted} accepted by both; refused by ours alone: {differences:?}");
    assert!(accepted > count / 50, "{accepted} of {count}: too little is alive to compare");
}

#[test]
fn wycheproof_signatures_are_judged_alike_or_more_strictly() {
    let file = files::read("wycheproof/json_web_signature_test.json");
    let mut differences = BTreeMap::<&str, Vec<u64>>::new();
    for group in file["testGroups"].as_array().unwrap() {
        let jwk = group.get("public").unwrap_or(&group["private"]).to_string();
        let (ours, theirs) = (JwtKey::from_jwk(&jwk), serde_json::from_str::<Jwk>(&jwk));
        for case in group["tests"].as_array().unwrap() {
            let id = case["tcId"].as_u64().unwrap();
            let token = case["jws"].as_str().unwrap_or("a JSON serialisation");
            // What is signed there are no claims.
            let is_ours = ours.as_ref().is_ok_and(|key| {
                let policy = ClaimsPolicy::insecure_without_audience("nobody");
                judged(&JwtVerifier::new(key.clone(), policy), token) == Err(TokenErrorKind::Claims)
            });
            let is_theirs = theirs.as_ref().is_ok_and(|jwk| is_proved_there(jwk, token));
            if is_ours == is_theirs {
                continue;
            }
            assert!(is_theirs, "only ours proves the case {id}");
            let why = if ours.is_err() { "the key is for encryption" } else { "there is no payload" };
            differences.entry(why).or_default().push(id);
        }
    }
    println!("refused by ours alone: {differences:?}");
    let expected = [
        ("the key is for encryption", vec![353, 354, 355, 356]),
        ("there is no payload", vec![259, 264, 268, 272, 320, 325]),
    ];
    assert_eq!(differences, BTreeMap::from(expected));
}

/// What `jsonwebtoken` says of a signature, asked as its documentation has it: for the algorithm of the key.
fn is_proved_there(jwk: &Jwk, token: &str) -> bool {
    let proved = || {
        let key = DecodingKey::from_jwk(jwk).ok()?;
        let algorithm = jsonwebtoken::decode_header(token).ok()?.alg;
        if jwk.common.key_algorithm.is_some_and(|named| named.to_string() != format!("{algorithm:?}")) {
            return None;
        }
        let verifier = (aws_lc::DEFAULT_PROVIDER.verifier_factory)(&algorithm, &key).ok()?;
        let (signed, signature) = token.rsplit_once('.')?;
        // Its `decode` would read the claims next.
        URL_SAFE_NO_PAD.decode_to_vec(signed.rsplit_once('.')?.1).ok()?;
        let signature = URL_SAFE_NO_PAD.decode_to_vec(signature).ok()?;
        verifier.verify(signed.as_bytes(), &signature).ok()
    };
    proved().is_some()
}

/// Why a token that `jsonwebtoken` accepts may be refused here.
const REASONS: [(TokenErrorKind, &str); 8] = [
    (
        TokenErrorKind::Malformed,
        "two members of one name in the header, a `kid` of more than 256 bytes, nesting beyond 32",
    ),
    (TokenErrorKind::TooLarge, "a header beyond 4 KiB, a token beyond 16 KiB"),
    (TokenErrorKind::Critical, "`crit` and `b64` are not read there"),
    (TokenErrorKind::Type, "`typ` and `cty` are not read there"),
    (TokenErrorKind::UnknownKey, "`kid` is not looked up there"),
    (
        TokenErrorKind::Claims,
        "two claims of one name, claims of a wrong type, numbers of seconds out of range",
    ),
    (TokenErrorKind::IssuedInFuture, "`iat` is not read there"),
    (TokenErrorKind::KeyBound, "`cnf` is not read there"),
];

#[derive(Clone, Copy, Debug)]
enum Expected {
    BothAccept,
    BothRefuse,
    OnlyOursRefuses(TokenErrorKind),
}

type Sample = (&'static str, String, String, Expected);

/// Header and claims to be rightly signed, with what becomes of them.
fn cases(algorithm: Algorithm) -> Vec<Sample> {
    use Expected::{BothAccept, BothRefuse, OnlyOursRefuses};
    let headers = [
        ("plain", "", BothAccept),
        ("typ JWT", r#","typ":"JWT""#, BothAccept),
        ("typ at+jwt", r#","typ":"at+jwt""#, BothAccept),
        ("the key's id", r#","kid":"key""#, BothAccept),
        ("what nobody reads", r#","jku":"http://127.0.0.1:1/","x5t":"AA","more":{"x":[1,2]}"#, BothAccept),
        ("another's id", r#","kid":"other""#, OnlyOursRefuses(TokenErrorKind::UnknownKey)),
        ("a proof of possession", r#","typ":"dpop+jwt""#, OnlyOursRefuses(TokenErrorKind::Type)),
        ("a logout token", r#","typ":"logout+jwt""#, OnlyOursRefuses(TokenErrorKind::Type)),
        ("a nested token", r#","cty":"JWT""#, OnlyOursRefuses(TokenErrorKind::Type)),
        ("critical", r#","crit":["x"],"x":1"#, OnlyOursRefuses(TokenErrorKind::Critical)),
        ("b64", r#","b64":false"#, OnlyOursRefuses(TokenErrorKind::Critical)),
        ("a name twice inside", r#","more":{"x":1,"x":2}"#, OnlyOursRefuses(TokenErrorKind::Malformed)),
        ("typ twice", r#","typ":"JWT","typ":"JWT""#, BothRefuse),
        ("alg twice", r#","alg":"none""#, BothRefuse),
        ("typ no string", r#","typ":1"#, BothRefuse),
        ("kid no string", r#","kid":1"#, BothRefuse),
        ("no JSON", ",", BothRefuse),
    ];
    let now = now();
    let claims_rows = [
        (
            "an audience among others",
            r#""aud":"https://api.example""#,
            r#""aud":["x","https://api.example"]"#,
            BothAccept,
        ),
        ("another audience", "https://api.example", "https://other.example", BothRefuse),
        ("another issuer", "https://id.example", "https://id.example/", BothRefuse),
        ("expired", EXP, r#""exp":1000000000"#, BothRefuse),
        ("a negative end", EXP, r#""exp":-1"#, BothRefuse),
        ("an end that is text", EXP, r#""exp":"4000000000""#, BothRefuse),
        ("no end", EXP, r#""x":1"#, BothRefuse),
        ("no audience", r#""aud""#, r#""x""#, BothRefuse),
        ("no issuer", r#""iss""#, r#""x""#, BothRefuse),
        ("a fraction", EXP, r#""exp":4000000000.5"#, BothAccept),
        ("the end twice", EXP, r#""exp":4000000000,"exp":4000000001"#, BothRefuse),
        ("not yet", EXP, r#""exp":4000000000,"nbf":3900000000"#, BothRefuse),
        ("a begin that is text", EXP, r#""exp":4000000000,"nbf":"1""#, BothRefuse),
        (
            "issued in the future",
            EXP,
            r#""exp":4000000000,"iat":3900000000"#,
            OnlyOursRefuses(TokenErrorKind::IssuedInFuture),
        ),
        ("a claim twice", EXP, r#""exp":4000000000,"x":1,"x":2"#, OnlyOursRefuses(TokenErrorKind::Claims)),
        (
            "a name twice inside",
            EXP,
            r#""exp":4000000000,"x":{"y":1,"y":2}"#,
            OnlyOursRefuses(TokenErrorKind::Claims),
        ),
        (
            "a subject that is no text",
            r#""sub":"ada""#,
            r#""sub":7"#,
            OnlyOursRefuses(TokenErrorKind::Claims),
        ),
        (
            "an issuer in an array",
            r#""iss":"https://id.example""#,
            r#""iss":["https://id.example"]"#,
            OnlyOursRefuses(TokenErrorKind::Claims),
        ),
        (
            "an end beyond all calendars",
            EXP,
            r#""exp":400000000000"#,
            OnlyOursRefuses(TokenErrorKind::Claims),
        ),
        (
            "bound to a key",
            EXP,
            r#""exp":4000000000,"cnf":{"jkt":"x"}"#,
            OnlyOursRefuses(TokenErrorKind::KeyBound),
        ),
    ];
    assert!(now < 3_800_000_000, "the rows above are written for this century");
    let of_headers =
        headers.map(|(name, more, expected)| (name, header(algorithm, more), claims(""), expected));
    let of_claims = claims_rows.map(|(name, from, to, expected)| {
        let changed = claims("").replace(from, to);
        assert_ne!(changed, claims(""), "{name}");
        (name, header(algorithm, ""), changed, expected)
    });
    let nested = format!(r#","x":{}{}"#, "[".repeat(40), "]".repeat(40));
    let long = format!(r#","x":"{}""#, "x".repeat(5_000));
    let longest = format!(r#","x":"{}""#, "x".repeat(14_000));
    let sizes = [
        (
            "deep in the header",
            header(algorithm, &nested),
            claims(""),
            OnlyOursRefuses(TokenErrorKind::Malformed),
        ),
        (
            "deep in the claims",
            header(algorithm, ""),
            claims(&nested),
            OnlyOursRefuses(TokenErrorKind::Claims),
        ),
        ("a long header", header(algorithm, &long), claims(""), OnlyOursRefuses(TokenErrorKind::TooLarge)),
        ("long claims", header(algorithm, ""), claims(&longest), OnlyOursRefuses(TokenErrorKind::TooLarge)),
    ];
    of_headers.into_iter().chain(of_claims).chain(sizes).collect()
}

fn header(algorithm: Algorithm, more: &str) -> String {
    format!(r#"{{"alg":"{algorithm}"{more}}}"#)
}

fn claims(more: &str) -> String {
    format!(r#"{{"iss":"https://id.example","aud":"https://api.example","sub":"ada",{EXP}{more}}}"#)
}

const EXP: &str = r#""exp":4000000000"#;

fn now() -> u64 {
    SystemClock.now().unix_seconds()
}

/// One key in both libraries.
struct Pair {
    algorithm: Algorithm,
    signer: Signer,
    ours: JwtVerifier,
    theirs: (DecodingKey, Validation),
}

enum Signer {
    Hmac(Box<hmac::Key>),
    Rsa(RsaKeyPair, &'static dyn signature::RsaEncoding),
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Pair {
    fn new(algorithm: Algorithm) -> Self {
        // A test program owns its process; the library under test never does this.
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| aws_lc::DEFAULT_PROVIDER.install_default().unwrap());

        let (signer, key) = made(algorithm);
        let key = key.with_id("key").unwrap();
        let decoding = match key.to_public_jwk() {
            Some(jwk) => DecodingKey::from_jwk(&serde_json::from_str::<Jwk>(&jwk).unwrap()).unwrap(),
            None => DecodingKey::from_secret(&SHARED),
        };
        let mut validation = Validation::new(algorithm.as_str().parse().unwrap());
        validation.leeway = 30;
        validation.validate_nbf = true;
        validation.set_issuer(&["https://id.example"]);
        validation.set_audience(&["https://api.example"]);
        validation.set_required_spec_claims(&["exp", "iss", "aud"]);
        let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
        let ours = JwtVerifier::new(key.public().unwrap_or(key), policy);
        Self { algorithm, signer, ours, theirs: (decoding, validation) }
    }

    fn sign(&self, header: &str, claims: &str) -> String {
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode_to_string(header),
            URL_SAFE_NO_PAD.encode_to_string(claims)
        );
        let message = signed.as_bytes();
        let signature = match &self.signer {
            Signer::Hmac(key) => hmac::sign(key, message).as_ref().to_vec(),
            Signer::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &SystemRandom::new(), message, &mut signature).unwrap();
                signature
            }
            Signer::Ec(pair) => pair.sign(&SystemRandom::new(), message).unwrap().as_ref().to_vec(),
            Signer::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
        };
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode_to_string(signature))
    }

    fn ours(&self, token: &str) -> Result<(), TokenErrorKind> {
        judged(&self.ours, token)
    }

    fn theirs(&self, token: &str) -> bool {
        jsonwebtoken::decode::<serde_json::Value>(token, &self.theirs.0, &self.theirs.1).is_ok()
    }
}

fn judged(verifier: &JwtVerifier, token: &str) -> Result<(), TokenErrorKind> {
    match verifier.verify(token) {
        Verification::Ready(result) => result.map(|_| ()).map_err(|error| error.kind()),
        Verification::Pending(_) => panic!("a JWT with keys at hand never waits"),
    }
}

fn made(algorithm: Algorithm) -> (Signer, JwtKey) {
    let rsa = |encoding| {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let key = JwtKey::from_der(der.as_ref(), algorithm).unwrap();
        (Signer::Rsa(pair, encoding), key)
    };
    let ec = |signing| {
        let pair = EcdsaKeyPair::generate(signing).unwrap();
        let key = JwtKey::from_der(pair.to_pkcs8v1().unwrap(), algorithm).unwrap();
        (Signer::Ec(pair), key)
    };
    let shared =
        |hmac, key: Result<JwtKey, _>| (Signer::Hmac(hmac::Key::new(hmac, &SHARED).into()), key.unwrap());
    match algorithm {
        Algorithm::Hs256 => shared(hmac::HMAC_SHA256, JwtKey::hs256(SHARED)),
        Algorithm::Hs384 => shared(hmac::HMAC_SHA384, JwtKey::hs384(SHARED)),
        Algorithm::Hs512 => shared(hmac::HMAC_SHA512, JwtKey::hs512(SHARED)),
        Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
        Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
        Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
        Algorithm::Ps256 => rsa(&signature::RSA_PSS_SHA256),
        Algorithm::Ps384 => rsa(&signature::RSA_PSS_SHA384),
        Algorithm::Ps512 => rsa(&signature::RSA_PSS_SHA512),
        Algorithm::Es256 => ec(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::Es384 => ec(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().unwrap();
            let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
            let key = JwtKey::from_der(der.as_ref(), algorithm).unwrap();
            (Signer::Ed25519(pair), key)
        }
        other => panic!("an algorithm that is new: {other}"),
    }
}

/// Some letters of `text` replaced, removed, doubled or swapped with others.
fn mutated(text: &str, letters: &str, rng: &mut Rng) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let letters = letters.as_bytes();
    for _ in 0..rng.usize(1..3) {
        if bytes.is_empty() {
            break;
        }
        let at = rng.usize(..bytes.len());
        let letter = letters[rng.usize(..letters.len())];
        match rng.u8(..5) {
            0 => bytes[at] = letter,
            1 => bytes.insert(at, letter),
            2 => drop(bytes.remove(at)),
            3 => {
                let end = (at + rng.usize(1..12)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
            _ => {
                let other = rng.usize(..bytes.len());
                bytes.swap(at, other);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

const TOKEN_LETTERS: &str = "ABCDwxyz0189-_.=+/ \n";
const JSON_LETTERS: &str = "{}[]\",:\\0123456789.eE+-aentu    \n\t\u{1}";
const SHARED: [u8; 64] = *b"sixty-four bytes, as long as the hash of the longest algorithm 0";
