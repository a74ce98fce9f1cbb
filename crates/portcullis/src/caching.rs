//! What a response tells caches: what of the request it depends on, and that one with a credential is for nobody else.

use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CACHE_CONTROL, VARY},
};

/// What the response said to caches before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Before {
    /// Nothing that lets a shared cache keep it.
    Private,
    /// That a shared cache may keep it.
    Shared,
}

/// Adds `names`, a list as in the field, to `Vary`: each once, and what is there stays (S74).
pub(crate) fn vary(headers: &mut HeaderMap, names: &'static str) {
    if names.is_empty() {
        return;
    }
    if !headers.contains_key(VARY) {
        headers.insert(VARY, HeaderValue::from_static(names));
        return;
    }
    let is_said =
        |name: &str| members(headers, &VARY).any(|said| said == "*" || said.eq_ignore_ascii_case(name));
    let missing: Vec<&str> = names.split(", ").filter(|name| !is_said(name)).collect();
    if !missing.is_empty() {
        let all: Vec<&str> = members(headers, &VARY).chain(missing).collect();
        // What was a field and is joined by commas is one.
        if let Ok(all) = HeaderValue::try_from(all.join(", ")) {
            headers.insert(VARY, all);
        }
    }
}

/// Forbids every cache to keep the response, unless it does so already (S73).
pub(crate) fn forbid_storing(headers: &mut HeaderMap) -> Before {
    let mut before = Before::Private;
    for directive in members(headers, &CACHE_CONTROL) {
        let name = directive.split('=').next().unwrap_or_default();
        if name.eq_ignore_ascii_case("no-store") {
            return Before::Private;
        }
        if name.eq_ignore_ascii_case("public") || name.eq_ignore_ascii_case("s-maxage") {
            before = Before::Shared;
        }
    }
    headers.insert(CACHE_CONTROL, NO_STORE);
    before
}

/// The members of a list over all fields of that name; bytes that are no text belong to none.
fn members<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let fields = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    fields.flat_map(|field| field.split(',')).map(str::trim).filter(|member| !member.is_empty())
}

/// What the cross-origin check looks at, and whether it looks depends on the cookie.
pub(crate) const BY_ORIGIN: &str = "Cookie, Sec-Fetch-Site, Origin";
pub(crate) const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &HeaderName, fields: &[&'static str]) -> HeaderMap {
        fields.iter().map(|field| (name.clone(), HeaderValue::from_static(field))).collect()
    }

    fn said(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
        headers.get_all(name).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn s74_each_name_is_added_once_and_what_was_said_stays() {
        type Row = (&'static [&'static str], &'static str, &'static [&'static str]);
        let rows: [Row; 8] = [
            (&[], "", &[]),
            (&[], "Cookie", &["Cookie"]),
            (&["Accept"], "Cookie", &["Accept, Cookie"]),
            (&["accept-encoding, cookie"], "Cookie", &["accept-encoding, cookie"]),
            (&["Accept", "COOKIE"], "Cookie", &["Accept", "COOKIE"]),
            (&["*"], "Cookie, Origin", &["*"]),
            (&["Origin"], "Cookie, Sec-Fetch-Site, Origin", &["Origin, Cookie, Sec-Fetch-Site"]),
            (&["Cookies"], "Cookie", &["Cookies, Cookie"]),
        ];
        for (before, names, after) in rows {
            let mut headers = headers(&VARY, before);
            vary(&mut headers, names);
            assert_eq!(said(&headers, &VARY), after, "{before:?}");
        }
    }

    #[test]
    fn s73_nothing_is_stored_whatever_was_said() {
        type Row = (&'static [&'static str], &'static [&'static str], Before);
        let rows: [Row; 6] = [
            (&[], &["no-store"], Before::Private),
            (&["private"], &["no-store"], Before::Private),
            (&["private, No-Store"], &["private, No-Store"], Before::Private),
            (&["public, max-age=60"], &["no-store"], Before::Shared),
            (&["max-age=1", "s-maxage=60"], &["no-store"], Before::Shared),
            (&["x-no-store"], &["no-store"], Before::Private),
        ];
        for (before, after, expected) in rows {
            let mut headers = headers(&CACHE_CONTROL, before);
            assert_eq!(forbid_storing(&mut headers), expected, "{before:?}");
            assert_eq!(said(&headers, &CACHE_CONTROL), after);
        }
    }
}
