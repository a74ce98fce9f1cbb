//! After which answers changes are kept, and what comes too late for any.

use std::convert::Infallible;

use axum::http::{
    Request, Response, StatusCode,
    header::{CONTENT_TYPE, COOKIE},
};
use portcullis::{
    identity::{Identity, Principal},
    session::{CommitPolicy, Session, SessionErrorKind},
};
use support::{Jar, Site};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

const POLICIES: [CommitPolicy; 3] =
    [CommitPolicy::UnlessServerError, CommitPolicy::UnlessError, CommitPolicy::Always];

fn site(policy: CommitPolicy) -> Site {
    Site::new().with(|layer| layer.with_commit_policy(policy))
}

fn is_kept(policy: CommitPolicy, status: StatusCode) -> bool {
    match policy {
        CommitPolicy::UnlessServerError => !status.is_server_error(),
        CommitPolicy::UnlessError => !status.is_server_error() && !status.is_client_error(),
        _ => true,
    }
}

#[tokio::test]
async fn s52_s55_what_is_pending_is_kept_or_dropped_as_the_policy_says_and_a_cookie_with_it() {
    let statuses =
        [StatusCode::OK, StatusCode::SEE_OTHER, StatusCode::NOT_FOUND, StatusCode::INTERNAL_SERVER_ERROR];
    for policy in POLICIES {
        for status in statuses {
            let kept = is_kept(policy, status);
            let site = site(policy);
            let jar = Jar::new();
            let visit = site
                .visit_answering(&jar, status, async |session: Session| {
                    session.insert("a", 1)?;
                    session.log_in(Principal::local("ada")).await
                })
                .await;
            assert_eq!(visit.response.status(), status, "{policy:?}");
            assert_eq!(visit.cookies().len(), usize::from(kept), "{policy:?} {status}");
            assert_eq!(site.who(&jar).await.is_some(), kept, "{policy:?} {status}");
            assert_eq!(site.read(&jar, "a").await, kept.then_some(1), "{policy:?} {status}");
        }
    }
}

#[tokio::test]
async fn s55_what_took_effect_at_once_stays_under_every_policy() {
    for policy in POLICIES {
        let site = site(policy);
        let jar = site.logged_in().await;
        let failing = StatusCode::INTERNAL_SERVER_ERROR;
        site.visit_answering(&jar, failing, async |session: Session| {
            session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).await?;
            session.insert("by hand", 1)?;
            session.commit().await?;
            session.insert("pending", 1)
        })
        .await
        .said();
        assert_eq!((site.read(&jar, "n").await, site.read(&jar, "by hand").await), (Some(1), Some(1)));
        let pending = site.read(&jar, "pending").await;
        assert_eq!(pending.is_some(), policy == CommitPolicy::Always, "{policy:?}");

        let anonymous = Jar::new();
        let visit = site
            .visit_answering(&anonymous, failing, async |session: Session| {
                session.update("n", |_: Option<u32>| 7).await
            })
            .await;
        assert_eq!(visit.cookies().len(), 1, "{policy:?}: the cookie that an update needed");
        assert_eq!(site.read(&anonymous, "n").await, Some(7));

        let before = jar.clone();
        site.visit_answering(&jar, failing, async |session: Session| session.log_out().await).await.said();
        assert_eq!((site.who(&before).await, jar.pair()), (None, None), "{policy:?}");
    }
}

#[tokio::test]
async fn s52_a_grpc_call_is_judged_by_its_status_field_under_every_policy() {
    for policy in POLICIES {
        for (content_type, grpc_status, kept) in [
            ("application/grpc", "0", true),
            ("application/grpc", "5", policy == CommitPolicy::Always),
            ("application/grpc-web+proto", "13", policy == CommitPolicy::Always),
            ("application/json", "13", true),
        ] {
            let site = site(policy);
            let jar = site.logged_in().await;
            let service = service_fn(move |request: Request<()>| async move {
                let session = Session::of(request.extensions().get::<Identity>().unwrap()).unwrap();
                session.insert("called", 1).unwrap();
                Ok::<_, Infallible>(Response::builder().header("grpc-status", grpc_status).body(()).unwrap())
            });
            let request = Request::builder()
                .method("POST")
                .header(CONTENT_TYPE, content_type)
                .header(COOKIE, jar.pair().unwrap());
            let answer = site.layer.layer(service).oneshot(request.body(()).unwrap()).await.unwrap();
            assert_eq!(answer.headers()["grpc-status"], grpc_status, "the answer is the handler's own");
            let called = site.read(&jar, "called").await.is_some();
            assert_eq!(called, kept, "{policy:?} {content_type} {grpc_status}");
        }
    }
}

/// A task that the handler left behind, as a streamed body is.
#[tokio::test]
async fn s53_what_comes_after_the_headers_is_told_that_it_is_too_late() {
    for jar in [Jar::new(), Site::new().begun().await] {
        let site = Site::new();
        let jar = if jar.pair().is_some() { site.logged_in().await } else { jar };
        let mut kept = None;
        site.visit(&jar, async |session: Session| {
            session.get::<u32>("a").await?;
            kept = Some(session);
            Ok(())
        })
        .await
        .said();
        let late = kept.expect("a session");
        let told = [
            late.insert("b", 2).unwrap_err().kind(),
            late.remove("a").unwrap_err().kind(),
            late.update("b", |_: Option<u32>| 2).await.unwrap_err().kind(),
            late.log_in(Principal::local("alan")).await.unwrap_err().kind(),
            late.renew().await.unwrap_err().kind(),
            late.commit().await.unwrap_err().kind(),
        ];
        assert_eq!(told, [SessionErrorKind::Committed; 6]);
        assert_eq!(site.read(&jar, "b").await, None);
        late.devices().await.unwrap();
        late.get::<u32>("a").await.unwrap();
    }
}

#[tokio::test]
async fn s53_what_ends_sessions_works_after_the_headers_too() {
    let site = Site::new();
    for way in 0..4 {
        let (jar, other) = (site.logged_in().await, site.logged_in().await);
        let mut kept = None;
        site.visit(&jar, async |session: Session| {
            kept = Some(session);
            Ok(())
        })
        .await
        .said();
        let late = kept.expect("a session");
        match way {
            0 => late.log_out().await.unwrap(),
            1 => late.log_out_everywhere().await.unwrap(),
            2 => late.log_out_others().await.unwrap(),
            _ => {
                let handle = late.public_handle().await.unwrap().unwrap();
                assert!(late.revoke(handle).await.unwrap());
            }
        }
        let alive = (site.who(&jar).await.is_some(), site.who(&other).await.is_some());
        assert_eq!(alive, [(false, true), (false, false), (true, false), (false, true)][way]);
        site.layer.sessions().revoke_all(&Principal::local("ada")).await.unwrap();
    }
}
