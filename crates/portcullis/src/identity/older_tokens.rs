use std::{pin::Pin, sync::Arc, time::Duration};

use super::{
    Principal, Subjects,
    subjects::{OlderTokens, Refusal},
};
use crate::revocation::Revocations;

impl Subjects {
    /// Lets [`log_out_everywhere`](Self::log_out_everywhere) refuse the access tokens too that the principal has until then, where a bearer layer asks
    /// `revocations`. They are those of the principal's [issuer](super::IssuerId), so tokens and sessions must name the same.
    ///
    /// # Default
    ///
    /// None: access tokens live until [their end](Self::older_tokens_live_until).
    #[must_use]
    pub fn with_revocations(mut self, revocations: Revocations) -> Self {
        self.older_tokens = Some(Arc::new(revocations));
        self
    }
}

impl OlderTokens for Revocations {
    fn refuse<'a>(&'a self, principal: &'a Principal) -> Pin<Box<dyn Future<Output = Refusal> + Send + 'a>> {
        Box::pin(async {
            let refused = self.revoke_subject(principal.issuer(), principal.subject()).await;
            refused.map(|_mark| ()).map_err(|error| error.into_store_error().into())
        })
    }

    fn staleness(&self) -> Duration {
        self.staleness()
    }
}

#[cfg(test)]
mod tests {
    use portcullis_core::{
        Clock, Draft, Freshness, MemoryStore, RecordId, RecordKey, Space, Store, StoreErrorKind, Version,
    };
    use portcullis_testkit::{Fault, FaultyStore, Operation, TestClock};

    use super::*;
    use crate::{
        bearer::{TokenErrorKind, VerifiedToken},
        claims::{ClaimsPolicy, Form},
        keyring::KeyId,
    };

    const ISSUER: &str = "https://id.example";

    #[tokio::test]
    async fn s85_logging_out_everywhere_refuses_older_tokens_too() {
        let (clock, store, revocations) = given();
        let token = token(&clock);
        let key = begin(&store, &clock).await;
        let subjects = Subjects::new(store.clone());
        subjects.log_out_everywhere(&ada()).await.unwrap();
        assert_eq!(refused(&revocations, &token).await, None);

        let subjects = subjects.with_revocations(revocations.clone());
        subjects.log_out_everywhere(&ada()).await.unwrap();
        assert_eq!(refused(&revocations, &token).await, Some(TokenErrorKind::Revoked));
        assert_eq!(store.load(&key, Freshness::Strong).await.unwrap(), None);
        // The subject of another issuer is somebody else.
        assert_eq!(revocations.mark_of(Principal::local("ada").issuer(), "ada").await.unwrap(), None);
    }

    #[tokio::test]
    async fn half_of_it_is_an_error_and_done_all_the_same() {
        let rows = [
            ("sessions live on", Operation::RemoveAll, true, Some(TokenErrorKind::Revoked)),
            ("tokens live on", Operation::Create, false, None),
        ];
        for (row, fails, lives, expected) in rows {
            let (clock, store, revocations) = given();
            let token = token(&clock);
            let key = begin(&store, &clock).await;
            let subjects = Subjects::new(store.clone()).with_revocations(revocations.clone());
            store.fail([fails], Fault::refused(StoreErrorKind::Unavailable));
            assert!(subjects.log_out_everywhere(&ada()).await.is_err(), "{row}");
            store.clear();
            assert_eq!(store.load(&key, Freshness::Strong).await.unwrap().is_some(), lives, "{row}");
            assert_eq!(refused(&revocations, &token).await, expected, "{row}");

            subjects.log_out_everywhere(&ada()).await.unwrap();
            assert_eq!(store.load(&key, Freshness::Strong).await.unwrap(), None, "{row}");
            assert_eq!(refused(&revocations, &token).await, Some(TokenErrorKind::Revoked), "{row}");
        }
    }

    #[test]
    fn it_is_said_until_when_older_tokens_live() {
        let (clock, store, revocations) = given();
        let minute = Duration::from_secs(60);
        let until =
            |subjects: Subjects| subjects.older_tokens_live_until(clock.now(), minute).since(clock.now());
        let subjects = Subjects::new(store.clone());
        assert_eq!(until(subjects.clone()), minute);
        assert_eq!(until(subjects.clone().with_revocations(revocations.clone())), Duration::ZERO);
        store.interleave(0, 0);
        assert_eq!(until(subjects.clone().with_revocations(revocations.clone())), Duration::from_secs(5));
        let lazy = revocations.with_staleness(61 * minute);
        assert_eq!(until(subjects.with_revocations(lazy)), minute);
    }

    fn ada() -> Principal {
        Principal::new(super::super::IssuerId::new(ISSUER), "ada")
    }

    fn given() -> (TestClock, FaultyStore, Revocations) {
        let clock = TestClock::new();
        let store = FaultyStore::new(MemoryStore::new().with_clock(clock.clone()));
        let revocations = Revocations::new(store.clone()).with_clock(clock.clone());
        (clock, store, revocations)
    }

    /// A session of hers.
    async fn begin(store: &FaultyStore, clock: &TestClock) -> RecordKey {
        let owner = ada().owner();
        let key = RecordKey::owned(Space::Session, &owner, RecordId::from_bytes([7; 32]));
        let draft = Draft::new("session", Version::unique(), clock.now() + Duration::from_secs(60));
        store.create(&key, draft.owned_by(owner)).await.unwrap();
        key
    }

    fn token(clock: &TestClock) -> VerifiedToken {
        let now = clock.now().unix_seconds();
        let claims =
            format!(r#"{{"iss":"{ISSUER}","aud":"api","sub":"ada","iat":{now},"exp":{}}}"#, now + 60);
        let policy = ClaimsPolicy::new(ISSUER, "api");
        VerifiedToken::admit(&policy, Form::Jwt, KeyId::new("k1"), claims, clock.now()).unwrap()
    }

    async fn refused(revocations: &Revocations, token: &VerifiedToken) -> Option<TokenErrorKind> {
        revocations.check(token.clone()).await.err().map(|error| error.kind())
    }
}
