use portcullis::{bearer::TokenErrorKind, identity::CredentialKind, jwt::Algorithm, keyring::KeyId};

use super::{
    base64url::Spelled,
    decoded::{Claims, Decoded, Undecodable},
    note::Note,
};
use crate::{json::Json, spelling::quoted};

/// Takes a JWT apart: header, claims and signature.
pub(super) fn decode(token: &str) -> Result<Decoded, Undecodable> {
    let mut parts = token.splitn(4, '.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Undecodable::malformed(match token.matches('.').count() {
            4 => "this is an encrypted token (JWE), which has five parts; only signed ones can be read",
            _ => {
                "this is no token: a JWT has three parts with dots between, and a PASETO begins like `v4.public.`"
            }
        }));
    };
    let part =
        |text| Spelled::decode(text).ok_or(Undecodable::malformed("a part of the token is no base64url"));
    let (header, claims, signature) = (part(header)?, part(claims)?, part(signature)?);
    let is_canonical = [&header, &claims, &signature].into_iter().all(|part| part.is_canonical);
    let header = String::from_utf8(header.bytes).ok().and_then(|header| Json::parse(&header));
    let Some(header @ Json::Object(_)) = header else {
        return Err(Undecodable::malformed("the header is no JSON object"));
    };
    let claims = Claims::read(claims.bytes)?;

    let mut notes = Vec::new();
    let (algorithm, meaning) = algorithm(&header, &mut notes);
    if signature.bytes.is_empty() {
        notes.push(Note::new("malformed", "it has no signature: anybody could have written it"));
    }
    if !is_canonical {
        notes.push(Note::new("malformed", SPELLING));
    }
    about_header(&header, &mut notes);
    Ok(Decoded {
        format: CredentialKind::Jwt,
        algorithm,
        meaning: meaning.into(),
        key: header.member("kid").and_then(Json::text).map(String::from),
        header: Some(header),
        footer: None,
        claims: Some(claims),
        notes,
    })
}

/// The name of the algorithm, and what it is.
fn algorithm(header: &Json, notes: &mut Vec<Note>) -> (String, &'static str) {
    let Some(name) = header.member("alg").and_then(Json::text) else {
        notes.push(Note::new(TokenErrorKind::Malformed.name(), "its header names no algorithm (`alg`)"));
        return (String::new(), "an algorithm that is not named");
    };
    let meaning = match name.parse() {
        Ok(algorithm) => meaning_of(algorithm),
        Err(_unknown) if name.eq_ignore_ascii_case("none") => {
            notes.push(Note::new("algorithm", "its algorithm is `none`: anybody could have written it"));
            "nobody's signature"
        }
        Err(_unknown) => {
            let note = format!("its algorithm is {}, which is not known here", quoted(name));
            notes.push(Note::new("algorithm", note));
            "an algorithm that is not known here"
        }
    };
    (String::from(name), meaning)
}

const fn meaning_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Hs256 => "HMAC with SHA-256, a shared key",
        Algorithm::Hs384 => "HMAC with SHA-384, a shared key",
        Algorithm::Hs512 => "HMAC with SHA-512, a shared key",
        Algorithm::Rs256 => "RSA (PKCS #1 v1.5) with SHA-256",
        Algorithm::Rs384 => "RSA (PKCS #1 v1.5) with SHA-384",
        Algorithm::Rs512 => "RSA (PKCS #1 v1.5) with SHA-512",
        Algorithm::Ps256 => "RSA-PSS with SHA-256",
        Algorithm::Ps384 => "RSA-PSS with SHA-384",
        Algorithm::Ps512 => "RSA-PSS with SHA-512",
        Algorithm::Es256 => "ECDSA on P-256 with SHA-256",
        Algorithm::Es384 => "ECDSA on P-384 with SHA-384",
        Algorithm::EdDsa => "Ed25519",
        _ => "a signature",
    }
}

/// What verifiers refuse of a header, and what they leave aside.
fn about_header(header: &Json, notes: &mut Vec<Note>) {
    if let Some(name) = header.repeated() {
        let note = format!("its header has two members called {}", quoted(name));
        notes.push(Note::new("malformed", note));
    }
    for name in ["crit", "b64"] {
        if header.member(name).is_some() {
            let note = format!("its header has `{name}`, which demands what is not understood here");
            notes.push(Note::new("critical", note));
        }
    }
    for name in ["jwk", "jku", "x5c", "x5u"] {
        if header.member(name).is_some() {
            let note = format!(
                "its header brings a key along (`{name}`), which is never used: it could be anybody's"
            );
            notes.push(Note::new("embedded_key", note));
        }
    }
    match header.member("kid").map(Json::text) {
        Some(Some(id)) if id.len() <= KeyId::MOST_BYTES => {}
        Some(_) => notes.push(Note::new("malformed", "its `kid` is no text of at most 256 bytes")),
        None => {}
    }
    let subtype = |name: &str| {
        let name = name.to_ascii_lowercase();
        name.strip_prefix("application/").map(String::from).unwrap_or(name)
    };
    match header.member("typ").map(|value| value.text().map(subtype)) {
        Some(Some(name)) if name.contains('+') && name != "at+jwt" => {
            let note = format!(
                "its type (`typ`) is {}: it is a token for another purpose than access",
                quoted(&name)
            );
            notes.push(Note::new("type", note));
        }
        Some(None) => notes.push(Note::new("malformed", "its `typ` is no text")),
        _ => {}
    }
    if header.member("cty").and_then(Json::text).is_some_and(|name| subtype(name) == "jwt") {
        notes.push(Note::new("type", "it holds another token (`cty`), which is not looked at"));
    }
}

const SPELLING: &str = "its base64url is not in its one spelling (padding, `+` or `/`, or bits that count for nothing), so the \
                        same token could be spelled in two ways";
