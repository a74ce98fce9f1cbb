use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::{
    base64url,
    jwt::{JwtKey, key::Uses, material::Material},
};

/// The hash of the members that make a key what it is, in the order of their names ([RFC 7638 §3.2]).
///
/// [RFC 7638 §3.2]: https://www.rfc-editor.org/rfc/rfc7638#section-3.2
pub(in crate::jwt) fn thumbprint(material: &Material) -> String {
    let document = Zeroizing::new(object(&essential(material)));
    base64url::encode(digest(&SHA256, document.as_bytes()))
}

pub(in crate::jwt) fn public(key: &JwtKey) -> Option<String> {
    match key.material() {
        Material::Shared(_) => None,
        material => Some(object(&[&described(key, Uses::Any)[..], &essential(material)].concat())),
    }
}

/// The whole key with its secret; nothing where there is none.
pub(in crate::jwt) fn expose(key: &JwtKey) -> Option<String> {
    let secret = match key.material() {
        // Already among what makes the key what it is.
        Material::Shared(_) => Vec::new(),
        Material::Rsa(rsa) => rsa.expose()?.iter().map(|(name, number)| (*name, text_of(number))).collect(),
        Material::Ec(ec) => vec![("d", text_of(&ec.expose()?))],
        Material::Okp(okp) => vec![("d", text_of(okp.expose()?))],
    };
    Some(object(&[&described(key, key.uses())[..], &essential(key.material()), &secret].concat()))
}

/// A member's name and its value in JSON.
type Member = (&'static str, Zeroizing<String>);

/// What a key says about itself. The id belongs to it in a set, also where it was made from the key.
fn described(key: &JwtKey, uses: Uses) -> [Member; 3] {
    let (name, value) = match uses {
        Uses::Any => ("use", r#""sig""#),
        Uses::Verifying => ("key_ops", r#"["verify"]"#),
        Uses::Signing => ("key_ops", r#"["sign"]"#),
    };
    let id = ("kid", quoted(key.id().as_str()));
    [id, ("alg", quoted(key.algorithm().as_str())), (name, Zeroizing::new(String::from(value)))]
}

/// In the order of their names.
fn essential(material: &Material) -> Vec<Member> {
    match material {
        Material::Shared(key) => vec![("k", text_of(key.expose())), ("kty", quoted("oct"))],
        Material::Rsa(key) => vec![("e", text_of(key.e())), ("kty", quoted("RSA")), ("n", text_of(key.n()))],
        Material::Ec(key) => {
            let (x, y) = key.coordinates();
            let crv = quoted(key.curve().name());
            vec![("crv", crv), ("kty", quoted("EC")), ("x", text_of(x)), ("y", text_of(y))]
        }
        Material::Okp(key) => {
            let x = text_of(key.public().bytes());
            vec![("crv", quoted("Ed25519")), ("kty", quoted("OKP")), ("x", x)]
        }
    }
}

fn text_of(bytes: &[u8]) -> Zeroizing<String> {
    quoted(&Zeroizing::new(base64url::encode(bytes)))
}

fn quoted(text: &str) -> Zeroizing<String> {
    // Strings cannot fail to be written.
    Zeroizing::new(serde_json::to_string(text).unwrap_or_default())
}

/// A JSON object without white space, written where it stays: no copy of a secret is left behind.
fn object(members: &[Member]) -> String {
    let length: usize = members.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    let mut object = String::with_capacity(length + 2);
    for (name, value) in members {
        object.push_str(if object.is_empty() { "{\"" } else { ",\"" });
        object.push_str(name);
        object.push_str("\":");
        object.push_str(value);
    }
    object.push('}');
    object
}
