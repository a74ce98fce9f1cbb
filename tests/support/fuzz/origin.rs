use axum::http::{
    HeaderName, HeaderValue, Method, Request, Response, StatusCode,
    header::{COOKIE, HOST, ORIGIN},
};
use portcullis::{
    cross_origin::{CrossOrigin, Origin},
    identity::Principal,
    session::Session,
};
use url::Url;

use super::{ANONYMOUS, block_on};
use crate::Site;

/// Any text as an origin, and any bytes in the fields by which a request says where it comes from.
///
/// The first byte chooses settings; then a line each: `Origin`, `Host`, `Sec-Fetch-Site`, and second ones of the first and the
/// last. What is let through is compared with what the `url` crate, which reads as browsers do, makes of the same text.
pub fn origin(bytes: &[u8]) {
    let Some((settings, lines)) = bytes.split_first() else { return };
    let asked = Asked::of(*settings, lines);
    for origin in asked.origins.iter().filter_map(|origin| origin.to_str().ok()) {
        one_origin(origin);
    }
    block_on(asked.of_the_layer());
}

/// What is read as an origin is one to browsers, the same one, and is read again from what is shown of it.
fn one_origin(text: &str) {
    let Ok(origin) = Origin::parse(text) else { return };
    let shown = origin.to_string();
    assert_eq!(shown.parse().as_ref(), Ok(&origin), "{text:?} is shown as {shown:?}");
    assert_eq!(browsers(text).as_deref(), Some(&*shown), "{text:?}");
}

/// The origin of a URL as browsers write it.
fn browsers(url: &str) -> Option<String> {
    Some(Url::parse(url).ok()?.origin().ascii_serialization())
}

struct Asked {
    is_strict: bool,
    has_public: bool,
    has_trusted: bool,
    has_cookie: bool,
    origins: Vec<HeaderValue>,
    host: Option<HeaderValue>,
    sites: Vec<HeaderValue>,
}

impl Asked {
    fn of(settings: u8, lines: &[u8]) -> Self {
        let fields: Vec<Option<HeaderValue>> =
            lines.splitn(5, |byte| *byte == b'\n').map(|line| HeaderValue::from_bytes(line).ok()).collect();
        let field = |at: usize| fields.get(at).cloned().flatten();
        Self {
            is_strict: settings & 1 != 0,
            has_public: settings & 2 != 0,
            has_trusted: settings & 4 != 0,
            has_cookie: settings & 8 != 0,
            // An empty one is one; where there is to be none, there is a byte that no field can have.
            origins: [field(0), field(3)].into_iter().flatten().collect(),
            host: field(1),
            sites: [field(2), field(4)].into_iter().flatten().collect(),
        }
    }

    async fn of_the_layer(&self) {
        let mut check = CrossOrigin::new();
        if self.is_strict {
            check = check.strict();
        }
        if self.has_public {
            check = check.with_public_origin(PUBLIC.parse().expect("an origin"));
        }
        if self.has_trusted {
            check = check.with_trusted_origin(TRUSTED.parse().expect("an origin"));
        }
        let site = Site::new().with(|layer| layer.with_cross_origin(check));
        let planted = site.plant(1, None, ANONYMOUS).await;
        site.store.take_trips();

        let visit = site
            .serve(self.request(planted.jar.pair()), async |session: Session| {
                let login = session.log_in(Principal::local("ada")).await;
                let mut response = Response::new(Vec::new());
                if login.is_err() {
                    *response.status_mut() = StatusCode::FORBIDDEN;
                }
                (login.is_ok(), response)
            })
            .await;

        let is_let_through = visit.answer == Some(true);
        assert_eq!(
            visit.answer.is_some(),
            is_let_through || !self.has_cookie,
            "only who has no cookie is heard"
        );
        assert_eq!(visit.status(), if is_let_through { 200 } else { 403 });
        assert_eq!(visit.cookies().len(), usize::from(is_let_through));
        if is_let_through {
            assert!(self.may_pass(), "{:?} for {:?} from {:?}", self.origins, self.host, self.sites);
        } else {
            assert_eq!(site.store.take_trips().total(), 0);
            assert!(!self.must_pass(), "{:?} for {:?} from {:?}", self.origins, self.host, self.sites);
        }
    }

    fn request(&self, cookie: Option<String>) -> Request<()> {
        let mut request = Request::new(());
        *request.method_mut() = Method::POST;
        let fields = request.headers_mut();
        for (name, values) in [
            (ORIGIN, self.origins.as_slice()),
            (HOST, self.host.as_slice()),
            (HeaderName::from_static("sec-fetch-site"), self.sites.as_slice()),
        ] {
            for value in values {
                fields.append(name.clone(), value.clone());
            }
        }
        if let Some(pair) = cookie.filter(|_| self.has_cookie) {
            fields.append(COOKIE, pair.parse().expect("a cookie"));
        }
        request
    }

    /// Whether the table in the docs of `cross_origin` lets it through, as browsers read an origin.
    fn may_pass(&self) -> bool {
        if self.is_ambiguous() {
            return false;
        }
        match self.site() {
            b"same-origin" => !self.is_strict || self.origins.is_empty() || self.is_own(),
            b"none" => !self.is_strict,
            b"" if self.origins.is_empty() => !self.is_strict,
            b"" => self.is_trusted() || self.is_own(),
            _ => self.is_trusted(),
        }
    }

    /// Where no text is to be understood, it does let it through.
    fn must_pass(&self) -> bool {
        let is_plain = !self.is_ambiguous() && !self.is_strict;
        is_plain
            && (matches!(self.site(), b"same-origin" | b"none")
                || self.origins.is_empty() && self.site().is_empty())
    }

    fn is_ambiguous(&self) -> bool {
        self.origins.len() > 1 || self.sites.iter().any(|site| *site != self.sites[0])
    }

    fn site(&self) -> &[u8] {
        self.sites.first().map_or(b"", HeaderValue::as_bytes)
    }

    fn is_trusted(&self) -> bool {
        self.has_trusted && self.browsers_origin().as_deref() == Some(TRUSTED)
    }

    fn is_own(&self) -> bool {
        let Some(origin) = self.browsers_origin() else { return false };
        if self.has_public {
            return origin == PUBLIC;
        }
        let host = self.host.as_ref().and_then(|host| host.to_str().ok());
        let scheme = origin.split("://").next().unwrap_or_default();
        host.and_then(|host| browsers(&format!("{scheme}://{host}"))) == Some(origin.clone())
    }

    fn browsers_origin(&self) -> Option<String> {
        self.origins.first().and_then(|origin| browsers(origin.to_str().ok()?))
    }
}

const PUBLIC: &str = "https://shop.example";
const TRUSTED: &str = "https://pay.example";
