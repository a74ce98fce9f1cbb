//! `pasetors` as the oracle: what one of us makes the other verifies, and where our verdicts about the same bytes differ, ours is the stricter.
//!
//! Version 4 alone: for version 3 it would bring another ECDSA along. The published vectors of both versions are in the crate itself, beside the steps
//! that they show.

use std::collections::BTreeMap;

use fastrand::Rng;
use pasetors::{
    Local, Public,
    keys::{AsymmetricPublicKey, AsymmetricSecretKey, SymmetricKey},
    paserk::{FormatAsPaserk, Id},
    token::UntrustedToken,
    version4::{LocalToken, PublicToken, V4},
};
use portcullis::{
    bearer::{TokenError, TokenErrorKind, VerifiedToken},
    claims::ClaimsPolicy,
    keyring::KeyErrorKind,
    paseto::{Kind, PasetoKey, PasetoSigner, PasetoVerifier},
    store::Timestamp,
};
use portcullis_testkit::TestClock;

/// One key, as both of us hold it.
struct Pair {
    ours: PasetoKey,
    theirs: Theirs,
}

enum Theirs {
    Local(SymmetricKey<V4>),
    Public(AsymmetricSecretKey<V4>, AsymmetricPublicKey<V4>),
}

impl Pair {
    /// Written by us, read by them.
    fn generate(kind: Kind) -> Self {
        let ours = PasetoKey::generate(kind).unwrap();
        let secret = ours.expose_secret_paserk().unwrap();
        let theirs = match kind {
            Kind::V4Local => Theirs::Local(SymmetricKey::try_from(&*secret).unwrap()),
            _ => {
                let public = ours.to_public_paserk().unwrap();
                Theirs::Public(
                    AsymmetricSecretKey::try_from(&*secret).unwrap(),
                    AsymmetricPublicKey::try_from(&*public).unwrap(),
                )
            }
        };
        Self { ours, theirs }
    }

    /// A token that they make.
    fn make(&self, payload: &[u8], footer: &[u8], assertion: &[u8]) -> String {
        let (footer, assertion) = (Some(footer), Some(assertion));
        match &self.theirs {
            Theirs::Local(key) => LocalToken::encrypt(key, payload, footer, assertion).unwrap(),
            Theirs::Public(key, _) => PublicToken::sign(key, payload, footer, assertion).unwrap(),
        }
    }

    /// Their verdict: the payload.
    fn read(&self, token: &str, assertion: &[u8]) -> Option<String> {
        let trusted = match &self.theirs {
            Theirs::Local(key) => {
                let token = UntrustedToken::<Local, V4>::try_from(token).ok()?;
                LocalToken::decrypt(key, &token, None, Some(assertion)).ok()?
            }
            Theirs::Public(_, key) => {
                let token = UntrustedToken::<Public, V4>::try_from(token).ok()?;
                PublicToken::verify(key, &token, None, Some(assertion)).ok()?
            }
        };
        Some(trusted.payload().to_owned())
    }

    fn verifier(&self) -> PasetoVerifier {
        let clock = TestClock::new();
        clock.set(NOW);
        let key = self.ours.public().unwrap_or_else(|| self.ours.clone());
        PasetoVerifier::new(key, ClaimsPolicy::new("id", "api")).with_clock(clock)
    }

    fn footer(&self) -> String {
        format!(r#"{{"kid":"{}"}}"#, self.ours.id())
    }
}

#[test]
fn t65_keys_and_their_ids_are_the_same_to_both() {
    for _ in 0..50 {
        for kind in [Kind::V4Local, Kind::V4Public] {
            let pair = Pair::generate(kind);
            let (ours, mut secret, mut id, mut sid) =
                (&pair.ours, String::new(), String::new(), String::new());
            match &pair.theirs {
                Theirs::Local(key) => {
                    key.fmt(&mut secret).unwrap();
                    Id::from(key).fmt(&mut id).unwrap();
                }
                Theirs::Public(key, public) => {
                    key.fmt(&mut secret).unwrap();
                    Id::from(public).fmt(&mut id).unwrap();
                    Id::from(key).fmt(&mut sid).unwrap();
                }
            }
            assert_eq!(ours.expose_secret_paserk().unwrap(), secret);
            assert_eq!(ours.id().as_str(), id);
            assert_eq!(ours.sid().map(|id| id.as_str().to_owned()).unwrap_or_default(), sid);
        }
    }
}

#[test]
fn t57_what_either_makes_the_other_verifies() {
    for seed in 0..400 {
        let mut rng = Rng::with_seed(seed);
        let pair = Pair::generate(if rng.bool() { Kind::V4Local } else { Kind::V4Public });
        let (claims, assertion) = (claims(&mut rng), bytes(&mut rng, 40));

        let signer = PasetoSigner::new(pair.ours.clone()).with_implicit_assertion(&assertion);
        let token = signer.sign_claims(&claims, NOW).unwrap();
        assert_eq!(pair.read(&token, &assertion).as_ref(), Some(&claims), "seed {seed}: {token}");

        let footer = footer(&pair, &mut rng);
        let token = pair.make(claims.as_bytes(), &footer, &assertion);
        let verified = pair
            .verifier()
            .verify_with_assertion(&token, &assertion)
            .unwrap_or_else(|refused| panic!("seed {seed}: {refused}: {token}"));
        assert_eq!(verified.claims_json(), claims, "seed {seed}");
        assert_eq!(verified.key_id(), pair.ours.id(), "seed {seed}");
    }
}

/// What they accept and we do not, each with its reason; `None` where both of us have to agree.
fn known_difference(token: &str, refused: &TokenError) -> Option<&'static str> {
    let begins_as_object = || {
        let local =
            UntrustedToken::<Local, V4>::try_from(token).map(|token| token.untrusted_footer().to_owned());
        let public =
            UntrustedToken::<Public, V4>::try_from(token).map(|token| token.untrusted_footer().to_owned());
        local.or(public).is_ok_and(|footer| footer.starts_with(b"{"))
    };
    match refused.kind() {
        // The tag is right: they look no further, and we read the claims.
        kind if is_of_claims(kind) => Some("claims are read"),
        TokenErrorKind::Malformed if token.ends_with('.') => Some("one spelling (T64)"),
        TokenErrorKind::Malformed if begins_as_object() => Some("a footer's object is flat and strict (T60)"),
        TokenErrorKind::UnknownKey if begins_as_object() => Some("the named key alone (T61)"),
        _ => None,
    }
}

#[test]
fn t57_a_changed_token_has_the_same_verdict_or_a_stricter_one() {
    let mut verdicts = BTreeMap::<&str, u32>::new();
    for seed in 0..6_000 {
        let mut rng = Rng::with_seed(seed);
        let pair = Pair::generate(if rng.bool() { Kind::V4Local } else { Kind::V4Public });
        let payload = match rng.u8(..8) {
            0 => bytes(&mut rng, 60),
            1 => changed(&pair, &claims(&mut rng), &mut rng).into_bytes(),
            _ => claims(&mut rng).into_bytes(),
        };
        // They make no empty ones.
        let payload = if payload.is_empty() { b"{}".to_vec() } else { payload };
        let footer = if rng.u8(..4) == 0 { odd_footer(&mut rng) } else { footer(&pair, &mut rng) };
        let mut assertion = bytes(&mut rng, 20);
        let mut token = pair.make(&payload, &footer, &assertion);
        for _ in 0..rng.u8(..3) {
            token = changed(&pair, &token, &mut rng);
        }
        if rng.u8(..10) == 0 {
            assertion.push(rng.u8(..));
        }
        let theirs = pair.read(&token, &assertion);
        let ours = pair.verifier().verify_with_assertion(&token, &assertion);
        let key = pair.ours.expose_secret_paserk();
        let case = format!("seed {seed}, {key:?}, assertion {assertion:?}, {token}");
        *verdicts.entry(verdict(&token, &ours, theirs.as_deref(), &case)).or_default() += 1;
    }
    println!("{verdicts:#?}");
    // Both of us agree on either verdict, and each reason on the list was met.
    assert_eq!(verdicts.len(), 6, "{verdicts:?}");
}

fn verdict(
    token: &str,
    ours: &Result<VerifiedToken, TokenError>,
    theirs: Option<&str>,
    case: &str,
) -> &'static str {
    match (ours, theirs) {
        (Ok(ours), Some(theirs)) => {
            assert_eq!(ours.claims_json(), theirs, "{case}");
            "both accept"
        }
        (Ok(_), None) => panic!("only we accept: {case}"),
        (Err(refused), Some(_)) => known_difference(token, refused)
            .unwrap_or_else(|| panic!("only they accept, and it is on no list: {refused}: {case}")),
        (Err(refused), None) => {
            // What they could not prove we must not have proved either, but for a payload that is no text, which is where they stop.
            let is_proved = is_of_claims(refused.kind()) && refused.kind() != TokenErrorKind::Claims;
            assert!(!is_proved, "only we prove it: {refused}: {case}");
            "both refuse"
        }
    }
}

/// The list, one by one: they accept each of these, and we say why we do not.
#[test]
fn where_verdicts_differ_ours_is_the_stricter() {
    let pair = Pair::generate(Kind::V4Public);
    let good = r#"{"iss":"id","aud":"api","exp":"2026-01-01T00:05:00Z"}"#;
    let plain = pair.make(good.as_bytes(), b"", b"");
    let with_footer = |footer: &str| pair.make(good.as_bytes(), footer.as_bytes(), b"");
    let with_claims = |claims: &str| pair.make(claims.as_bytes(), b"", b"");
    let secret = pair.ours.expose_secret_paserk().unwrap();
    for (row, token, expected) in [
        ("a dot without a footer", format!("{plain}."), TokenErrorKind::Malformed),
        ("a footer of 2 KiB", with_footer(&"a".repeat(2048)), TokenErrorKind::Malformed),
        ("a footer that nests", with_footer(r#"{"a":{}}"#), TokenErrorKind::Malformed),
        ("a footer's name twice", with_footer(r#"{"a":1,"a":2}"#), TokenErrorKind::Malformed),
        ("a footer's broken object", with_footer("{"), TokenErrorKind::Malformed),
        ("a key's name that is a number", with_footer(r#"{"kid":1}"#), TokenErrorKind::Malformed),
        ("a key's name that nobody has", with_footer(r#"{"kid":"k4.pid.AAAA"}"#), TokenErrorKind::UnknownKey),
        ("a wrapped key", with_footer(r#"{"wpk":"k4.local-wrap.pie.AAAA"}"#), TokenErrorKind::UnknownKey),
        ("a secret key in the footer", with_footer(&secret), TokenErrorKind::Malformed),
        (
            "a token of 17 KiB",
            with_claims(&good.replace("id", &"a".repeat(17 * 1024))),
            TokenErrorKind::TooLarge,
        ),
        ("a claim twice", with_claims(&good.replace('{', r#"{"iss":"no","#)), TokenErrorKind::Claims),
        ("a payload that is no object", with_claims("[]"), TokenErrorKind::Claims),
        ("a date in small letters", with_claims(&good.replace('Z', "z")), TokenErrorKind::Claims),
    ] {
        assert!(pair.read(&token, b"").is_some(), "{row}: they refuse it too");
        let refused = pair.verifier().verify_with_assertion(&token, b"").expect_err(row);
        assert_eq!(refused.kind(), expected, "{row}");
    }
    // And a point of small order, under which anybody can sign anything.
    let weak = "k4.public.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    assert!(AsymmetricPublicKey::<V4>::try_from(weak).is_ok());
    assert_eq!(PasetoKey::from_paserk(weak).unwrap_err().kind(), KeyErrorKind::Weak);
    // And halves of two keys.
    let other = Pair::generate(Kind::V4Public).ours.expose_secret_paserk().unwrap();
    let mixed = format!("{}{}", &secret[..53], &other[53..]);
    assert_eq!(PasetoKey::from_paserk(&mixed).unwrap_err().kind(), KeyErrorKind::Contradiction);
}

fn is_of_claims(kind: TokenErrorKind) -> bool {
    use TokenErrorKind::{Audience, Claims, Expired, Issuer, MissingClaim, NotYetValid};
    matches!(kind, Audience | Claims | Expired | Issuer | MissingClaim | NotYetValid)
}

/// Claims that the policy has nothing against, among others.
fn claims(rng: &mut Rng) -> String {
    let mut members = vec![
        r#""iss":"id""#.to_owned(),
        r#""aud":"api""#.to_owned(),
        format!(r#""exp":"2026-01-01T{:02}:{:02}:59Z""#, rng.u8(1..24), rng.u8(..60)),
    ];
    for at in 0..rng.usize(..6) {
        let value = match rng.u8(..5) {
            0 => rng.i64(..).to_string(),
            1 => format!("{:?}", rng.f64()),
            2 => r#"["a",{"b":[null,true]}]"#.to_owned(),
            3 => r#""\u00e9\n\"é🔑""#.to_owned(),
            _ => format!(r#""{}""#, "x".repeat(rng.usize(..300))),
        };
        members.push(format!(r#""claim {at}":{value}"#));
    }
    rng.shuffle(&mut members);
    format!("{{{}}}", members.join([",", " , ", ",\n"][rng.usize(..3)]))
}

/// A footer that both of us accept.
fn footer(pair: &Pair, rng: &mut Rng) -> Vec<u8> {
    match rng.u8(..5) {
        0 => Vec::new(),
        1 => b"a word".to_vec(),
        2 => [b"\xff".to_vec(), bytes(rng, 200)].concat(),
        3 => format!(r#"{{"a":{},"kid":"{}"}}"#, rng.u32(..), pair.ours.id()).into_bytes(),
        _ => pair.footer().into_bytes(),
    }
}

/// One that begins as an object and mostly is none of ours.
fn odd_footer(rng: &mut Rng) -> Vec<u8> {
    match rng.u8(..4) {
        0 => [b"{".to_vec(), bytes(rng, 20)].concat(),
        1 => format!(r#"{{"kid":{}}}"#, rng.u8(..)).into_bytes(),
        2 => format!(r#"{{"kid":"{}"}}"#, rng.u64(..)).into_bytes(),
        _ => {
            format!(r#"{{"a":{}1{}}}"#, "[".repeat(rng.usize(..40)), "]".repeat(rng.usize(..40))).into_bytes()
        }
    }
}

fn bytes(rng: &mut Rng, most: usize) -> Vec<u8> {
    (0..rng.usize(..most)).map(|_| rng.u8(..)).collect()
}

fn changed(pair: &Pair, token: &str, rng: &mut Rng) -> String {
    let mut token = token.as_bytes().to_vec();
    let at = rng.usize(..token.len().max(1));
    match rng.u8(..9) {
        0 if !token.is_empty() => token[at] = ALPHABET[rng.usize(..ALPHABET.len())],
        1 if !token.is_empty() => token[at] = rng.u8(..0x80),
        2 if !token.is_empty() => {
            token.remove(at);
        }
        3 => token.insert(at, ALPHABET[rng.usize(..ALPHABET.len())]),
        4 => token.truncate(at),
        5 | 6 => token.push(b"..=A"[rng.usize(..4)]),
        7 => {
            let text = String::from_utf8_lossy(&token).into_owned();
            let headers = ["v4.local.", "v4.public.", "v3.public.", "V4.local.", "v4.local"];
            let rest = text.splitn(3, '.').nth(2).unwrap_or_default();
            return format!("{}{rest}", headers[rng.usize(..headers.len())]);
        }
        _ => {
            // The body of one token with the footer of another.
            let other = pair.make(b"{}", b"{}", b"");
            let footer = other.rsplit('.').next().unwrap();
            let text = String::from_utf8_lossy(&token).into_owned();
            let body: Vec<&str> = text.split('.').take(3).collect();
            return format!("{}.{footer}", body.join("."));
        }
    }
    String::from_utf8_lossy(&token).into_owned()
}

/// 2026-01-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_unix_seconds(1_767_225_600);
const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.";
