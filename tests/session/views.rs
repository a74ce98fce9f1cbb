//! Typed views of a session.

use portcullis::identity::Principal;
use portcullis::session::{Session, SessionErrorKind, SessionValue};
use serde::{Deserialize, Serialize};
use support::{Jar, Site};

#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
struct Cart {
    items: Vec<String>,
}

impl SessionValue for Cart {
    const KEY: &'static str = "cart";
}

#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
struct Theme(String);

impl SessionValue for Theme {
    const KEY: &'static str = "theme";
}

fn cart(items: &[&str]) -> Cart {
    Cart { items: items.iter().map(|item| (*item).to_owned()).collect() }
}

async fn both(site: &Site, jar: &Jar) -> (Option<Cart>, Option<Theme>) {
    site.visit(&jar.clone(), async |session: Session| {
        Ok((session.typed::<Cart>().get().await?, session.typed::<Theme>().get().await?))
    })
    .await
    .said()
}

#[tokio::test]
async fn values_of_two_types_live_side_by_side() {
    let site = Site::new();
    let jar = Jar::new();
    site.visit(&jar, async |session: Session| {
        session.typed::<Cart>().insert(&cart(&["tea"]))?;
        session.typed::<Theme>().insert(&Theme("dark".to_owned()))?;
        assert_eq!(session.typed::<Cart>().get().await?, Some(cart(&["tea"])), "before the response");
        Ok(())
    })
    .await
    .said();
    assert_eq!(both(&site, &jar).await, (Some(cart(&["tea"])), Some(Theme("dark".to_owned()))));
    let updated = site
        .visit(&jar, async |session: Session| {
            let update = |cart: Option<Cart>| {
                let mut cart = cart.unwrap_or_default();
                cart.items.push("milk".to_owned());
                cart
            };
            session.typed::<Cart>().update(update).await
        })
        .await
        .said();
    assert_eq!(updated, cart(&["tea", "milk"]));
    site.visit(&jar, async |session: Session| session.typed::<Theme>().remove()).await.said();
    assert_eq!(both(&site, &jar).await, (Some(updated), None));
}

#[tokio::test]
async fn a_typed_value_is_the_value_under_its_key() {
    let site = Site::new();
    let jar = Jar::new();
    site.visit(&jar, async |session: Session| session.typed::<Theme>().insert(&Theme("dark".to_owned())))
        .await
        .said();
    let by_key = site.visit(&jar, async |session| session.get::<String>("theme").await).await.said();
    assert_eq!(by_key.as_deref(), Some("dark"));
}

#[tokio::test]
async fn a_stored_value_of_another_shape_is_an_error_of_its_key_alone() {
    let site = Site::new();
    let jar = Jar::new();
    site.visit(&jar, async |session: Session| {
        session.insert("cart", "not a cart: secret")?;
        session.typed::<Theme>().insert(&Theme("dark".to_owned()))
    })
    .await
    .said();
    let visit = site
        .visit(&jar, async |session: Session| {
            let wrong = session.typed::<Cart>().get().await.unwrap_err();
            let source = std::error::Error::source(&wrong).expect("where").to_string();
            assert!(!source.contains("secret") && !format!("{wrong:?}").contains("secret"), "{source}");
            let update = session.typed::<Cart>().update(|cart| cart.unwrap_or_default()).await;
            assert_eq!(update.unwrap_err().kind(), SessionErrorKind::Value);
            assert_eq!(session.typed::<Theme>().get().await?, Some(Theme("dark".to_owned())));
            session.typed::<Theme>().insert(&Theme("light".to_owned()))?;
            Err::<(), _>(wrong)
        })
        .await;
    assert_eq!((visit.status(), visit.failed()), (500, SessionErrorKind::Value));
    site.visit(&jar, async |session: Session| session.typed::<Cart>().insert(&cart(&[]))).await.said();
    assert_eq!(both(&site, &jar).await, (Some(cart(&[])), Some(Theme("dark".to_owned()))));
}

#[tokio::test]
async fn s49_updates_of_a_typed_value_add_up_in_every_interleaving() {
    for seed in 0..50 {
        let site = Site::new();
        let jar = site.logged_in().await;
        site.store.interleave(seed, 3);
        let add = async |item: &str| {
            let add = |cart: Option<Cart>| {
                let mut cart = cart.unwrap_or_default();
                cart.items.push(item.to_owned());
                cart
            };
            site.visit(&jar.clone(), async |session: Session| session.typed::<Cart>().update(add).await)
                .await
                .said()
        };
        tokio::join!(add("a"), add("b"), add("c"));
        site.store.clear();
        let mut items = both(&site, &jar).await.0.unwrap().items;
        items.sort_unstable();
        assert_eq!(items, ["a", "b", "c"], "seed {seed}");
    }
}

#[tokio::test]
async fn s35_a_typed_value_of_another_subject_is_dropped_by_a_login() {
    let site = Site::new();
    let jar = site.logged_in().await;
    site.visit(&jar, async |session: Session| {
        session.typed::<Cart>().insert(&cart(&["tea"]))?;
        session.commit().await?;
        session.log_in(Principal::local("alan")).await?;
        assert_eq!(session.typed::<Cart>().get().await?, None);
        session.typed::<Cart>().update(|cart| cart.unwrap_or_default()).await.map(|_| ())
    })
    .await
    .said();
    assert_eq!(both(&site, &jar).await.0, Some(cart(&[])));
}
