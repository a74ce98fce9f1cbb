//! Cookies in and out, as strangers and browsers send them.

use axum::http::{
    HeaderValue, Request, Response,
    header::{COOKIE, SET_COOKIE},
};
use portcullis::{
    cookie::CookieSettings,
    identity::Principal,
    session::{Session, SessionLayer},
};
use portcullis_core::{Partition, Realm, RecordKey, Secret, Space};
use proptest::{collection::vec, prelude::*, test_runner::TestRunner};
use support::{Jar, NAME, Site, Visit, cases, credential};

/// Where the record of a cookie's value lies, computed as the documentation says.
pub(crate) fn key_of(value: &str) -> RecordKey {
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let bits: Vec<bool> = value
        .bytes()
        .flat_map(|byte| {
            let digit = alphabet.iter().position(|letter| *letter == byte).expect("base64url");
            (0..6).rev().map(move |bit| digit >> bit & 1 == 1)
        })
        .collect();
    let bytes: Vec<u8> = bits
        .chunks_exact(8)
        .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)))
        .collect();
    let partition = Partition::new(u16::from_be_bytes([bytes[0], bytes[1]])).unwrap();
    let secret = Secret::from_bytes(bytes[2..].try_into().unwrap());
    RecordKey::new(Space::Session, partition, Realm::new("session", NAME).record_id(&secret))
}

async fn ask(site: &Site, fields: &[Vec<u8>]) -> Visit<Result<Option<u32>, ()>> {
    let mut request = Request::builder();
    for field in fields {
        if let Ok(field) = HeaderValue::from_bytes(field) {
            request = request.header(COOKIE, field);
        }
    }
    site.serve(request.body(()).unwrap(), async |session: Session| {
        let found = session.get::<u32>("a").await.map_err(|_| ());
        (found, Response::new(Vec::new()))
    })
    .await
}

async fn begun(site: &Site, value: u32) -> Jar {
    let jar = Jar::new();
    site.visit(&jar, async |session| session.insert("a", value)).await.said();
    jar
}

#[tokio::test]
async fn s1_s3_s13_the_cookie_of_the_shortest_program() {
    let site = Site::new();
    let visit = site.visit(&Jar::new(), async |session| session.insert("a", 1)).await;
    let field = &visit.response.headers()[SET_COOKIE];
    let (value, attributes) =
        visit.cookies()[0].split_once("; ").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/");
    assert_eq!(value.len(), NAME.len() + 1 + 46);
    assert!(field.is_sensitive());
}

#[tokio::test]
async fn s5_plain_http_is_asked_for_by_name() {
    let site = Site::new();
    let layer = SessionLayer::insecure_for_localhost(site.store.clone()).with_clock(site.clock.clone());
    let site = site.with(|_| layer);
    let visit = site.visit(&Jar::new(), async |session| session.insert("a", 1)).await;
    assert!(
        visit.cookies()[0].starts_with("sid=")
            && visit.cookies()[0].ends_with("; HttpOnly; SameSite=Lax; Path=/")
    );
}

/// `Path`, `Domain`, `Secure`, `SameSite` and `Partitioned` of what sets the cookie and of what deletes it, through the layer.
#[tokio::test]
async fn s11_what_deletes_a_shared_or_partitioned_cookie_repeats_what_set_it() {
    let default = CookieSettings::default;
    let rows = [
        (
            default().shared_with_subdomains("Example.com"),
            "__Secure-sid",
            "HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com",
        ),
        (default().partitioned(), NAME, "HttpOnly; SameSite=Lax; Secure; Path=/; Partitioned"),
        (
            default().insecure_cross_site().and_then(CookieSettings::partitioned),
            NAME,
            "HttpOnly; SameSite=None; Secure; Path=/; Partitioned",
        ),
        (
            CookieSettings::named("cart")
                .and_then(|cookie| cookie.shared_with_subdomains("shop.example"))
                .and_then(CookieSettings::partitioned),
            "__Secure-cart",
            "HttpOnly; SameSite=Lax; Secure; Path=/; Partitioned; Domain=shop.example",
        ),
    ];
    for (cookie, name, attributes) in rows {
        let site = Site::new().with(|layer| layer.with_cookie(cookie.unwrap()));
        let jar = Jar::new();
        let set = site.visit(&jar, async |session| session.insert("a", 1)).await.cookies().concat();
        let (pair, said) = set.split_once("; ").unwrap();
        assert_eq!((pair.split_once('=').unwrap().0, sorted(said)), (name, sorted(attributes)));
        assert_eq!(site.read(&jar, "a").await, Some(1), "{name}: what is set is read");
        let deleted = site.visit(&jar, async |session| session.log_out().await).await.cookies().concat();
        let (pair, said) = deleted.split_once("; ").unwrap();
        assert_eq!(pair, format!("{name}="));
        let dead = "Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        assert_eq!(sorted(said), sorted(&format!("{attributes}; {dead}")), "{name}");
        assert_eq!(jar.pair(), None);
    }
}

fn sorted(attributes: &str) -> Vec<&str> {
    let mut attributes: Vec<&str> = attributes.split("; ").collect();
    attributes.sort_unstable();
    attributes
}

#[tokio::test]
async fn s7_s8_one_field_of_our_name_remains_and_others_stay_byte_for_byte() {
    let site = Site::new();
    let others = ["a=1; Path=/", "__Host-Http-sidx=2", "b=\"__Host-Http-sid=3\""];
    let visit = site
        .serve(Request::new(()), async |session: Session| {
            session.insert("a", 1).unwrap();
            let mut response = Response::new(Vec::new());
            for field in
                ["__Host-Http-sid=planted", others[0], others[1], others[2], "__Host-Http-sid=again; Path=/x"]
            {
                response.headers_mut().append(SET_COOKIE, field.parse().unwrap());
            }
            ((), response)
        })
        .await;
    let cookies = visit.cookies();
    assert_eq!(cookies[..3], others);
    assert_eq!(cookies.len(), 4);
    assert!(cookies[3].starts_with("__Host-Http-sid=") && cookies[3].contains("Secure"));
}

#[tokio::test]
async fn s14_s15_our_cookie_is_found_over_all_fields_and_among_bad_bytes() {
    let site = Site::new();
    let ours = begun(&site, 7).await.pair().unwrap().into_bytes();
    let rows: [Vec<Vec<u8>>; 4] = [
        vec![b"a=1".to_vec(), ours.clone(), b"b=2".to_vec()],
        vec![[b"x=\xff\xfe; ".as_slice(), &ours, b"; y=\x80"].concat()],
        vec![[b";;; nonsense; =; ".as_slice(), &ours].concat()],
        vec![vec![b';'; 10_000], ours.clone()],
    ];
    for fields in rows {
        assert_eq!(ask(&site, &fields).await.answer, Some(Ok(Some(7))));
    }
}

#[tokio::test]
async fn s18_duplicates_of_our_cookie_have_one_defined_outcome() {
    let site = Site::new();
    let (one, other) = (begun(&site, 1).await.pair().unwrap(), begun(&site, 2).await.pair().unwrap());
    let dead = begun(&Site::new(), 3).await.pair().unwrap();
    let nonsense = format!("{NAME}=nonsense");
    let rows = [
        ("the same twice", vec![&one, &one], Some(1)),
        ("one live, one dead", vec![&dead, &one], Some(1)),
        ("one dead, one live", vec![&one, &dead], Some(1)),
        ("malformed ones do not count", vec![&nonsense, &nonsense, &nonsense, &one], Some(1)),
        ("two live", vec![&one, &other], None),
        ("two live, other order", vec![&other, &one], None),
        ("at most two are looked up", vec![&dead, &one, &other], Some(1)),
    ];
    for (name, pairs, expected) in rows {
        let field = pairs.iter().map(|pair| pair.as_str()).collect::<Vec<_>>().join("; ").into_bytes();
        site.store.take_trips();
        assert_eq!(ask(&site, &[field]).await.answer, Some(Ok(expected)), "{name}");
        assert!(site.store.take_trips().total() <= 2, "{name}");
    }
}

#[tokio::test]
async fn s20_a_value_of_the_wrong_shape_costs_no_store_call() {
    let site = Site::new();
    let good = begun(&site, 1).await.pair().unwrap();
    let spare_bits = format!("{}_", &good[..good.len() - 1]);
    for pair in [
        &good[..good.len() - 1],
        &format!("{good}A"),
        &good.replace("sid=", "sid=\""),
        &spare_bits,
        "__Host-Http-sid=",
    ] {
        site.store.take_trips();
        assert_eq!(ask(&site, &[pair.as_bytes().to_vec()]).await.answer, Some(Ok(None)), "{pair}");
        assert_eq!(site.store.take_trips().total(), 0, "{pair}");
    }
}

#[tokio::test]
async fn s24_an_id_anywhere_but_in_the_cookie_is_ignored() {
    let site = Site::new();
    let pair = begun(&site, 1).await.pair().unwrap();
    let value = pair.split_once('=').unwrap().1;
    let request = Request::builder()
        .uri(format!("/?{pair}&sid={value}"))
        .header("x-session-id", value)
        .header("set-cookie", &pair)
        .body(())
        .unwrap();
    let visit = site
        .serve(request, async |session: Session| {
            (session.get::<u32>("a").await.unwrap(), Response::new(Vec::new()))
        })
        .await;
    assert_eq!(visit.answer, Some(None));
}

#[tokio::test]
async fn s27_nothing_in_a_dump_of_the_store_can_be_presented() {
    use portcullis_core::{Freshness, Store};
    let site = Site::new();
    let jar = Jar::new();
    site.visit(&jar, async |session: Session| {
        session.insert("a", 1)?;
        session.log_in(Principal::local("ada")).await
    })
    .await
    .said();
    let pair = jar.pair().unwrap();
    let value = pair.split_once('=').unwrap().1;
    let record =
        site.store.load(&key_of(value), Freshness::Strong).await.unwrap().expect("where the docs say");
    let dump = format!("{record:?}").into_bytes();
    assert!(!dump.windows(8).any(|window| value.as_bytes().windows(8).any(|secret| secret == window)));
    let id = *record.key.id().bytes();
    let presented = Jar::with(format!("{NAME}={}", credential(record.key.partition(), &id)));
    let found = site.visit(&presented, async |session| session.principal().await).await.said();
    assert_eq!(found, None, "a record's id opens nothing");
}

/// Any bytes in any number of `Cookie` fields: no panic, no store call for what is no id, and ours is found among them.
#[test]
fn s15_s20_s21_any_bytes_in_any_fields_are_harmless() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let site = Site::new();
    let ours = runtime.block_on(begun(&site, 7)).pair().unwrap().into_bytes();
    let piece = prop_oneof![
        vec(any::<u8>(), 0..40),
        Just(ours.clone()),
        Just(NAME.as_bytes().to_vec()),
        Just(b"; ".to_vec()),
        Just(b"=".to_vec()),
        "[A-Za-z0-9_-]{46}".prop_map(|value| format!("; {NAME}={value}; ").into_bytes()),
    ];
    let fields = vec(vec(piece, 0..6).prop_map(|pieces| pieces.concat()), 0..6);
    let mut runner = TestRunner::new(cases(2_000));
    runner
        .run(&fields, |fields| {
            site.store.take_trips();
            let visit = runtime.block_on(ask(&site, &fields));
            prop_assert_eq!(visit.status(), 200);
            prop_assert!(visit.cookies().is_empty());
            let trips = site.store.take_trips().total();
            prop_assert!(trips <= 2);
            let any_id = fields.iter().any(|field| holds_an_id(field));
            prop_assert!(any_id || trips == 0, "{} trips for no id", trips);
            if fields.contains(&ours) && !fields.iter().any(|field| *field != ours && holds_an_id(field)) {
                prop_assert_eq!(visit.answer, Some(Ok(Some(7))));
            }
            Ok(())
        })
        .unwrap();
}

fn holds_an_id(field: &[u8]) -> bool {
    let name = [NAME.as_bytes(), b"="].concat();
    field.windows(name.len() + 46).any(|window| {
        window.starts_with(&name)
            && window[name.len()..]
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    })
}

/// Instructions are not counted here; that the work is linear shows in how often a byte can be looked at: once per field for the
/// separator, once for the name. What can be shown is that the largest input a server lets through is answered.
#[tokio::test]
async fn s21_64_kib_and_10_000_pairs_are_answered() {
    let site = Site::new();
    let ours = begun(&site, 7).await.pair().unwrap().into_bytes();
    let rows: [Vec<Vec<u8>>; 4] = [
        vec![[vec![b'a'; 65_536], b"; ".to_vec(), ours.clone()].concat()],
        vec![[b"a=1; ".repeat(10_000), ours.clone()].concat()],
        vec![[format!("{NAME}=x; ").repeat(10_000).into_bytes(), ours.clone()].concat()],
        (0..1_000).map(|_| b"a=1".to_vec()).chain([ours.clone()]).collect(),
    ];
    for fields in rows {
        assert_eq!(ask(&site, &fields).await.answer, Some(Ok(Some(7))));
    }
}

#[tokio::test]
async fn a_cookie_of_another_name_is_not_ours() {
    let site = Site::new();
    let jar = begun(&site, 1).await;
    let cart = site.clone().with(|layer| layer.with_cookie(CookieSettings::named("cart").unwrap()));
    assert_eq!(cart.visit(&jar, async |session| session.get::<u32>("a").await).await.said(), None);
}
