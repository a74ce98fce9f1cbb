use http::Request;
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};

use super::{
    Reason::{
        Absent, Ambiguous, Contradiction, CrossSite, ForeignOrigin, NoInitiator, OpaqueOrigin, SameSite,
    },
    Verdict::{Allowed, Refused},
    *,
};

type Fields<'a> = &'a [(&'a str, &'a str)];

const SHOP: &str = "https://shop.example";
const ADMIN: &str = "https://admin.shop.example";
const HOST_FIELD: (&str, &str) = ("host", "shop.example");

/// Nothing configured.
fn by_host() -> CrossOrigin {
    CrossOrigin::new()
}

/// A public origin and a trusted one.
fn by_origin() -> CrossOrigin {
    let (shop, admin) = (SHOP.parse().unwrap(), ADMIN.parse().unwrap());
    CrossOrigin::new().with_public_origin(shop).with_trusted_origin(admin)
}

fn verdict(policy: &CrossOrigin, method: &str, uri: &str, fields: Fields<'_>) -> Verdict {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in fields {
        request = request.header(*name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
    }
    let request = request.body(()).unwrap();
    let facts = Facts::of(request.method(), request.uri(), request.headers());
    assert_eq!(facts.is_checked, is_checked(request.method(), request.headers()));
    policy.decide(&facts)
}

#[track_caller]
fn decides(policy: &CrossOrigin, fields: Fields<'_>, expected: Verdict) {
    assert_eq!(verdict(policy, "POST", "/", fields), expected, "{policy:?} {fields:?}");
}

#[test]
fn s62_safe_methods_are_not_checked_and_all_others_are() {
    let hostile: Fields<'_> =
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), HOST_FIELD];
    let rows = [
        ("GET", false),
        ("HEAD", false),
        ("OPTIONS", false),
        ("POST", true),
        ("PUT", true),
        ("PATCH", true),
        ("DELETE", true),
        ("TRACE", true),
        ("QUERY", true),
        ("get", true),
        ("PROPFIND", true),
    ];
    for (method, checked) in rows {
        let expected = if checked { Refused(CrossSite) } else { Allowed };
        for policy in [by_host(), by_origin(), by_origin().strict()] {
            assert_eq!(verdict(&policy, method, "/", hostile), expected, "{method}");
        }
    }
}

#[test]
fn s67_upgrades_are_checked_like_a_post() {
    let upgrade = ("upgrade", "websocket");
    let rows: [(&str, Fields<'_>, Verdict); 7] = [
        ("GET", &[upgrade, HOST_FIELD, ("origin", SHOP)], Allowed),
        ("GET", &[upgrade, HOST_FIELD, ("origin", "https://evil.example")], Refused(ForeignOrigin)),
        ("GET", &[upgrade, HOST_FIELD, ("sec-fetch-site", "cross-site")], Refused(CrossSite)),
        ("GET", &[("upgrade", ""), HOST_FIELD, ("origin", "https://evil.example")], Refused(ForeignOrigin)),
        ("GET", &[("upgrade", "h2c"), HOST_FIELD], Allowed),
        ("HEAD", &[upgrade, HOST_FIELD, ("origin", "null")], Refused(OpaqueOrigin)),
        ("OPTIONS", &[upgrade, HOST_FIELD, ("origin", "null")], Refused(OpaqueOrigin)),
    ];
    for (method, fields, expected) in rows {
        assert_eq!(verdict(&by_host(), method, "/", fields), expected, "{method} {fields:?}");
    }
    // Extended CONNECT has its target whole, and no `Host` nor `Upgrade` (RFC 8441 §4).
    for (origin, expected) in [(SHOP, Allowed), ("https://evil.example", Refused(ForeignOrigin))] {
        let decided = verdict(&by_host(), "CONNECT", "https://shop.example/socket", &[("origin", origin)]);
        assert_eq!(decided, expected, "{origin}");
    }
}

#[test]
fn s71_a_preflight_passes() {
    let preflight: Fields<'_> =
        &[("origin", "https://evil.example"), ("access-control-request-method", "POST"), HOST_FIELD];
    assert_eq!(verdict(&by_origin().strict(), "OPTIONS", "/", preflight), Allowed);
}

#[test]
fn s62_the_browser_says_which_site_asks() {
    let rows: [(Fields<'_>, Verdict); 15] = [
        (&[("sec-fetch-site", "same-origin")], Allowed),
        (&[("sec-fetch-site", "none")], Allowed),
        (&[("sec-fetch-site", "same-site")], Refused(SameSite)),
        (&[("sec-fetch-site", "cross-site")], Refused(CrossSite)),
        (&[("sec-fetch-site", "Same-Origin")], Refused(CrossSite)),
        (&[("sec-fetch-site", "same-origin ")], Refused(CrossSite)),
        (&[("sec-fetch-site", "same-origin;x")], Refused(CrossSite)),
        (&[("sec-fetch-site", "same-origin, same-origin")], Refused(CrossSite)),
        (&[("sec-fetch-site", "null")], Refused(CrossSite)),
        (&[("sec-fetch-site", "sämé-origin")], Refused(CrossSite)),
        // This site's own origin does not help where the browser says that another asks.
        (&[("sec-fetch-site", "cross-site"), ("origin", SHOP)], Refused(CrossSite)),
        (&[("sec-fetch-site", "same-site"), ("origin", "http://shop.example")], Refused(SameSite)),
        (&[("sec-fetch-site", "cross-site"), ("origin", "null")], Refused(CrossSite)),
        // Nor does another one hurt, where it says that the site does; strict mode looks (S64).
        (&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], Allowed),
        (&[("sec-fetch-site", "none"), ("origin", "null")], Allowed),
    ];
    for (fields, expected) in rows {
        let with_host = [fields, &[HOST_FIELD]].concat();
        decides(&by_host(), &with_host, expected);
        decides(&by_origin(), &with_host, expected);
        decides(&by_origin(), fields, expected);
    }
}

#[test]
fn s62_a_trusted_origin_may_ask_from_another_site() {
    let allowed = [ADMIN, "https://ADMIN.shop.example", "https://admin.shop.example:443"];
    let refused = [
        "http://admin.shop.example",
        "https://admin.shop.example:8443",
        "https://admin.shop.example.",
        "https://admin.shop.example/",
        "https://a.admin.shop.example",
        "https://dmin.shop.example",
        "https://admin.shop.example.evil.example",
        "https://admin.shop.example https://evil.example",
        "admin.shop.example",
        "null",
        "",
    ];
    for policy in [by_origin(), by_origin().strict(), by_origin().insecure_report_only()] {
        for (site, reason) in [("cross-site", CrossSite), ("same-site", SameSite), ("new-site", CrossSite)] {
            for origin in allowed {
                decides(&policy, &[("sec-fetch-site", site), ("origin", origin)], Allowed);
            }
            for origin in refused {
                decides(&policy, &[("sec-fetch-site", site), ("origin", origin)], Refused(reason));
            }
            decides(&policy, &[("sec-fetch-site", site)], Refused(reason));
        }
    }
}

#[test]
fn s62_two_words_on_where_it_comes_from_are_refused() {
    let (same, cross) = (("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site"));
    let (shop, evil) = (("origin", SHOP), ("origin", "https://evil.example"));
    let rows: [(Fields<'_>, Verdict); 9] = [
        (&[same, same], Allowed),
        (&[cross, cross], Refused(CrossSite)),
        (&[same, cross], Refused(Ambiguous)),
        (&[cross, same], Refused(Ambiguous)),
        (&[same, same, cross], Refused(Ambiguous)),
        (&[same, ("sec-fetch-site", "")], Refused(Ambiguous)),
        (&[shop, evil], Refused(Ambiguous)),
        (&[shop, shop], Refused(Ambiguous)),
        (&[same, shop, evil], Refused(Ambiguous)),
    ];
    for (fields, expected) in rows {
        for policy in [by_host(), by_origin(), by_origin().strict(), by_origin().insecure_report_only()] {
            decides(&policy, &[fields, &[HOST_FIELD]].concat(), expected);
        }
    }
}

#[test]
fn s63_without_sec_fetch_site_the_origin_is_a_public_one_or_trusted() {
    let rows = [
        (SHOP, Allowed),
        ("https://shop.example:443", Allowed),
        ("HTTPS://SHOP.example", Allowed),
        (ADMIN, Allowed),
        ("http://shop.example", Refused(ForeignOrigin)),
        ("https://shop.example:8443", Refused(ForeignOrigin)),
        ("https://evil.example", Refused(ForeignOrigin)),
        ("https://shop.example.evil.example", Refused(ForeignOrigin)),
        ("https://evil.example/https://shop.example", Refused(ForeignOrigin)),
        ("chrome-extension://abcdef", Refused(ForeignOrigin)),
        ("shop.example", Refused(ForeignOrigin)),
        ("höp.example", Refused(ForeignOrigin)),
        ("", Refused(ForeignOrigin)),
        ("Null", Refused(ForeignOrigin)),
        ("null", Refused(OpaqueOrigin)),
    ];
    for (origin, expected) in rows {
        for policy in [by_origin(), by_origin().strict(), by_origin().insecure_report_only()] {
            decides(&policy, &[("origin", origin)], expected);
            decides(&policy, &[("origin", origin), ("sec-fetch-site", "")], expected);
            // The host is not asked: a proxy may have written what it likes.
            decides(&policy, &[("origin", origin), ("host", "evil.example")], expected);
        }
    }
    let two = by_origin().with_public_origin("https://shop.test".parse().unwrap());
    for origin in [SHOP, "https://shop.test"] {
        decides(&two, &[("origin", origin)], Allowed);
    }
}

#[test]
fn s63_without_a_public_origin_the_origin_is_where_the_request_went() {
    let rows = [
        (SHOP, "shop.example", Allowed),
        (SHOP, "Shop.Example:443", Allowed),
        ("https://shop.example:443", "shop.example", Allowed),
        ("http://shop.example", "shop.example", Allowed),
        ("http://shop.example", "shop.example:80", Allowed),
        ("http://[::1]:8080", "[::1]:8080", Allowed),
        (SHOP, "shop.example:80", Refused(ForeignOrigin)),
        (SHOP, "shop.example:8443", Refused(ForeignOrigin)),
        ("https://shop.example:8443", "shop.example", Refused(ForeignOrigin)),
        ("https://evil.example", "shop.example", Refused(ForeignOrigin)),
        (ADMIN, "shop.example", Refused(ForeignOrigin)),
        (SHOP, "", Refused(ForeignOrigin)),
        (SHOP, "shöp.example", Refused(ForeignOrigin)),
        ("null", "null", Refused(OpaqueOrigin)),
        ("", "", Refused(ForeignOrigin)),
    ];
    for (origin, host, expected) in rows {
        for policy in [by_host(), by_host().strict()] {
            decides(&policy, &[("origin", origin), ("host", host)], expected);
        }
    }
    let evil = ("host", "evil.example");
    decides(&by_host(), &[("origin", SHOP)], Refused(ForeignOrigin));
    decides(&by_host(), &[("origin", SHOP), HOST_FIELD, evil], Refused(ForeignOrigin));
    // What a proxy forwards is nobody's word.
    decides(
        &by_host(),
        &[("origin", SHOP), evil, ("x-forwarded-host", "shop.example")],
        Refused(ForeignOrigin),
    );
    let trusting = by_host().with_trusted_origin(ADMIN.parse().unwrap());
    decides(&trusting, &[("origin", ADMIN), HOST_FIELD], Allowed);
    decides(&trusting, &[("origin", SHOP), HOST_FIELD], Allowed);
}

#[test]
fn s63_the_authority_of_the_target_goes_before_host() {
    let rows = [
        ("https://shop.example/", "evil.example", Allowed),
        ("https://evil.example/", "shop.example", Refused(ForeignOrigin)),
        ("https://ada@shop.example/", "shop.example", Refused(ForeignOrigin)),
        ("/", "shop.example", Allowed),
    ];
    for (uri, host, expected) in rows {
        let decided = verdict(&by_host(), "POST", uri, &[("origin", SHOP), ("host", host)]);
        assert_eq!(decided, expected, "{uri} {host}");
    }
}

#[test]
fn s63_what_says_nothing_passes_unless_strict() {
    for silent in [&[][..], &[("sec-fetch-site", "")], &[HOST_FIELD]] {
        for policy in [by_host(), by_origin(), by_host().insecure_report_only()] {
            decides(&policy, silent, Allowed);
        }
        for policy in [by_host().strict(), by_origin().strict()] {
            decides(&policy, silent, Refused(Absent));
        }
    }
}

#[test]
fn s64_strict_mode_refuses_a_same_origin_that_the_origin_contradicts() {
    let same = ("sec-fetch-site", "same-origin");
    let by_origin_strict = [(SHOP, true), ("https://shop.example:443", true), (ADMIN, false)];
    let both =
        [("http://shop.example:8080", false), ("https://evil.example", false), ("null", false), ("", false)];
    for (origin, agrees) in by_origin_strict.into_iter().chain(both) {
        let expected = if agrees { Allowed } else { Refused(Contradiction) };
        decides(&by_origin().strict(), &[same, ("origin", origin), ("host", "evil.example")], expected);
        decides(&by_host().strict(), &[same, ("origin", origin), HOST_FIELD], expected);
        decides(&by_origin(), &[same, ("origin", origin)], Allowed);
        decides(&by_origin().insecure_report_only(), &[same, ("origin", origin)], Allowed);
    }
    for policy in [by_origin().strict(), by_host().strict()] {
        decides(&policy, &[same], Allowed);
        decides(&policy, &[("sec-fetch-site", "none")], Refused(NoInitiator));
        decides(&policy, &[("sec-fetch-site", "none"), ("origin", SHOP), HOST_FIELD], Refused(NoInitiator));
    }
    decides(&by_host().strict(), &[same, ("origin", SHOP)], Refused(Contradiction));
}

#[test]
fn s70_report_mode_decides_as_the_default_does() {
    let sites = ["same-origin", "same-site", "cross-site", "none", ""];
    let origins = [SHOP, ADMIN, "https://evil.example", "null", ""];
    for (site, origin) in sites.into_iter().flat_map(|site| origins.map(|origin| (site, origin))) {
        let fields = [("sec-fetch-site", site), ("origin", origin), HOST_FIELD];
        for policy in [by_host(), by_origin()] {
            let expected = verdict(&policy, "POST", "/", &fields);
            decides(&policy.insecure_report_only(), &fields, expected);
        }
    }
}

#[test]
fn s90_each_reason_has_its_own_stable_name() {
    let rows = [
        (CrossSite, "cross_site"),
        (SameSite, "same_site"),
        (ForeignOrigin, "foreign_origin"),
        (OpaqueOrigin, "opaque_origin"),
        (Contradiction, "contradiction"),
        (NoInitiator, "no_initiator"),
        (Absent, "absent"),
        (Ambiguous, "ambiguous"),
    ];
    for (reason, name) in rows {
        assert_eq!(reason.name(), name);
    }
}

/// Values that are nearly right, and bytes that are nothing.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let known = select(vec![
        "same-origin",
        "same-site",
        "cross-site",
        "none",
        "null",
        "",
        SHOP,
        ADMIN,
        "https://evil.example",
        "shop.example",
        "shop.example:443",
        "[::1]:80",
        "http://[::1",
        "https://shop.example:99999",
    ]);
    prop_oneof![
        3 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => "https?://[a-z.:@\\[\\]0-9/*]{0,20}".prop_map(String::into_bytes),
        1 => vec(any::<u8>(), 0..24),
    ]
}

fn headers() -> impl Strategy<Value = HeaderMap> {
    let name = select(vec!["sec-fetch-site", "origin", "host"]);
    vec((name, value()), 0..6).prop_map(|fields| {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                headers.append(name, value);
            }
        }
        headers
    })
}

fn policy() -> impl Strategy<Value = CrossOrigin> {
    let origins = select(vec![by_host(), by_origin()]);
    (origins, 0..3).prop_map(|(policy, mode)| match mode {
        0 => policy,
        1 => policy.strict(),
        _ => policy.insecure_report_only(),
    })
}

#[test]
fn s62_no_header_panics_and_a_get_always_passes() {
    let methods = select(vec!["GET", "HEAD", "OPTIONS", "POST", "CONNECT", "x"]);
    let uris = select(vec!["/", "https://shop.example/", "http://ada@[::1]:80/", "*"]);
    let mut runner = TestRunner::new(cases(4_000));
    runner
        .run(&(policy(), methods, uris, headers()), |(policy, method, uri, headers)| {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let verdict = policy.decide(&Facts::of(&method, &uri.parse().unwrap(), &headers));
            let safe = matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS");
            prop_assert!(!safe || verdict == Allowed);
            Ok(())
        })
        .unwrap();
}

#[test]
fn s63_an_origin_that_is_not_listed_never_passes_without_the_browsers_word() {
    let listed = [
        ("https", "shop.example", ""),
        ("https", "shop.example", ":443"),
        ("https", "admin.shop.example", ""),
        ("https", "admin.shop.example", ":443"),
    ];
    let schemes = select(vec!["https", "http", "HTTPS", "ftp", ""]);
    let hosts = select(vec![
        "shop.example",
        "Shop.Example",
        "admin.shop.example",
        "evil.example",
        "shop.example.",
        "[::1]",
        "*",
        "shop.example@evil.example",
        "evil.example#shop.example",
        "",
    ]);
    let ports = select(vec!["", ":443", ":80", ":0443", ":", "/", "/https://shop.example"]);
    let mut runner = TestRunner::new(cases(4_000));
    runner
        .run(&(policy(), schemes, hosts, ports, headers()), |(policy, scheme, host, port, mut headers)| {
            let says = |word| headers.get_all("sec-fetch-site").iter().any(|value| value == word);
            let vouched_for = says("same-origin") || says("none");
            let origin = format!("{scheme}://{host}{port}");
            headers.insert(ORIGIN, origin.parse().unwrap());
            let (scheme, host) = (scheme.to_ascii_lowercase(), host.to_ascii_lowercase());
            let is_listed = listed.contains(&(&scheme, &host, port));
            let configured = !policy.public_origins().is_empty();
            let verdict = policy.decide(&Facts::of(&Method::POST, &Uri::from_static("/"), &headers));
            prop_assert!(!configured || is_listed || vouched_for || verdict != Allowed, "{}", origin);
            Ok(())
        })
        .unwrap();
}

/// So many cases, or as many as `PROPTEST_CASES` says if that is more.
fn cases(at_least: u32) -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.max(at_least), ..config }
}
