use std::hint::black_box;

use futures_util::FutureExt;
use jsonwebtoken::Header;
use pasetors::{claims::Claims, local, public};
use serde_json::json;

use super::material::{AUDIENCE, ISSUER, Material, Peer, request};
use crate::{options::Effort, outcome::Outcome, sample::Sample, stopwatch::Stopwatch};

/// Nanoseconds to issue a token: ours and the peer's. `None` where the peer cannot read the key.
pub(super) fn measure(material: &Material, effort: Effort) -> Outcome<Option<[Sample; 2]>> {
    let (rounds, tokens) = match effort {
        Effort::Full => (21, 500_u32),
        Effort::Smoke => (3, 3),
    };
    if matches!(material.peer, Peer::Jwt { sign: None, .. }) {
        return Ok(None);
    }
    let mut times = [Sample::default(), Sample::default()];
    let [ours, peers] = &mut times;
    for _ in 0..rounds {
        for (sample, issue) in
            [(&mut *ours, issue_ours as fn(&Material) -> Outcome<()>), (&mut *peers, issue_peers)]
        {
            let stopwatch = Stopwatch::start();
            for _ in 0..tokens {
                issue(material)?;
            }
            sample.extend([stopwatch.elapsed().as_secs_f64() * 1e9 / f64::from(tokens)]);
        }
    }
    Ok(Some(times))
}

fn issue_ours(material: &Material) -> Outcome<()> {
    black_box(material.issuer.issue(request()?).now_or_never().ok_or("nothing is waited for")??);
    Ok(())
}

/// The same claims; the peers draw no id by themselves, so they are given one.
fn issue_peers(material: &Material) -> Outcome<()> {
    black_box(peers(&material.peer)?);
    Ok(())
}

/// A token by the peer; `None` where it cannot read the key.
pub(super) fn peers(peer: &Peer) -> Outcome<Option<String>> {
    Ok(Some(match peer {
        Peer::Jwt { algorithm, sign: Some(key), .. } => {
            let claims = json!({
                "iss": ISSUER, "aud": AUDIENCE, "sub": SUBJECT, "iat": 1_800_000_000, "exp": 1_800_086_400, "jti": ID,
                "scope": "orders:read orders:write", "tenant": "acme",
            });
            jsonwebtoken::encode(&Header::new(*algorithm), &claims, key)?
        }
        Peer::Jwt { .. } => return Ok(None),
        Peer::Local(key) => local::encrypt(key, &claims()?, None, None)?,
        Peer::Public(_, key) => public::sign(key, &claims()?, None, None)?,
    }))
}

fn claims() -> Outcome<Claims> {
    let mut claims = Claims::new()?;
    claims.issuer(ISSUER)?;
    claims.audience(AUDIENCE)?;
    claims.subject(SUBJECT)?;
    claims.token_identifier(ID)?;
    claims.add_additional("scope", "orders:read orders:write")?;
    claims.add_additional("tenant", "acme")?;
    Ok(claims)
}

const SUBJECT: &str = "8f14e45f-ceea-467f-a9c5-1f6a3c5b2d10";
const ID: &str = "1tOHdEzuRuGyzRcM2ChSbA";
