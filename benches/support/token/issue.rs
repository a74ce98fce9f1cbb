use std::hint::black_box;

use futures_util::FutureExt;

use super::{
    material::{Material, request},
    peer::Peer,
};
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

fn issue_peers(material: &Material) -> Outcome<()> {
    black_box(material.peer.issue()?);
    Ok(())
}
