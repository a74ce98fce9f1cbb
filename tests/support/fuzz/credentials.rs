use std::{convert::Infallible, fmt::Write};

use axum::http::{
    HeaderMap, HeaderValue, Request, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, WWW_AUTHENTICATE},
};
use portcullis::{
    bearer::{AnyOf, BearerLayer},
    claims::ClaimsPolicy,
    identity::Identity,
    jwt::{JwtKey, JwtVerifier},
    paseto::{PasetoKey, PasetoVerifier},
};
use tower::{Layer, Service, ServiceExt, service_fn};

use super::{
    block_on,
    keys::{CURVE, PASETO_LOCAL, clock},
};

/// Any bytes in any number of `Authorization` fields, one a line.
///
/// What is inside is reached with one of two tokens, in one field, and else only where none is needed and none is there. Whoever is refused is
/// told so in one of a few answers, none of which is a failure of ours or repeats anything.
pub fn credentials(lines: &[u8]) {
    let fields: Vec<HeaderValue> =
        lines.split(|byte| *byte == b'\n').filter_map(|line| HeaderValue::from_bytes(line).ok()).collect();
    let given = given(&fields);
    thread_local! {
        static LAYER: BearerLayer = layer();
    }
    let layer = LAYER.with(BearerLayer::clone);
    for (layer, may_come_without) in [(layer.clone(), false), (layer.optional(), true)] {
        for is_grpc in [false, true] {
            let answer = sent(&layer, &fields, is_grpc);
            let expected = match given {
                Given::Good(name) => Some(name),
                Given::Nothing if may_come_without => Some("nobody"),
                _ => None,
            };
            let reached = answer.extensions().get::<Reached>().map(|Reached(who)| &**who);
            assert_eq!(reached, expected, "{given:?}");
            if reached.is_none() {
                refused(&answer, given, &sent(&layer, &given.example(), is_grpc));
            }
        }
    }
}

/// What the fields come to, told by a second reading of the rules.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Given {
    Nothing,
    Unreadable,
    Bad,
    Good(&'static str),
}

fn given(fields: &[HeaderValue]) -> Given {
    let [field] = fields else {
        return if fields.is_empty() { Given::Nothing } else { Given::Unreadable };
    };
    let field = field.as_bytes().trim_ascii();
    let end = field.iter().position(u8::is_ascii_whitespace).unwrap_or(field.len());
    let (scheme, token) = field.split_at(end);
    match token.trim_ascii() {
        _ if !scheme.eq_ignore_ascii_case(b"bearer") => Given::Nothing,
        [] => Given::Unreadable,
        token if token == JWT.as_bytes() => Given::Good("jwt"),
        token if token == PASETO.as_bytes() => Given::Good("paseto"),
        _ => Given::Bad,
    }
}

impl Given {
    /// Whoever makes the same mistake gets the same answer, so nothing of a request is in it.
    fn example(self) -> Vec<HeaderValue> {
        match self {
            Self::Nothing => vec![],
            Self::Unreadable => vec![HeaderValue::from_static("Bearer")],
            Self::Bad | Self::Good(_) => vec![HeaderValue::from_static("Bearer a")],
        }
    }
}

#[derive(Clone)]
struct Reached(String);

fn layer() -> BearerLayer {
    let policy = ClaimsPolicy::new("id", "api");
    let jwt = JwtVerifier::new(JwtKey::from_jwk(CURVE).expect("a key"), policy.clone()).with_clock(clock());
    let paseto = PasetoKey::from_paserk(PASETO_LOCAL).expect("a key");
    let paseto = PasetoVerifier::new(paseto, policy).with_clock(clock());
    BearerLayer::new(AnyOf::new().or("jwt", jwt).or("paseto", paseto))
}

fn sent(layer: &BearerLayer, fields: &[HeaderValue], is_grpc: bool) -> Response<()> {
    let mut request = Request::post("/").body(()).expect("a request");
    for field in fields {
        request.headers_mut().append(AUTHORIZATION, field.clone());
    }
    if is_grpc {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    }
    let mut service = layer.layer(service_fn(async |request: Request<()>| {
        let identity = request.extensions().get::<Identity>().expect("a layer is around");
        let who = identity.token().map_or("nobody", |token| token.credential().as_str());
        let mut response = Response::new(());
        response.extensions_mut().insert(Reached(who.to_owned()));
        Ok::<_, Infallible>(response)
    }));
    let answer = block_on(async { service.ready().await.expect("infallible").call(request).await });
    answer.expect("infallible")
}

fn refused(answer: &Response<()>, given: Given, to_example: &Response<()>) {
    let is_grpc = answer.headers().contains_key("grpc-status");
    let expected = match given {
        _ if is_grpc => 200,
        Given::Unreadable => 400,
        _ => 401,
    };
    assert_eq!(answer.status(), expected, "{given:?}");
    let said = said(answer.headers());
    assert!(is_grpc || answer.headers().contains_key(WWW_AUTHENTICATE), "{said}");
    assert_eq!(said, self::said(to_example.headers()));
}

fn said(headers: &HeaderMap) -> String {
    headers.iter().fold(String::new(), |mut said, (name, value)| {
        writeln!(said, "{name}: {value:?}").expect("a text takes all");
        said
    })
}

const JWT: &str = include_str!("../../../fuzz/seeds/jwt/es256");
const PASETO: &str = include_str!("../../../fuzz/seeds/paseto/local");
