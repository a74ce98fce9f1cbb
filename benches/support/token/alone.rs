use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, header::AUTHORIZATION},
};
use tower_service::Service;

use super::{contender::Contender, material::Material};
use crate::{options::Effort, outcome::Outcome, sample::Sample, stopwatch::Stopwatch};

/// Nanoseconds of a request with a token, for each contender in the order of [`Contender::ALL`].
pub(super) type Times = [Sample; 3];

/// One request after the other on one thread: in every round each contender once, so that what slows the machine for a while slows them alike.
pub(super) async fn measure(material: &Material, effort: Effort) -> Outcome<Times> {
    let stages = Contender::ALL.map(|contender| Stage::new(contender, material));
    let (rounds, requests) = match effort {
        Effort::Full => (21, 2_000_u32),
        Effort::Smoke => (3, 20),
    };
    let mut times = Times::default();
    for _ in 0..rounds {
        for (stage, sample) in stages.iter().zip(&mut times) {
            let stage = stage.as_ref().map_err(ToString::to_string)?;
            let stopwatch = Stopwatch::start();
            for _ in 0..requests {
                stage.serve(stage.request()?).await?;
            }
            sample.extend([stopwatch.elapsed().as_secs_f64() * 1e9 / f64::from(requests)]);
        }
    }
    Ok(times)
}

/// A contender's router, and what a caller sends to it.
#[derive(Debug)]
pub(super) struct Stage {
    router: Router,
    authorization: HeaderValue,
}

impl Stage {
    pub(super) fn new(contender: Contender, material: &Material) -> Outcome<Self> {
        let token = match contender {
            Contender::Bare | Contender::Ours => &material.token,
            Contender::Peer => &material.peers_token,
        };
        let authorization = HeaderValue::try_from(format!("Bearer {token}"))?;
        Ok(Self { router: contender.router(material), authorization })
    }

    pub(super) fn request(&self) -> Outcome<Request<Body>> {
        let request = Request::get("/").header(AUTHORIZATION, self.authorization.clone());
        Ok(request.body(Body::empty())?)
    }

    /// As a server does: one clone of the router for every request. Whatever is not a success ends the bench.
    pub(super) async fn serve(&self, request: Request<Body>) -> Outcome<()> {
        let response = match self.router.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if response.status().is_success() {
            Ok(())
        } else {
            Err(format!("a handler answered {}", response.status()).into())
        }
    }
}
