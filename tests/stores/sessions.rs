use std::time::Duration;

use futures_util::future::join_all;
use libtest_mimic::Failed;
use portcullis::{identity::Principal, session::SessionLimit};
use portcullis_core::{Owner, Page, Space, Store};
use support::{Jar, Site};

use crate::{Kept, Trial};

pub(crate) const TRIALS: [(&str, Trial); 8] = trials![
    Trial:
    s48_a_late_save_revives_no_session_in_any_store,
    s49_no_update_is_lost_in_any_store,
    s04_a_login_changes_the_id_and_keeps_the_cart_in_any_store,
    s59_everything_ends_at_once_in_any_store,
    s58_devices_are_listed_and_ended_one_by_one_in_any_store,
    s57_no_more_sessions_than_the_limit_in_any_store,
    s43_a_session_ends_by_the_clock_in_any_store,
    s27_nothing_that_a_store_keeps_opens_a_session,
];

fn s48_a_late_save_revives_no_session_in_any_store(kept: Kept) -> Result<(), Failed> {
    kept.try_site(async |site| {
        let jar = site.logged_in().await;
        let late = jar.clone();
        let saved = site.visit(&late, async |session| {
            session.get::<u32>("a").await?;
            session.insert("a", 2)?;
            // Another request of the same session logs out before this one is answered.
            site.visit(&jar.clone(), async |session| session.log_out().await).await.said();
            Ok(())
        });
        assert_eq!(saved.await.status(), 409);
        assert_eq!(site.who(&jar).await, None);
        assert_eq!(site.read(&jar, "a").await, None);
    })
}

fn s49_no_update_is_lost_in_any_store(kept: Kept) -> Result<(), Failed> {
    kept.try_site(async |site| {
        let jar = site.begun().await;
        let updates = (0..40).map(|_| async {
            let jar = jar.clone();
            let added = site
                .visit(&jar, async |session| session.update("a", |a: Option<u32>| a.unwrap_or(0) + 1).await);
            added.await.said()
        });
        join_all(updates).await;
        let inserts = ["b", "c", "d"].map(|key| {
            let site = &site;
            let jar = jar.clone();
            async move { site.visit(&jar, async |session| session.insert(key, 1)).await.said() }
        });
        join_all(inserts).await;
        assert_eq!(site.read(&jar, "a").await, Some(41));
        for key in ["b", "c", "d"] {
            assert_eq!(site.read(&jar, key).await, Some(1), "{key}");
        }
    })
}

fn s04_a_login_changes_the_id_and_keeps_the_cart_in_any_store(kept: Kept) -> Result<(), Failed> {
    kept.try_site(async |site| {
        let jar = site.begun().await;
        let before = jar.clone();
        log_in(&site, &jar, "ada").await;
        assert_ne!(jar.pair(), before.pair());
        assert_eq!((site.who(&jar).await.as_deref(), site.read(&jar, "a").await), (Some("ada"), Some(1)));
        assert_eq!((site.who(&before).await, site.read(&before, "a").await), (None, None));
        let again = jar.clone();
        site.visit(&jar, async |session| session.renew().await).await.said();
        assert_eq!(site.who(&jar).await.as_deref(), Some("ada"));
        assert_eq!(site.who(&again).await, None);
    })
}

fn s59_everything_ends_at_once_in_any_store(kept: Kept) -> Result<(), Failed> {
    kept.try_site(async |site| {
        let jars = [Jar::new(), Jar::new(), Jar::new()];
        for jar in &jars {
            log_in(&site, jar, "ada").await;
        }
        let alan = Jar::new();
        log_in(&site, &alan, "alan").await;
        let (caller, late) = (jars[0].clone(), jars[1].clone());
        let renewal = site.visit(&late, async |session| {
            session.principal().await?;
            site.visit(&caller, async |session| session.log_out_everywhere().await).await.said();
            session.renew().await
        });
        assert_ne!(renewal.await.status(), 200, "no renewal outlives it");
        for jar in jars.iter().chain([&late]) {
            assert_eq!(site.who(jar).await, None);
        }
        assert_eq!(site.who(&alan).await.as_deref(), Some("alan"));
        log_in(&site, &jars[0], "ada").await;
        assert_eq!(site.who(&jars[0]).await.as_deref(), Some("ada"));
    })
}

fn s58_devices_are_listed_and_ended_one_by_one_in_any_store(kept: Kept) -> Result<(), Failed> {
    kept.try_site(async |site| {
        let site = site.with(|layer| layer.with_devices().expect("an owner index"));
        let (here, there) = (Jar::new(), Jar::new());
        log_in(&site, &here, "ada").await;
        log_in(&site, &there, "ada").await;
        let handle = site.visit(&there.clone(), async |session| session.public_handle().await).await.said();
        let devices = site.visit(&here.clone(), async |session| session.devices().await).await.said();
        assert_eq!(devices.len(), 2);
        let handle = handle.expect("a session");
        assert!(site.visit(&here, async |session| session.revoke(handle).await).await.said());
        assert_eq!((site.who(&here).await.as_deref(), site.who(&there).await), (Some("ada"), None));
    })
}

fn s57_no_more_sessions_than_the_limit_in_any_store(kept: Kept) -> Result<(), Failed> {
    kept.try_site(async |site| {
        let limit = SessionLimit::evict_oldest(2);
        let site = site.with(|layer| layer.with_session_limit(limit).expect("an owner index"));
        let jars: Vec<Jar> = (0..6).map(|_| Jar::new()).collect();
        join_all(jars.iter().map(|jar| log_in(&site, jar, "ada"))).await;
        let who = join_all(jars.iter().map(|jar| site.who(jar))).await;
        let left = who.iter().flatten().count();
        assert!((1..=2).contains(&left), "{left}");
    })
}

fn s43_a_session_ends_by_the_clock_in_any_store(kept: Kept) -> Result<(), Failed> {
    kept.try_site(async |site| {
        let (idle, active) = (site.logged_in().await, site.logged_in().await);
        // An hour is the default, and a visit within it begins another.
        for _ in 0..2 {
            site.clock.advance(Duration::from_secs(2_400));
            assert_eq!(site.who(&active).await.as_deref(), Some("ada"));
        }
        assert_eq!(site.who(&idle).await, None);
        site.clock.advance(Duration::from_secs(3_600));
        assert_eq!(site.who(&active).await, None);
    })
}

fn s27_nothing_that_a_store_keeps_opens_a_session(kept: Kept) -> Result<(), Failed> {
    kept.try_site(async |site| {
        let jar = site.logged_in().await;
        let owner = Owner::new("urn:portcullis:local", "ada");
        let listed = site.store.list(&owner, Space::Session, Page::first(10)).await.expect("an owner index");
        assert_eq!(listed.records.len(), 1);
        let pair = jar.pair().expect("a cookie");
        let secret = pair.split_once('=').map(|(_, value)| value.to_owned()).expect("a value");
        for record in listed.records {
            let kept = String::from_utf8_lossy(&record.payload).into_owned();
            assert!(!kept.contains(&secret));
        }
    })
}

async fn log_in(site: &Site, jar: &Jar, subject: &str) {
    site.visit(jar, async |session| session.log_in(Principal::local(subject)).await).await.said();
}
