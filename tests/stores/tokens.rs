use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::http::{Request, Response, StatusCode, header::AUTHORIZATION};
use libtest_mimic::Failed;
use portcullis::{
    bearer::{AnyOf, BearerLayer, VerifyToken},
    claims::ClaimsPolicy,
    identity::IssuerId,
    issue::{TokenIssuer, TokenRequest},
    jwt::{Algorithm, JwtKey, JwtVerifier},
    paseto::{Kind, PasetoKey, PasetoVerifier},
    revocation::Revocations,
    store::SharedStore,
};
use portcullis_testkit::{TestClock, servers::on_a_runtime};
use tempfile::TempDir;
use tower::{Layer, ServiceExt, service_fn};

use crate::{Kept, Trial};

pub(crate) const TRIALS: [(&str, Trial); 4] = trials![
    Trial:
    a_revoked_token_is_refused_and_no_other_in_any_store,
    tokens_of_a_subject_are_refused_from_then_on_in_any_store,
    tokens_of_a_revoked_key_are_refused_in_any_store,
    what_one_process_revokes_another_refuses_in_any_store,
];

fn a_revoked_token_is_refused_and_no_other_in_any_store(kept: Kept) -> Result<(), Failed> {
    with_each_kind(kept, async |api| {
        let (first, second) = (api.issued("ada").await, api.issued("ada").await);
        assert_eq!([api.status(&first).await, api.status(&second).await], [StatusCode::OK; 2]);
        let verified = api.verifier.verify(&first).done().await.expect("a good token");
        api.revocations.revoke(&verified).await.expect("revoked");
        assert_eq!(api.status(&first).await, StatusCode::UNAUTHORIZED);
        assert_eq!(api.status(&second).await, StatusCode::OK);
    })
}

fn tokens_of_a_subject_are_refused_from_then_on_in_any_store(kept: Kept) -> Result<(), Failed> {
    with_each_kind(kept, async |api| {
        let (ada, alan) = (api.issued("ada").await, api.issued("alan").await);
        api.revocations.revoke_subject(&IssuerId::new(ISSUER), "ada").await.expect("revoked");
        assert_eq!(api.status(&ada).await, StatusCode::UNAUTHORIZED);
        assert_eq!(api.status(&alan).await, StatusCode::OK);
        assert_eq!(api.status(&api.issued("ada").await).await, StatusCode::OK, "issued after it");
        api.revocations.revoke_subject(&IssuerId::new(ISSUER), "ada").await.expect("revoked again");
        assert_eq!(api.status(&ada).await, StatusCode::UNAUTHORIZED);
    })
}

fn tokens_of_a_revoked_key_are_refused_in_any_store(kept: Kept) -> Result<(), Failed> {
    with_each_kind(kept, async |api| {
        let token = api.issued("ada").await;
        let verified = api.verifier.verify(&token).done().await.expect("a good token");
        api.revocations.revoke_key(&IssuerId::new(ISSUER), verified.key_id()).await.expect("revoked");
        assert_eq!(api.status(&token).await, StatusCode::UNAUTHORIZED);
    })
}

fn what_one_process_revokes_another_refuses_in_any_store(kept: Kept) -> Result<(), Failed> {
    with_each_kind(kept, async |api| {
        // A process of its own shares the store, and nothing that is remembered.
        let other = api.in_another_process();
        let token = api.issued("ada").await;
        assert_eq!(other.status(&token).await, StatusCode::OK);
        let verified = api.verifier.verify(&token).done().await.expect("a good token");
        api.revocations.revoke(&verified).await.expect("revoked");
        assert_eq!(other.status(&token).await, StatusCode::UNAUTHORIZED);
    })
}

/// Tokens of one kind, and a layer that asks what was revoked.
struct Api {
    store: SharedStore,
    clock: TestClock,
    issuer: TokenIssuer,
    verifier: AnyOf,
    revocations: Revocations,
    _folder: Arc<TempDir>,
}

fn with_each_kind(kept: Kept, trial: impl AsyncFn(Api)) -> Result<(), Failed> {
    on_a_runtime(async {
        let key = JwtKey::generate(Algorithm::Hs256)?;
        trial(
            Api::new(kept, TokenIssuer::jwt(key.clone(), ISSUER, AUDIENCE)?, |clock| {
                AnyOf::new().or("jwt", JwtVerifier::new(key, policy()).with_clock(clock))
            })
            .await?,
        )
        .await;
        let key = PasetoKey::generate(Kind::V4Local)?;
        trial(
            Api::new(kept, TokenIssuer::paseto(key.clone(), ISSUER, AUDIENCE)?, |clock| {
                AnyOf::new().or("paseto", PasetoVerifier::new(key, policy()).with_clock(clock))
            })
            .await?,
        )
        .await;
        Ok(())
    })
}

impl Api {
    async fn new(
        kept: Kept,
        issuer: TokenIssuer,
        verifier: impl FnOnce(TestClock) -> AnyOf,
    ) -> Result<Self, Failed> {
        let (clock, folder) = (TestClock::new(), tempfile::tempdir()?);
        let store = kept.open(clock.clone(), folder.path()).await?;
        let revocations = revocations(&store, &clock);
        let issuer = issuer.with_clock(clock.clone()).with_revocations(revocations.clone());
        let verifier = verifier(clock.clone());
        Ok(Self { store, clock, issuer, verifier, revocations, _folder: Arc::new(folder) })
    }

    fn in_another_process(&self) -> Self {
        let revocations = revocations(&self.store, &self.clock);
        Self {
            store: self.store.clone(),
            clock: self.clock.clone(),
            issuer: self.issuer.clone().with_revocations(revocations.clone()),
            verifier: self.verifier.clone(),
            revocations,
            _folder: Arc::clone(&self._folder),
        }
    }

    async fn issued(&self, subject: &str) -> String {
        let issued = self.issuer.issue(TokenRequest::for_subject(subject)).await;
        issued.expect("a token").token().to_owned()
    }

    async fn status(&self, token: &str) -> StatusCode {
        let layer = BearerLayer::new(self.verifier.clone()).with_revocations(self.revocations.clone());
        let service = layer.layer(service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(()))));
        let request =
            Request::get("/").header(AUTHORIZATION, format!("Bearer {token}")).body(()).expect("a request");
        service.oneshot(request).await.expect("infallible").status()
    }
}

fn revocations(store: &SharedStore, clock: &TestClock) -> Revocations {
    Revocations::new(store.clone()).with_clock(clock.clone()).with_staleness(Duration::ZERO)
}

fn policy() -> ClaimsPolicy {
    ClaimsPolicy::new(ISSUER, AUDIENCE)
}

const ISSUER: &str = "https://id.example";
const AUDIENCE: &str = "https://api.example";
