use axum::http::{HeaderMap, HeaderName, header::ORIGIN};

/// Whether a request that makes the machine do something, and not somebody's session, may come from where it says.
///
/// No cookie is needed to press such buttons, so the layer has none to protect: they stop nodes, or keep all cores busy. But any
/// page in the same browser could press them too, so a request that a browser says another site than `ours` has made is refused. A
/// program says nothing of the kind and may.
pub(crate) fn is_ours(headers: &HeaderMap, ours: &str) -> bool {
    let says = |name: HeaderName| headers.get(name).map(|value| value.as_bytes());
    match (says(SEC_FETCH_SITE), says(ORIGIN)) {
        (Some(b"same-origin" | b"none"), _) | (None, None) => true,
        (Some(_), _) => false,
        // A browser too old to say more.
        (None, Some(origin)) => origin == ours.as_bytes(),
    }
}

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn what_another_site_made_is_refused() {
        let ours = "http://127.0.0.1:8080";
        let rows = [
            ("a program", None, None, true),
            ("our page", Some("same-origin"), Some("http://127.0.0.1:8080"), true),
            (
                "our page by another name of this machine",
                Some("same-origin"),
                Some("http://localhost:8080"),
                true,
            ),
            ("typed", Some("none"), None, true),
            ("another port", Some("same-site"), Some("http://127.0.0.1:8666"), false),
            ("another site", Some("cross-site"), Some("http://localhost:8666"), false),
            ("another site that hides", Some("cross-site"), None, false),
            ("what nobody says", Some("same-origin, none"), None, false),
            ("our page in an old browser", None, Some("http://127.0.0.1:8080"), true),
            ("another port in an old browser", None, Some("http://127.0.0.1:8666"), false),
            ("a frame without an origin", None, Some("null"), false),
        ];
        for (name, site, origin, expected) in rows {
            let fields = [(SEC_FETCH_SITE, site), (ORIGIN, origin)];
            let headers = fields
                .into_iter()
                .filter_map(|(name, value)| Some((name, HeaderValue::from_static(value?))))
                .collect();
            assert_eq!(is_ours(&headers, ours), expected, "{name}");
        }
    }
}
