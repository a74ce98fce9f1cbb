use http::{HeaderMap, Request, header::AUTHORIZATION};

use super::Identity;

/// Whether a request proves its caller by something a browser does not attach by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Authorization {
    /// Nothing, or a scheme that browsers send unasked (`Basic`) or that is unknown.
    Ambient,
    /// At least one bearer credential, well formed or not.
    Bearer,
}

impl Authorization {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let has_bearer =
            headers.get_all(AUTHORIZATION).iter().any(|field| after_scheme(field.as_bytes()).is_some());
        if has_bearer { Self::Bearer } else { Self::Ambient }
    }
}

/// Whether a request proves its caller by something a browser does not attach by itself. A bearer layer around may have taken the field away
/// since our outermost layer met the request.
pub(crate) fn is_by_bearer<B>(request: &Request<B>) -> bool {
    match request.extensions().get::<Identity>() {
        Some(identity) => identity.comes_with_a_bearer(),
        None => Authorization::of(request.headers()) == Authorization::Bearer,
    }
}

/// What follows the scheme in an `Authorization` field whose scheme is `Bearer`, in any case; `None` for other schemes.
pub(crate) fn after_scheme(field: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = field.trim_ascii_start().split_first_chunk::<6>()?;
    let is_bearer = scheme.eq_ignore_ascii_case(b"bearer")
        && rest.first().is_none_or(|byte| matches!(byte, b' ' | b'\t'));
    is_bearer.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t1_t6_only_a_bearer_scheme_is_not_ambient() {
        let rows = [
            ("no scheme", "", false),
            ("basic", "Basic YWRhOmxvdmVsYWNl", false),
            ("bearer", "Bearer abc", true),
            ("bearer in any case", "bEARER abc", true),
            ("bearer with nothing", "Bearer", true),
            ("a longer word", "Bearers abc", false),
            ("bearer behind another", "Basic a, Bearer b", false),
        ];
        for (name, value, expected) in rows {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
            assert_eq!(Authorization::of(&headers) == Authorization::Bearer, expected, "{name}");
        }
    }
}
