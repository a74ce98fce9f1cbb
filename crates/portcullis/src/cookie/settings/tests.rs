use super::*;

fn text(value: &HeaderValue) -> &str {
    value.to_str().unwrap()
}

#[test]
fn s1_s3_the_default_cookie() {
    let set = CookieSettings::default().set("v", None);
    assert_eq!(text(&set), "__Host-Http-sid=v; HttpOnly; SameSite=Lax; Secure; Path=/");
}

#[test]
fn s2_a_prefix_cannot_contradict_the_attributes() {
    for name in ["__Host-sid", "__host-sid", "__Secure-sid", "__Http-sid", "__HOST-HTTP-sid"] {
        assert_eq!(CookieSettings::named(name), Err(ConfigError::CookieName(name.to_owned())));
    }
    let plain = CookieSettings::named("sid").and_then(CookieSettings::insecure_plain_http).unwrap();
    assert_eq!(text(&plain.set("v", None)), "sid=v; HttpOnly; SameSite=Lax; Path=/");
}

#[test]
fn s2_the_prefix_follows_from_scope_and_transport_in_any_order() {
    type Setting = fn(CookieSettings) -> Result<CookieSettings, ConfigError>;
    let shared: Setting = |cookie| cookie.shared_with_subdomains("Example.COM");
    let plain: Setting = CookieSettings::insecure_plain_http;
    let strict: Setting = |cookie| Ok(cookie.with_same_site(SameSite::Strict));
    let rows: [(&[Setting], &str); 8] = [
        (&[], "__Host-Http-cart=v; HttpOnly; SameSite=Lax; Secure; Path=/"),
        (&[shared], "__Secure-cart=v; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com"),
        (&[shared, shared], "__Secure-cart=v; HttpOnly; SameSite=Lax; Secure; Path=/; Domain=example.com"),
        (&[plain], "cart=v; HttpOnly; SameSite=Lax; Path=/"),
        (&[plain, plain], "cart=v; HttpOnly; SameSite=Lax; Path=/"),
        (&[shared, plain], "cart=v; HttpOnly; SameSite=Lax; Path=/; Domain=example.com"),
        (&[plain, shared], "cart=v; HttpOnly; SameSite=Lax; Path=/; Domain=example.com"),
        (&[shared, strict], "__Secure-cart=v; HttpOnly; SameSite=Strict; Secure; Path=/; Domain=example.com"),
    ];
    for (settings, expected) in rows {
        let cart = CookieSettings::named("cart");
        let cookie = settings.iter().fold(cart, |cookie, set| cookie.and_then(set)).unwrap();
        assert_eq!(text(&cookie.set("v", None)), expected);
        assert_eq!(expected.split('=').next(), Some(cookie.name()));
    }
}

#[test]
fn s2_a_domain_is_a_name_that_hosts_can_be_under() {
    let label = "a".repeat(63);
    let longest = format!("{label}.{label}.{label}.{}", "a".repeat(61));
    for domain in ["example.com", "Shop.Example.com", "a.b", "xn--bcher-kva.example", "1.example", &longest] {
        assert!(CookieSettings::default().shared_with_subdomains(domain).is_ok(), "{domain:?}");
    }
    let too_long = format!("{longest}a");
    let long_label = format!("{label}a.example");
    for domain in [
        "",
        ".",
        "com",
        "localhost",
        ".example.com",
        "example.com.",
        "example..com",
        "-a.example",
        "a-.example",
        "a_b.example",
        "*.example.com",
        "bücher.example",
        "example.com:443",
        "https://example.com",
        "example.com; Path=/x",
        "example.com\n",
        " example.com",
        "127.0.0.1",
        "1.2",
        "[::1]",
        "::1.2",
        &too_long,
        &long_label,
    ] {
        let refused = CookieSettings::default().shared_with_subdomains(domain);
        assert_eq!(refused, Err(ConfigError::CookieDomain(domain.to_owned())));
    }
}

#[test]
fn s4_cross_site_needs_secure_in_either_order() {
    let cross = CookieSettings::default().insecure_cross_site().unwrap();
    assert!(text(&cross.set("v", None)).contains("SameSite=None; Secure"));
    assert_eq!(cross.insecure_plain_http(), Err(ConfigError::CrossSiteOverHttp));
    let plain = CookieSettings::default().insecure_plain_http().unwrap();
    assert_eq!(plain.insecure_cross_site(), Err(ConfigError::CrossSiteOverHttp));
}

#[test]
fn s4_partitioned_needs_secure_in_either_order() {
    let partitioned = CookieSettings::default().partitioned().unwrap();
    let expected = "__Host-Http-sid=v; HttpOnly; SameSite=Lax; Partitioned; Secure; Path=/";
    assert_eq!(text(&partitioned.set("v", None)), expected);
    assert_eq!(partitioned.insecure_plain_http(), Err(ConfigError::PartitionedOverHttp));
    let plain = CookieSettings::default().insecure_plain_http().unwrap();
    assert_eq!(plain.partitioned(), Err(ConfigError::PartitionedOverHttp));
}

#[test]
fn s6_a_name_is_a_token() {
    for name in ["", "a b", "a=b", "a;b", "a\u{e9}", "a\n", &"a".repeat(65)] {
        assert!(CookieSettings::named(name).is_err(), "{name:?}");
    }
}

#[test]
fn s10_a_lifetime_is_in_whole_seconds_and_at_most_400_days() {
    let rows = [
        (Duration::ZERO, "0"),
        (Duration::from_millis(999), "1"),
        (Duration::from_secs(1), "1"),
        (Duration::from_millis(1_001), "2"),
        (Duration::from_secs(34_560_000), "34560000"),
        (Duration::from_millis(34_560_000_001), "34560000"),
        (Duration::MAX, "34560000"),
    ];
    for (lifetime, expected) in rows {
        let set = CookieSettings::default().set("v", Some(lifetime));
        assert_eq!(text(&set).split("; Max-Age=").nth(1), Some(expected), "{lifetime:?}");
    }
}

#[test]
fn s10_a_lifetime_that_browsers_cut_is_known_for_one() {
    let just_more = LONGEST_LIFETIME + Duration::from_nanos(1);
    assert_eq!(LONGEST_LIFETIME, Duration::from_secs(400 * 24 * 3_600));
    assert_eq!(clamped(Duration::ZERO), (Duration::ZERO, false));
    assert_eq!(clamped(LONGEST_LIFETIME), (LONGEST_LIFETIME, false));
    assert_eq!(clamped(just_more), (LONGEST_LIFETIME, true));
}

#[test]
fn s11_deletion_repeats_all_that_it_was_set_with() {
    let default = CookieSettings::default;
    let rows = [
        default().shared_with_subdomains("example.com"),
        default().partitioned(),
        default().insecure_cross_site().and_then(CookieSettings::partitioned),
        default().insecure_plain_http(),
        Ok(default().with_same_site(SameSite::Strict)),
    ];
    for cookie in rows.map(Result::unwrap) {
        let set = cookie.set("", None);
        let expected = format!("{}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT", text(&set));
        assert_eq!(text(&cookie.delete()), expected);
    }
}

#[test]
fn s11_deletion_repeats_the_attributes() {
    let delete = CookieSettings::default().delete();
    let expected = "__Host-Http-sid=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0; \
                    Expires=Thu, 01 Jan 1970 00:00:00 GMT";
    assert_eq!(text(&delete), expected);
}

#[test]
fn s13_the_field_is_sensitive() {
    assert!(CookieSettings::default().set("v", None).is_sensitive());
}
