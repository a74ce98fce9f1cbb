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
///
/// What is said to some shared caches alone is overridden too: one that knows such a field does not look at `Cache-Control`
/// ([RFC 9213]).
///
/// [RFC 9213]: https://www.rfc-editor.org/rfc/rfc9213
pub(crate) fn forbid_storing(headers: &mut HeaderMap) -> Before {
    let targeted: Vec<HeaderName> = headers.keys().filter(|name| is_targeted(name)).cloned().collect();
    let mut before = Before::Private;
    for name in targeted {
        if !forbids_storing(headers, &name) {
            headers.insert(name, NO_STORE);
            before = Before::Shared;
        }
    }
    if !forbids_storing(headers, &CACHE_CONTROL) {
        if members(headers, &CACHE_CONTROL).any(lets_share) {
            before = Before::Shared;
        }
        headers.insert(CACHE_CONTROL, NO_STORE);
    }
    before
}

fn is_targeted(name: &HeaderName) -> bool {
    name.as_str().ends_with("cdn-cache-control") || *name == SURROGATE_CONTROL
}

/// Within quotes `no-store` is somebody's value; a field that has any forbids nothing.
fn forbids_storing(headers: &HeaderMap, name: &HeaderName) -> bool {
    let is_quoted = headers.get_all(name).iter().any(|value| value.as_bytes().contains(&b'"'));
    !is_quoted && members(headers, name).any(|member| member.eq_ignore_ascii_case("no-store"))
}

fn lets_share(directive: &str) -> bool {
    let name = directive.split('=').next().unwrap_or_default();
    name.eq_ignore_ascii_case("public") || name.eq_ignore_ascii_case("s-maxage")
}

/// The members of a list over all fields of that name; bytes that are no text belong to none.
fn members<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let fields = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    fields.flat_map(|field| field.split(',')).map(str::trim).filter(|member| !member.is_empty())
}

/// What the cross-origin check looks at, and whether it looks depends on the cookie.
pub(crate) const BY_ORIGIN: &str = "Cookie, Sec-Fetch-Site, Origin";
/// Older than its successor `CDN-Cache-Control`, and spoken by as many.
const SURROGATE_CONTROL: HeaderName = HeaderName::from_static("surrogate-control");
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
        let rows: [Row; 8] = [
            (&["public, x=\"a, no-store\""], &["no-store"], Before::Shared),
            (&["private=\"x\", no-store"], &["no-store"], Before::Private),
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
