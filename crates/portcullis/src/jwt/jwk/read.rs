use std::{borrow::Cow, collections::HashSet};

use super::parts::{self, Parts};
use crate::{
    claims::date::{Rounding, read_numeric_date},
    json::{self, Text, Value},
    jwt::{
        Algorithm, JwtKey,
        algorithm::{Curve, Family},
        ec::EcKey,
        key::Uses,
        material::Material,
        okp::OkpKey,
        rsa::{RsaComponents, RsaKey},
        shared::SharedKey,
    },
    keyring::{KeyError, KeyErrorKind, KeyId, Schedule},
};

/// A JWK whose members have the right types. Those that mean nothing here are not looked at ([RFC 7517 §4]).
///
/// [RFC 7517 §4]: https://www.rfc-editor.org/rfc/rfc7517#section-4
#[derive(Default)]
pub(in crate::jwt) struct Jwk<'a> {
    kty: Option<Text<'a>>,
    alg: Option<Text<'a>>,
    crv: Option<Text<'a>>,
    kid: Option<Text<'a>>,
    usage: Option<Text<'a>>,
    /// An array.
    key_ops: Option<&'a str>,
    schedule: Schedule,
    parts: Parts<'a>,
}

impl<'a> Jwk<'a> {
    pub(in crate::jwt) fn read(document: &'a str) -> Result<Self, KeyError> {
        let mut jwk = Self::default();
        json::members(document, |name, value| jwk.member(&name.decoded(), value))?;
        Ok(jwk)
    }

    /// What it calls itself, if that is an id at all.
    pub(in crate::jwt) fn id(&self) -> Option<KeyId> {
        let id = self.kid?.decoded();
        (id.len() <= KeyId::MOST_BYTES).then(|| KeyId::new(&*id))
    }

    /// When it signs and when it retires, by its `nbf` and `exp`.
    pub(in crate::jwt) const fn schedule(&self) -> Schedule {
        self.schedule
    }

    /// Whether there is anything in it that only its owner may have, or share (T38).
    pub(in crate::jwt) fn is_secret(&self) -> bool {
        self.parts.is_secret() || self.kty.is_some_and(|kty| kty.is("oct"))
    }

    pub(in crate::jwt) fn to_key(&self) -> Result<JwtKey, KeyError> {
        let algorithm = self.algorithm()?;
        let uses = self.uses()?;
        let key = JwtKey::of(algorithm, self.material(algorithm)?).with_uses(uses);
        match self.kid {
            Some(kid) => key.with_id(&*kid.decoded()),
            None => Ok(key),
        }
    }

    fn member(&mut self, name: &str, value: Value<'a>) -> Result<(), KeyError> {
        let text = || value.text().map(Some).ok_or(KeyErrorKind::Malformed);
        let date = |rounding| match value {
            Value::Number(number) => read_numeric_date(number, rounding).ok_or(KeyErrorKind::Malformed),
            _ => Err(KeyErrorKind::Malformed),
        };
        match name {
            "kty" => self.kty = text()?,
            "alg" => self.alg = text()?,
            "crv" => self.crv = text()?,
            "kid" => self.kid = text()?,
            "use" => self.usage = text()?,
            "key_ops" => match value {
                Value::Array(operations) => self.key_ops = Some(operations),
                _ => return Err(KeyErrorKind::Malformed.into()),
            },
            "nbf" => self.schedule = self.schedule.signs_from(date(Rounding::Up)?),
            "exp" => self.schedule = self.schedule.retires_at(date(Rounding::Down)?),
            "n" => self.parts.n = text()?,
            "e" => self.parts.e = text()?,
            "x" => self.parts.x = text()?,
            "y" => self.parts.y = text()?,
            "k" => self.parts.k = text()?,
            "d" => self.parts.d = text()?,
            "p" => self.parts.p = text()?,
            "q" => self.parts.q = text()?,
            "dp" => self.parts.dp = text()?,
            "dq" => self.parts.dq = text()?,
            "qi" => self.parts.qi = text()?,
            "oth" => self.parts.other_primes = Some(()),
            _ => {}
        }
        Ok(())
    }

    /// Its `alg`, which must be one for its type and curve; without it, what the type and the curve are for (T23).
    fn algorithm(&self) -> Result<Algorithm, KeyError> {
        let kty = self.kty.ok_or(KeyErrorKind::Malformed)?.decoded();
        let crv = self.crv.map(Text::decoded);
        let derived = match (&*kty, crv.as_deref()) {
            ("RSA", _) => Algorithm::Rs256,
            ("oct", _) => Algorithm::Hs256,
            ("EC", Some("P-256")) => Algorithm::Es256,
            ("EC", Some("P-384")) => Algorithm::Es384,
            ("OKP", Some("Ed25519")) => Algorithm::EdDsa,
            ("EC" | "OKP", None) => return Err(KeyErrorKind::Malformed.into()),
            _ => return Err(KeyErrorKind::Unsupported.into()),
        };
        let Some(alg) = self.alg else { return Ok(derived) };
        let algorithm = Algorithm::named(&alg.decoded()).ok_or(KeyErrorKind::Unsupported)?;
        let agrees = match (algorithm.family(), derived.family()) {
            (Family::Shared(_), Family::Shared(_)) | (Family::Rsa(..), Family::Rsa(..)) => true,
            _ => algorithm == derived,
        };
        if agrees { Ok(algorithm) } else { Err(KeyErrorKind::Contradiction.into()) }
    }

    /// What `use` and `key_ops` leave of it ([RFC 7517 §4.2 and §4.3], T36).
    ///
    /// [RFC 7517 §4.2 and §4.3]: https://www.rfc-editor.org/rfc/rfc7517#section-4.2
    fn uses(&self) -> Result<Uses, KeyError> {
        if self.usage.is_some_and(|usage| !usage.is("sig")) {
            return Err(KeyErrorKind::Use.into());
        }
        let Some(operations) = self.key_ops else { return Ok(Uses::Any) };
        let mut names: HashSet<Cow<'_, str>> = HashSet::new();
        json::elements(operations, |operation| {
            let name = operation.text().ok_or(KeyErrorKind::Malformed)?.decoded();
            if names.insert(name) { Ok(()) } else { Err(KeyError::from(KeyErrorKind::Malformed)) }
        })?;
        match (names.contains("verify"), names.contains("sign")) {
            (true, true) => Ok(Uses::Any),
            (true, false) => Ok(Uses::Verifying),
            // A public key signs nothing, so it would be of no use.
            (false, true) if self.is_secret() => Ok(Uses::Signing),
            (false, _) => Err(KeyErrorKind::Use.into()),
        }
    }

    fn material(&self, algorithm: Algorithm) -> Result<Material, KeyError> {
        let parts = &self.parts;
        match algorithm.family() {
            Family::Shared(hmac) => {
                Ok(Material::Shared(SharedKey::new(hmac, &parts::bytes(parts.k)?)?.into()))
            }
            Family::Rsa(verifying, signing) => rsa(parts, (verifying, signing)).map(Material::Rsa),
            Family::Ec(curve) => ec(parts, curve).map(Material::Ec),
            Family::Okp => okp(parts).map(Material::Okp),
        }
    }
}

/// All numbers of a private key are needed: from `d` alone the others would have to be guessed.
fn rsa(parts: &Parts<'_>, parameters: crate::jwt::rsa::Parameters) -> Result<RsaKey, KeyError> {
    let (n, e) = (parts::bytes(parts.n)?, parts::bytes(parts.e)?);
    if parts.d.is_none() {
        // Half of a private key.
        if parts.has_factors() {
            return Err(KeyErrorKind::Contradiction.into());
        }
        return RsaKey::public(parameters, &n, &e);
    }
    let is_complete = [parts.p, parts.q, parts.dp, parts.dq, parts.qi].iter().all(Option::is_some);
    if !is_complete || parts.other_primes.is_some() {
        return Err(KeyErrorKind::Unsupported.into());
    }
    let [d, p, q] = [parts::bytes(parts.d)?, parts::bytes(parts.p)?, parts::bytes(parts.q)?];
    let [dp, dq, qi] = [parts::bytes(parts.dp)?, parts::bytes(parts.dq)?, parts::bytes(parts.qi)?];
    let components = RsaComponents {
        public_key: aws_lc_rs::signature::RsaPublicKeyComponents { n: n.as_slice(), e: e.as_slice() },
        d: d.as_slice(),
        p: p.as_slice(),
        q: q.as_slice(),
        dP: dp.as_slice(),
        dQ: dq.as_slice(),
        qInv: qi.as_slice(),
    };
    RsaKey::private(parameters, &components)
}

fn ec(parts: &Parts<'_>, curve: Curve) -> Result<EcKey, KeyError> {
    let (x, y) = (parts::bytes(parts.x)?, parts::bytes(parts.y)?);
    match parts.d {
        None => EcKey::public(curve, &x, &y),
        Some(_) => EcKey::private(curve, &x, &y, &parts::bytes(parts.d)?),
    }
}

fn okp(parts: &Parts<'_>) -> Result<OkpKey, KeyError> {
    let x = *parts::array(parts.x)?;
    match parts.d {
        None => OkpKey::public_of(x),
        Some(_) => OkpKey::private(x, &*parts::array(parts.d)?),
    }
}
