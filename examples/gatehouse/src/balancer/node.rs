use std::{fmt, num::NonZeroUsize, str::FromStr};

use axum::{
    Extension, Router,
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, header::COOKIE},
    response::{IntoResponse, Response},
};
use portcullis::session::{Session, SessionError, SessionLayer};
use serde::{Deserialize, Serialize};
use tower::ServiceExt;
use tracing::{Instrument, info_span};

use super::StartError;
use crate::site::{Site, app};

/// A node that is up: all of the site. A cheap clone, and whoever holds one is served to the end.
#[derive(Clone, Debug)]
pub(super) struct Node {
    site: Router,
    sessions: Router,
}

impl Node {
    pub(super) fn new(site: Site, sessions: SessionLayer) -> Result<Self, StartError> {
        let of_request = Router::new().fallback(hand_over).layer(sessions.clone());
        Ok(Self { site: app(site, sessions)?, sessions: of_request })
    }

    /// What the site answers, which it signs with `number` in its log.
    pub(super) async fn answer(self, number: NodeNumber, mut request: Request) -> Response {
        request.extensions_mut().insert(number);
        let span = info_span!("node", %number);
        self.site.oneshot(request).instrument(span).await.into_response()
    }

    /// Whose session this node takes the browser's for that sent `cookies`; `None` if it knows of none.
    ///
    /// The handle is asked when its own request is over. What is read then is not followed by a commit, so asking is no use of the
    /// session and does not keep it alive; nor is there an answer left that could change a cookie.
    pub(super) async fn known_session(self, cookies: HeaderMap) -> Result<Option<Known>, SessionError> {
        let mut request = Request::new(Body::empty());
        *request.headers_mut() = cookies;
        let mut answer = self.sessions.oneshot(request).await.into_response();
        let Some(session) = answer.extensions_mut().remove::<Session>() else {
            return Ok(None);
        };
        if session.public_handle().await?.is_none() {
            return Ok(None);
        }
        let principal = session.principal().await?;
        Ok(Some(Known { subject: principal.map(|principal| principal.subject().to_owned()) }))
    }
}

/// What a node knows of a session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Known {
    /// Who is logged in with it.
    pub(super) subject: Option<String>,
}

/// Which node it is, counted from one. Every request that the balancer hands on bears it as an extension.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct NodeNumber(NonZeroUsize);

impl NodeNumber {
    pub(super) const fn at(place: usize) -> Self {
        Self(NonZeroUsize::MIN.saturating_add(place))
    }

    /// Counted from zero.
    pub(super) const fn place(self) -> usize {
        self.0.get() - 1
    }

    pub(super) fn value(self) -> HeaderValue {
        self.0.get().into()
    }
}

impl fmt::Display for NodeNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for NodeNumber {
    type Err = <NonZeroUsize as FromStr>::Err;

    fn from_str(number: &str) -> Result<Self, Self::Err> {
        number.parse().map(Self)
    }
}

/// All that a node needs to know of a request to look for its session.
pub(super) fn cookies(headers: &HeaderMap) -> HeaderMap {
    headers.get_all(COOKIE).iter().map(|field| (COOKIE, field.clone())).collect()
}

/// Takes the session's handle out of its request, without looking at it.
async fn hand_over(session: Session) -> Extension<Session> {
    Extension(session)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::http::{Method, StatusCode, header::SET_COOKIE};
    use portcullis::{
        identity::Principal,
        session::Timeouts,
        store::{MemoryStore, SharedStore},
    };
    use portcullis_testkit::{Fault, FaultyStore, Operation, TestClock};

    use super::*;

    const IDLE: Duration = Duration::from_secs(600);

    struct Trial {
        clock: TestClock,
        node: Node,
        sessions: SessionLayer,
        store: FaultyStore,
    }

    impl Trial {
        fn new() -> Self {
            let clock = TestClock::new();
            let store = FaultyStore::new(MemoryStore::new().with_clock(clock.clone()));
            let sessions = SessionLayer::insecure_for_localhost(SharedStore::from(store.clone()))
                .with_timeouts(Timeouts::new(IDLE, IDLE * 10).unwrap())
                .with_clock(clock.clone());
            let of_request = Router::new().fallback(hand_over).layer(sessions.clone());
            Self { clock, node: Node { site: Router::new(), sessions: of_request }, sessions, store }
        }

        /// A browser with a session, of ada if she logs in.
        async fn browser(&self, logs_in: Option<&'static str>) -> HeaderMap {
            let begin = async move |session: Session| {
                session.insert("cart", 1)?;
                if let Some(subject) = logs_in {
                    session.log_in(Principal::new(Default::default(), subject)).await?;
                }
                Ok::<_, SessionError>(StatusCode::OK.into_response())
            };
            let app = Router::new().fallback(begin).layer(self.sessions.clone());
            let request = Request::builder().method(Method::POST).body(Body::empty()).unwrap();
            let answer = app.oneshot(request).await.into_response();
            let cookie = answer.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
            HeaderMap::from_iter([(COOKIE, HeaderValue::try_from(cookie).unwrap())])
        }

        async fn asked(&self, cookies: &HeaderMap) -> Option<Known> {
            self.node.clone().known_session(cookies.clone()).await.unwrap()
        }

        /// An ordinary request that looks at its session.
        async fn used(&self, cookies: &HeaderMap) {
            let look = async |session: Session| session.principal().await.map(|_| StatusCode::OK);
            let app = Router::new().fallback(look).layer(self.sessions.clone());
            let mut request = Request::new(Body::empty());
            *request.headers_mut() = cookies.clone();
            assert_eq!(app.oneshot(request).await.into_response().status(), StatusCode::OK);
        }
    }

    #[tokio::test]
    async fn a_node_knows_a_login_and_a_cart_and_no_stranger() {
        let trial = Trial::new();
        let (ada, nobody) = (trial.browser(Some("ada")).await, trial.browser(None).await);
        assert_eq!(trial.asked(&ada).await, Some(Known { subject: Some("ada".to_owned()) }));
        assert_eq!(trial.asked(&nobody).await, Some(Known { subject: None }));
        assert_eq!(trial.asked(&HeaderMap::new()).await, None);
        assert_eq!(Trial::new().asked(&ada).await, None);
    }

    #[tokio::test]
    async fn asking_does_not_keep_a_session_alive() {
        let trial = Trial::new();
        let (asked, used) = (trial.browser(Some("ada")).await, trial.browser(Some("ada")).await);
        trial.clock.advance(IDLE * 2 / 3);
        assert!(trial.asked(&asked).await.is_some());
        trial.used(&used).await;
        trial.clock.advance(IDLE * 2 / 3);
        assert_eq!(trial.asked(&asked).await, None);
        assert!(trial.asked(&used).await.is_some(), "what a request did, asking would have done");
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_hangs_is_not_a_session_that_is_unknown() {
        let trial = Trial::new();
        let ada = trial.browser(Some("ada")).await;
        trial.store.fail(Operation::ALL, Fault::hung());
        assert!(trial.node.clone().known_session(ada.clone()).await.is_err());
        trial.store.clear();
        assert!(trial.asked(&ada).await.is_some());
    }
}
