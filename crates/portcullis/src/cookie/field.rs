use http::{HeaderMap, header::COOKIE};

/// The values of every cookie called `name`, over all `Cookie` fields, in order.
///
/// On bytes, so that a stranger's non-ASCII cookie does not hide ours; in one pass, so that the work is linear in what
/// was sent; by the rules of [RFC 6265 §4.2.1] and nothing more: no quoting, no `$Version`, and only SP and HTAB are
/// trimmed, because a name behind any other white space is another name (S14–S19).
///
/// [RFC 6265 §4.2.1]: https://www.rfc-editor.org/rfc/rfc6265#section-4.2.1
pub(crate) fn values<'a>(headers: &'a HeaderMap, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    let fields = headers.get_all(COOKIE).iter();
    fields.flat_map(|field| pairs(field.as_bytes())).filter_map(|pair| value_of(pair, name.as_bytes()))
}

fn pairs(field: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(field);
    std::iter::from_fn(move || {
        let field = rest?;
        let (pair, after) = match memchr::memchr(b';', field) {
            Some(at) => (field.get(..at)?, field.get(at + 1..)),
            None => (field, None),
        };
        rest = after;
        Some(pair)
    })
}

fn value_of<'a>(pair: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let value = trim_start(pair).strip_prefix(name)?.strip_prefix(b"=")?;
    Some(trim_end(value))
}

fn trim_start(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    bytes
}

fn trim_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn found(fields: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(COOKIE, HeaderValue::from_bytes(field).unwrap());
        }
        values(&headers, "sid").map(<[u8]>::to_vec).collect()
    }

    #[test]
    fn reads_cookies_as_the_requirements_say() {
        type Row = (&'static str, &'static [&'static [u8]], &'static [&'static [u8]]);
        let rows: [Row; 15] = [
            ("plain", &[b"sid=a"], &[b"a"]),
            ("among others", &[b"x=1; sid=a; y=2"], &[b"a"]),
            ("without the space", &[b"x=1;sid=a;y=2"], &[b"a"]),
            ("s14 several fields", &[b"x=1", b"sid=a", b"sid=b"], &[b"a", b"b"]),
            ("s15 a bad byte elsewhere", &[b"x=\xff\xfe; sid=a"], &[b"a"]),
            ("s15 a malformed pair", &[b"nonsense; ;;=; sid=a"], &[b"a"]),
            ("s16 utf-8 white space is part of a name", &[b"\xe2\x80\x80sid=a", b"\xc2\xa0sid=a"], &[]),
            ("s16 case matters", &[b"SID=a; Sid=a"], &[]),
            ("s16 tab is trimmed", &[b"\t sid=a\t"], &[b"a"]),
            ("s17 quotes are part of the value", &[b"sid=\"a\""], &[b"\"a\""]),
            ("s17 no $Version mode", &[b"$Version=1; sid=\"a; b\"; $Path=/"], &[b"\"a"]),
            ("s19 nameless", &[b"=sid=a", b"sid"], &[]),
            ("a longer name", &[b"xsid=a; sidx=a"], &[]),
            ("empty value", &[b"sid="], &[b""]),
            ("s18 order kept", &[b"sid=b; sid=a"], &[b"b", b"a"]),
        ];
        for (name, fields, expected) in rows {
            assert_eq!(found(fields), expected, "{name}");
        }
    }
}
