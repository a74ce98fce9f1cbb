use aws_lc_rs::digest::{SHA256, digest};
use zeroize::Zeroizing;

use crate::{
    base64url,
    jwt::{JwtKey, material::Material},
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
        material => Some(object(&[described(key), essential(material)].concat())),
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
    Some(object(&[described(key), essential(key.material()), secret].concat()))
}

type Member = (&'static str, Zeroizing<String>);

/// What a key says about itself. The id belongs to it in a set, also where it was made from the key.
fn described(key: &JwtKey) -> Vec<Member> {
    let plain = |text: &str| Zeroizing::new(String::from(text));
    vec![("kid", plain(key.id().as_str())), ("alg", plain(key.algorithm().as_str())), ("use", plain("sig"))]
}

/// In the order of their names.
fn essential(material: &Material) -> Vec<Member> {
    let plain = |text: &str| Zeroizing::new(String::from(text));
    match material {
        Material::Shared(key) => vec![("k", text_of(key.expose())), ("kty", plain("oct"))],
        Material::Rsa(key) => vec![("e", text_of(key.e())), ("kty", plain("RSA")), ("n", text_of(key.n()))],
        Material::Ec(key) => {
            let (x, y) = key.coordinates();
            vec![
                ("crv", plain(key.curve().name())),
                ("kty", plain("EC")),
                ("x", text_of(x)),
                ("y", text_of(y)),
            ]
        }
        Material::Okp(key) => {
            vec![("crv", plain("Ed25519")), ("kty", plain("OKP")), ("x", text_of(key.public().bytes()))]
        }
    }
}

fn text_of(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(base64url::encode(bytes))
}

/// A JSON object without white space.
fn object(members: &[Member]) -> String {
    let mut object = String::from("{");
    for (at, (name, text)) in members.iter().enumerate() {
        object.push_str(if at == 0 { "\"" } else { ",\"" });
        object.push_str(name);
        object.push_str("\":");
        // Strings cannot fail to be written.
        object.push_str(&serde_json::to_string(&**text).unwrap_or_default());
    }
    object.push('}');
    object
}
