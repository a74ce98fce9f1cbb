use base64_simd::URL_SAFE_NO_PAD;
use jsonwebtoken::{
    Algorithm, DecodingKey, EncodingKey,
    crypto::{self, aws_lc},
    jwk::Jwk,
};
use portcullis::{
    bearer::{MOST_BYTES, Verification, VerifiedToken, VerifyToken},
    claims::ClaimsPolicy,
    jwt::{JwtKey, JwtKeys, JwtVerifier},
};
use serde_json::{Map, Value};

use super::{
    json::{self, Read},
    keys::{CURVE, EDWARDS, NOW, SHARED, clock},
};

/// Any text as a token; and any two texts, with a line end between, as the header and the claims of one that is rightly signed.
///
/// The verdict is that of a second reading of the rules, slow and plain: `jsonwebtoken` judges the signature, `serde_json` reads the rest.
pub fn jwt(bytes: &[u8]) {
    thread_local! {
        static JUDGES: Judges = Judges::new();
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    JUDGES.with(|judges| {
        judges.judge(text);
        if let Some((header, claims)) = text.split_once('\n') {
            judges.judge(&judges.signed(header, claims));
        }
    });
}

struct Judges {
    ours: JwtVerifier,
    sign: EncodingKey,
    theirs: [(&'static str, Algorithm, DecodingKey); 3],
}

enum Expected {
    Refused,
    Accepted(Map<String, Value>),
    Unsure,
}

impl Judges {
    fn new() -> Self {
        // Ours alone in a process of fuzzing; another test of the same program may have been first.
        let _others = aws_lc::DEFAULT_PROVIDER.install_default();
        let keys = [SHARED, CURVE, EDWARDS].map(|jwk| JwtKey::from_jwk(jwk).expect("a key"));
        let secret = serde_json::from_str::<Value>(SHARED).expect("a JWK");
        let secret = decoded(secret["k"].as_str().expect("a text")).expect("base64url");
        let theirs =
            |jwk| DecodingKey::from_jwk(&serde_json::from_str::<Jwk>(jwk).expect("a JWK")).expect("a key");
        Self {
            ours: JwtVerifier::new(JwtKeys::new(keys), ClaimsPolicy::new("id", "api")).with_clock(clock()),
            sign: EncodingKey::from_secret(&secret),
            theirs: [
                ("shared", Algorithm::HS256, DecodingKey::from_secret(&secret)),
                ("curve", Algorithm::ES256, theirs(CURVE)),
                ("edwards", Algorithm::EdDSA, theirs(EDWARDS)),
            ],
        }
    }

    fn signed(&self, header: &str, claims: &str) -> String {
        let signed = [header, claims].map(|part| URL_SAFE_NO_PAD.encode_to_string(part)).join(".");
        let signature = crypto::sign(signed.as_bytes(), &self.sign, Algorithm::HS256).expect("a signature");
        format!("{signed}.{signature}")
    }

    fn judge(&self, token: &str) {
        let Verification::Ready(ours) = self.ours.verify(token) else {
            panic!("keys at hand are not waited for");
        };
        match (ours, self.expected(token)) {
            (_, Expected::Unsure) | (Err(_), Expected::Refused) => {}
            (Ok(token), Expected::Accepted(claims)) => says(&token, &claims),
            (Ok(_), Expected::Refused) => panic!("accepted: {token:?}"),
            (Err(error), Expected::Accepted(_)) => panic!("{error}: {token:?}"),
        }
    }

    fn expected(&self, token: &str) -> Expected {
        let [header, payload, signature] = *token.split('.').collect::<Vec<_>>() else {
            return Expected::Refused;
        };
        let (Some(header_text), Some(claims)) = (decoded_text(header), decoded_text(payload)) else {
            return Expected::Refused;
        };
        if token.len() > MOST_BYTES || header_text.len() > 4096 {
            return Expected::Refused;
        }
        let (header_text, claims) = match (json::read(&header_text), json::read(&claims)) {
            (Read::Value(Value::Object(header)), Read::Value(Value::Object(claims))) => (header, claims),
            (Read::Unsure, _) | (_, Read::Unsure) => return Expected::Unsure,
            _ => return Expected::Refused,
        };
        let signed = format!("{header}.{payload}");
        let is_right = self.theirs.iter().any(|(id, algorithm, key)| {
            is_for(&header_text, id, *algorithm)
                && decoded(signature).is_some()
                && crypto::verify(signature, signed.as_bytes(), key, *algorithm).is_ok_and(|right| right)
        });
        if is_right && is_sound(&header_text) && are_good(&claims) {
            Expected::Accepted(claims)
        } else {
            Expected::Refused
        }
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

fn decoded_text(text: &str) -> Option<String> {
    String::from_utf8(decoded(text)?).ok()
}

fn is_for(header: &Map<String, Value>, id: &str, algorithm: Algorithm) -> bool {
    let is_named = header.get("kid").is_none_or(|kid| kid == id);
    let is_meant = match header.get("alg").and_then(Value::as_str) {
        Some("HS256") => algorithm == Algorithm::HS256,
        Some("ES256") => algorithm == Algorithm::ES256,
        Some("EdDSA" | "Ed25519") => algorithm == Algorithm::EdDSA,
        _ => false,
    };
    is_named && is_meant
}

fn is_sound(header: &Map<String, Value>) -> bool {
    let subtype = |name| match header.get(name) {
        None => Some(None),
        Some(Value::String(text)) => {
            let text = text.to_ascii_lowercase();
            Some(Some(text.strip_prefix("application/").unwrap_or(&text).to_owned()))
        }
        Some(_) => None,
    };
    let has_good_type = match subtype("typ") {
        Some(Some(name)) => !name.contains('+') || name == "at+jwt",
        Some(None) => true,
        None => false,
    };
    let has_good_content = subtype("cty").is_some_and(|name| name.as_deref() != Some("jwt"));
    has_good_type && has_good_content && !header.contains_key("crit") && !header.contains_key("b64")
}

fn are_good(claims: &Map<String, Value>) -> bool {
    let is_text = |name| claims.get(name).is_none_or(Value::is_string);
    let is_past =
        |name| claims.get(name).is_none_or(|at| date(at, f64::ceil).is_some_and(|at| at <= SECOND + LEEWAY));
    let is_for_us = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().all(Value::is_string) && all.iter().any(|one| one == "api"),
        Some(one) => one == "api",
        None => false,
    };
    let end = claims.get("exp").and_then(|at| date(at, f64::floor));
    end.is_some_and(|end| SECOND < end + LEEWAY)
        && is_past("nbf")
        && is_past("iat")
        && is_for_us
        && claims.get("iss").is_some_and(|issuer| issuer == "id")
        && is_text("sub")
        && is_text("jti")
        && !claims.contains_key("cnf")
}

fn date(value: &Value, round: fn(f64) -> f64) -> Option<u64> {
    let Value::Number(number) = value else { return None };
    let seconds = match number.as_u64() {
        Some(seconds) => seconds,
        None => {
            let seconds = number.as_f64().filter(|seconds| !seconds.is_sign_negative())?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
            let whole = round(seconds) as u64;
            whole
        }
    };
    (seconds <= LATEST).then_some(seconds)
}

/// What is told of an accepted token is what it says.
fn says(token: &VerifiedToken, claims: &Map<String, Value>) {
    let text = |name| claims.get(name).and_then(Value::as_str);
    assert_eq!(token.claims::<Map<String, Value>>().expect("claims"), *claims);
    // An empty subject names nobody.
    let subject = text("sub").filter(|subject| !subject.is_empty());
    assert_eq!((token.subject(), token.token_id()), (subject, text("jti")));
    let mut scopes = Vec::new();
    for list in ["scope", "scp"].into_iter().filter_map(|name| claims.get(name)) {
        match list {
            Value::String(list) => scopes.extend(list.split(' ')),
            Value::Array(list) => scopes.extend(list.iter().filter_map(Value::as_str)),
            _ => {}
        }
    }
    scopes.retain(|scope| !scope.is_empty());
    assert_eq!(token.scopes(), scopes);
    assert!(scopes.iter().all(|scope| token.has_scope(scope)));
    let shown = format!("{token:?}");
    assert!(!shown.contains("claims") && shown.len() < 300, "{shown}");
}

const SECOND: u64 = NOW.unix_seconds();
const LEEWAY: u64 = 30;
/// The end of the year 9999.
const LATEST: u64 = 253_402_300_799;
