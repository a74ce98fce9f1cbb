//! What a stranger's `Authorization` field costs: as much memory for a long one as for a short one, or a small multiple of the longest token.

use std::hint::black_box;

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Request, header::AUTHORIZATION},
    routing::get,
};
use base64_simd::URL_SAFE_NO_PAD;
use portcullis::{
    bearer::{AnyOf, BearerLayer, MOST_BYTES},
    claims::ClaimsPolicy,
    jwt::{Algorithm, JwtKey, JwtKeys, JwtVerifier},
    paseto::{Kind, PasetoKey, PasetoKeys, PasetoVerifier},
};

use super::{answer, request, served};

#[test]
fn t12_what_is_no_token_costs_the_same_however_long_it_is() {
    let mut router = router(1);
    let short = cost(&mut router, &["Bearer a"]);
    let rows = [
        ("1 MiB in one segment", "a".repeat(1 << 20)),
        ("1 MiB of dots", ".".repeat(1 << 20)),
        ("16 KiB of dots", ".".repeat(MOST_BYTES)),
        ("16 KiB in one segment", "a".repeat(MOST_BYTES)),
        ("16 KiB of padding", "=".repeat(MOST_BYTES)),
        ("16 KiB in two segments", format!("{}.a", "a".repeat(MOST_BYTES - 2))),
        ("16 KiB of payload, no signature", format!("e30.{}.", "A".repeat(MOST_BYTES - 5))),
        ("a header of 4 KiB of brackets", header(&"[".repeat(4096))),
        ("a member of 4 KiB of brackets", header(&format!("{{\"a\":{}", "[".repeat(4090)))),
        ("a header of 4 KiB of objects", header(&"{\"a\":".repeat(819))),
        ("a header of 12 KiB", header(&"{".repeat(12_000))),
        ("a header of 4 KiB in one name", header(&format!("{{\"{}\":0}}", "a".repeat(4090)))),
        ("16 KiB of payload, wrongly signed", format!("{HS256}.{}.AAAA", "A".repeat(MOST_BYTES - 48))),
        ("16 KiB of signature", format!("{HS256}.e30.{}", "A".repeat(MOST_BYTES - 48))),
        ("a PASETO of 16 KiB of dots", format!("v4.local.{}", ".".repeat(MOST_BYTES - 9))),
        ("a PASETO with 15 KiB of footer", format!("v4.local.AAAA.{}", "A".repeat(15 << 10))),
        ("a PASETO of another version", format!("v3.local.{}", "A".repeat(MOST_BYTES - 9))),
    ];
    for (name, token) in rows {
        let field = format!("Bearer {token}");
        let cost = cost(&mut router, &[&field]);
        assert_eq!(cost, short, "{name}");
    }
    let long = format!("Bearer {}", "a".repeat(1 << 20));
    let several = cost(&mut router, &["Bearer a", "Bearer a"]);
    assert_eq!(cost(&mut router, &[&long, &long]), several);
    let none = cost(&mut router, &["Basic a"]);
    assert_eq!(cost(&mut router, &[&format!("Basic {}", "a".repeat(1 << 20))]), none);
}

/// What has to be decoded before it can be refused. Four keys are tried, of each kind that would fit.
#[test]
fn t11_what_is_read_before_it_is_refused_costs_a_small_multiple_of_the_longest_token() {
    let mut router = router(1);
    let short = cost(&mut router, &["Bearer a"]);
    let paseto = |kind: &str, footer: &str| {
        let footer = URL_SAFE_NO_PAD.encode_to_string(footer);
        let body = MOST_BYTES - kind.len() - 1 - footer.len();
        format!("{kind}{}.{footer}", "A".repeat(body / 4 * 4))
    };
    let rows = [
        ("a header of many names", header(&names(450, "")), 64),
        ("a header of many escaped names", header(&names(280, "\\u0061")), 64),
        ("a header of long escaped names", header(&names(16, &"\\u0061".repeat(40))), 16),
        ("v4.local", paseto("v4.local.", "f"), 16),
        ("v4.public", paseto("v4.public.", "f"), 32),
        ("a footer of many names", paseto("v4.local.", &names(120, "")), 32),
        ("a footer of many escaped names", paseto("v4.local.", &names(70, "\\u0061")), 32),
        ("a footer that is nearly secret", paseto("v4.local.", &"k4.secret-pw".repeat(85)), 16),
    ];
    for (name, token, most_kib) in rows {
        assert!(token.len() <= MOST_BYTES, "{name}");
        let cost = cost(&mut router, &[&format!("Bearer {token}")]);
        assert!(cost.count > short.count, "{name} is not read");
        println!("{name}: {cost:?}");
        assert!(cost.most_bytes_at_once <= short.most_bytes_at_once + (most_kib << 10), "{name}: {cost:?}");
        assert!(cost.bytes <= short.bytes + 4 * (most_kib << 10), "{name}: {cost:?}");
    }
}

/// Twice the names and twice the verifiers make no more than twice as many copies: no clock is needed to tell.
#[test]
fn t11_nothing_costs_the_square_of_its_length() {
    let footer = |count| URL_SAFE_NO_PAD.encode_to_string(names(count, "\\u0061"));
    let mut one = router(1);
    let mut both = router(2);
    let short = cost(&mut one, &["Bearer a"]);
    let over = |router: &mut Router, token: String| {
        let cost = cost(router, &[&format!("Bearer {token}")]);
        (cost.count - short.count, cost.bytes - short.bytes)
    };
    let rows = [
        ("a header's names", [70, 140, 280].map(|count| over(&mut one, header(&names(count, "\\u0061"))))),
        (
            "a footer's names",
            [18, 36, 72].map(|count| over(&mut one, format!("v4.local.AAAA.{}", footer(count)))),
        ),
    ];
    for (name, costs) in rows {
        assert!(costs.is_sorted_by(|less, more| less < more), "{name}: {costs:?}");
        for pair in costs.windows(2) {
            assert!(pair[1].0 <= 2 * pair[0].0 && pair[1].1 <= 2 * pair[0].1, "{name}: {costs:?}");
        }
    }
    let token = format!("v4.public.{}", "A".repeat(4096));
    let (by_one, by_both) = (over(&mut one, token.clone()), over(&mut both, token));
    assert_eq!(by_both, (2 * by_one.0, 2 * by_one.1));
}

/// A token with this header, whose signature nobody gets to look at.
fn header(header: &str) -> String {
    format!("{}.e30.AA", URL_SAFE_NO_PAD.encode_to_string(header))
}

/// An object of `count` members, whose names end alike.
fn names(count: usize, end: &str) -> String {
    let members: Vec<String> = (0..count).map(|at| format!("\"{at:x}{end}\":0")).collect();
    format!("{{{}}}", members.join(","))
}

const HS256: &str = "eyJhbGciOiJIUzI1NiJ9";

fn router(verifiers: usize) -> Router {
    let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
    let mut any_of = AnyOf::new();
    for _ in 0..verifiers {
        // Without an id in a token, four of them are tried.
        let jwt = JwtKeys::new((0..8).map(|_| JwtKey::generate(Algorithm::Hs256).expect("a key")));
        let local = (0..8).map(|_| PasetoKey::generate(Kind::V4Local).expect("a key"));
        let public = (0..8).map(|_| PasetoKey::generate(Kind::V4Public).expect("a key"));
        let paseto = PasetoKeys::new(local.chain(public));
        any_of = any_of
            .or("jwt", JwtVerifier::new(jwt, policy.clone()))
            .or("paseto", PasetoVerifier::new(paseto, policy.clone()));
    }
    served(Router::new().route("/", get(async || "hello")).layer(BearerLayer::new(any_of)))
}

#[derive(Debug, Eq, PartialEq)]
struct Cost {
    count: u64,
    bytes: u64,
    most_bytes_at_once: u64,
}

fn cost(router: &mut Router, fields: &[&str]) -> Cost {
    let request = || {
        let mut request: Request<Body> = request("/", None);
        for field in fields {
            request
                .headers_mut()
                .append(AUTHORIZATION, HeaderValue::try_from(*field).expect("a field value"));
        }
        request
    };
    assert!(answer(router, request()).status().is_client_error());
    let request = request();
    let counted = allocation_counter::measure(|| {
        black_box(answer(router, request));
    });
    Cost { count: counted.count_total, bytes: counted.bytes_total, most_bytes_at_once: counted.bytes_max }
}
