use axum::http::{HeaderValue, Request, Response, header::COOKIE};
use portcullis::session::Session;
use portcullis_core::Record;

use super::{ANONYMOUS, block_on};
use crate::{NAME, Planted, Site};

/// Any bytes in any number of `Cookie` fields, one a line.
///
/// Which ids are found is compared with a second reading of the rules, slow and plain (S14 to S20): as many store calls as
/// different ids, two at most; the one live session among them, if it is one; and nothing is set or changed.
pub fn cookie_fields(lines: &[u8]) {
    thread_local! {
        static VISITED: Visited = block_on(Visited::new());
    }
    VISITED.with(|visited| block_on(visited.by(lines)));
}

/// A site with two sessions, which no visit changes.
struct Visited {
    site: Site,
    sessions: [Planted; 2],
}

impl Visited {
    async fn new() -> Self {
        let site = Site::new();
        let mut four = ANONYMOUS.to_vec();
        *four.last_mut().expect("the digit 3") += 1;
        let sessions = [site.plant(1, None, ANONYMOUS).await, site.plant(2, None, &four).await];
        Self { site, sessions }
    }

    async fn by(&self, lines: &[u8]) {
        let fields: Vec<HeaderValue> = lines
            .split(|byte| *byte == b'\n')
            .filter_map(|line| HeaderValue::from_bytes(line).ok())
            .collect();
        let mut request = Request::new(());
        for field in &fields {
            request.headers_mut().append(COOKIE, field.clone());
        }
        let before = self.stored().await;
        self.site.store.take_trips();

        let visit = self
            .site
            .serve(request, async |session: Session| {
                (session.get::<u32>("visits").await, Response::new(Vec::new()))
            })
            .await;

        let trips = self.site.store.take_trips().total();
        assert_eq!((visit.status(), visit.cookies()), (200, vec![]));
        let ids = ids(&fields);
        assert_eq!(trips, ids.len(), "store calls for {ids:?}");
        assert_eq!(visit.answer.expect("reached").expect("a value"), self.visits_by(&ids), "{ids:?}");
        assert_eq!(self.stored().await, before);
    }

    /// What the session holds that `ids` open; two of them open none.
    fn visits_by(&self, ids: &[Vec<u8>]) -> Option<u32> {
        let [three, four] = self.sessions.each_ref().map(|session| {
            let pair = session.jar.pair().expect("a cookie");
            ids.iter().any(|id| pair.strip_prefix(NAME).is_some_and(|value| value.as_bytes()[1..] == **id))
        });
        match (three, four) {
            (true, false) => Some(3),
            (false, true) => Some(4),
            _ => None,
        }
    }

    async fn stored(&self) -> [Option<Record>; 2] {
        let [one, other] = &self.sessions;
        [self.site.stored(&one.key).await, self.site.stored(&other.key).await]
    }
}

/// The first two different values of our cookie that are ids.
fn ids(fields: &[HeaderValue]) -> Vec<Vec<u8>> {
    let mut ids = Vec::new();
    for pair in fields.iter().flat_map(|field| field.as_bytes().split(|byte| *byte == b';')) {
        let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
        let Some(first) = pair.iter().position(|byte| !is_blank(byte)) else { continue };
        let last = pair.iter().rposition(|byte| !is_blank(byte)).expect("one that is not blank");
        let name = format!("{NAME}=").into_bytes();
        let Some(value) = pair[first..=last].strip_prefix(name.as_slice()) else { continue };
        if is_id(value) && !ids.iter().any(|id| id == value) && ids.len() < 2 {
            ids.push(value.to_vec());
        }
    }
    ids
}

/// 276 bits, of which the first two and the last four are none.
fn is_id(value: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_first = |byte: &u8| (b'A'..=b'P').contains(byte);
    value.len() == 46
        && value.iter().all(is_digit)
        && value.first().is_some_and(is_first)
        && value.last().is_some_and(|byte| b"AQgw".contains(byte))
}
