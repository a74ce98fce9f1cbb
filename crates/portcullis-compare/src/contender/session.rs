use std::{convert::Infallible, sync::Arc, time::Duration};

use async_trait::async_trait;
use http::{
    Method, Request,
    header::{COOKIE, SET_COOKIE},
};
use portcullis::{
    identity::{IssuerId, Principal, Subjects},
    reject::Rejection,
    session::{Session, SessionLayer},
    store::{MemoryStore, SharedStore},
};
use portcullis_core::Secret;
use tower::service_fn;
use tower_layer::Layer;

use super::{
    Contend, Entry, Presented,
    handler::{Handle, accepts, answer, expect_ok, verify, who_is_calling},
};
use crate::{Claims, CompareError, Facts, Kind, counting::CountingStore, stopwatch::Stopwatch};

/// A session in this process's memory.
pub(super) fn in_memory(claims: &Claims) -> Result<Entry, CompareError> {
    let store = SharedStore::from(MemoryStore::new());
    entry("memory", &store, claims, 1, Facts::of_session_in_memory())
}

/// A session in a store that the user named.
pub(super) fn in_store(name: &str, store: &SharedStore, claims: &Claims) -> Result<Entry, CompareError> {
    entry(name, store, claims, IN_FLIGHT, Facts::of_session_in_store())
}

fn entry(
    store_name: &str,
    store: &SharedStore,
    claims: &Claims,
    in_flight: usize,
    facts: Facts,
) -> Result<Entry, CompareError> {
    let name = format!("session in {store_name}");
    let counting = CountingStore::new(store.clone());
    let contender = Sessions {
        caller: stranger(&name, claims)?,
        logging_in: stranger(&name, claims)?,
        stage: stage(store.clone(), claims),
        counted: stage(SharedStore::from(counting.clone()), claims),
        counting,
        store: store.clone(),
        in_flight,
        name: name.clone(),
    };
    Ok(Entry { name, kind: Kind::Session, facts, contender: Arc::new(contender) })
}

/// The principal of `claims` at an issuer that nobody else has: whoever else has sessions in the store keeps them.
fn stranger(name: &str, claims: &Claims) -> Result<Principal, CompareError> {
    let drawn = Secret::generate_with_public::<8>();
    let (_secret, drawn) = drawn.map_err(|error| CompareError::refused(name, error))?;
    let issuer = IssuerId::new(format!("portcullis-compare:{:016x}", u64::from_be_bytes(drawn)));
    Ok(claims.principal_of(issuer))
}

/// A handler that asks who is calling and one that logs in, behind one layer.
struct Stage<W, L> {
    who_is_calling: W,
    log_in: L,
}

fn stage(store: SharedStore, claims: &Claims) -> Stage<impl Handle<()>, impl Handle<Principal>> {
    let layer = SessionLayer::new(store).with_realm("portcullis compare");
    let claims = Arc::new(claims.clone());
    let log_in = service_fn(move |request| {
        let claims = Arc::clone(&claims);
        async move { Ok::<_, Infallible>(answer(log_in(request, &claims).await)) }
    });
    Stage { who_is_calling: layer.layer(service_fn(who_is_calling)), log_in: layer.layer(log_in) }
}

/// Logs in whom the request brings along.
async fn log_in(request: Request<Principal>, claims: &Claims) -> Result<(), Rejection> {
    let session = Session::from_extensions(request.extensions())?;
    session.log_in(request.into_body()).await?;
    session.insert("claims", claims.kept())?;
    Ok(())
}

/// Sessions in one store.
struct Sessions<W, L> {
    name: String,
    /// Whose session is verified.
    caller: Principal,
    /// Who logs in again and again.
    logging_in: Principal,
    stage: Stage<W, L>,
    /// The same before the same store, counted.
    counted: Stage<W, L>,
    counting: CountingStore,
    store: SharedStore,
    in_flight: usize,
}

#[async_trait]
impl<W: Handle<()>, L: Handle<Principal>> Contend for Sessions<W, L> {
    async fn issue(&self, times: u32) -> Result<Duration, CompareError> {
        let mut service = self.stage.log_in.clone();
        let stopwatch = Stopwatch::start();
        for _ in 0..times {
            let Ok(response) = service.call(login_of(&self.logging_in)).await;
            expect_ok(&self.name, &response)?;
        }
        Ok(stopwatch.elapsed())
    }

    async fn credential(&self) -> Result<Presented, CompareError> {
        self.log_in(&self.stage).await
    }

    async fn accepts(&self, presented: &Presented) -> Result<bool, CompareError> {
        accepts(&self.name, &self.stage.who_is_calling, presented).await
    }

    async fn verify(&self, presented: &Presented, times: u32) -> Result<Duration, CompareError> {
        verify(&self.name, &self.stage.who_is_calling, presented, times).await
    }

    async fn trips(&self) -> Result<u32, CompareError> {
        let presented = self.log_in(&self.counted).await?;
        self.counting.take();
        verify(&self.name, &self.counted.who_is_calling, &presented, 1).await?;
        Ok(self.counting.take())
    }

    fn in_flight(&self) -> usize {
        self.in_flight
    }

    async fn tidy(&self) -> Result<(), CompareError> {
        self.log_out(&self.logging_in).await
    }

    async fn end(&self) -> Result<(), CompareError> {
        self.log_out(&self.logging_in).await?;
        self.log_out(&self.caller).await
    }
}

impl<W: Handle<()>, L: Handle<Principal>> Sessions<W, L> {
    async fn log_in(&self, stage: &Stage<W, L>) -> Result<Presented, CompareError> {
        let Ok(response) = stage.log_in.clone().call(login_of(&self.caller)).await;
        expect_ok(&self.name, &response)?;
        let cookie = response.headers().get(SET_COOKIE).and_then(|value| value.to_str().ok());
        cookie
            .and_then(|cookie| cookie.split(';').next()?.split_once('='))
            .and_then(|(name, value)| Presented::new(COOKIE, &format!("{name}="), value))
            .ok_or_else(|| self.refused("the login set no cookie"))
    }

    async fn log_out(&self, principal: &Principal) -> Result<(), CompareError> {
        let subjects = Subjects::new(self.store.clone());
        subjects.log_out_everywhere(principal).await.map_err(|error| self.refused(error))
    }

    fn refused(&self, reason: impl ToString) -> CompareError {
        CompareError::refused(&self.name, reason.to_string())
    }
}

fn login_of(principal: &Principal) -> Request<Principal> {
    let mut request = Request::new(principal.clone());
    *request.method_mut() = Method::POST;
    request
}

/// Requests that wait for a store leave the core to others: so many for each core.
const IN_FLIGHT: usize = 16;
