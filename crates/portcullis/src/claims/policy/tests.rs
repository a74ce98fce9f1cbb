//! Every rule at its boundaries, under a clock that is held, for JWT and PASETO apart.

use super::*;
use crate::{
    claims::{date::write_date_time, verified::VerifiedToken},
    keyring::KeyId,
};

const ISSUER: &str = "https://id.example";
const API: &str = "https://api.example";
/// 2026-01-02T03:04:05Z.
const NOW: u64 = 1_767_323_045;
const FORMS: [Form; 2] = [Form::Jwt, Form::Paseto];
const LEEWAY_MILLIS: i64 = 30_000;

/// Claims that are accepted at `NOW`, and then changed.
#[derive(Clone)]
struct Token {
    form: Form,
    members: Vec<(String, String)>,
}

impl Token {
    fn new(form: Form) -> Self {
        Self { form, members: Vec::new() }
            .with("iss", &format!("{ISSUER:?}"))
            .with("aud", &format!("{API:?}"))
            .dated("exp", NOW + 600)
    }

    /// With `value`, which is JSON.
    fn with(mut self, name: &str, value: &str) -> Self {
        self = self.without(name);
        self.members.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.members.retain(|(had, _)| had != name);
        self
    }

    fn dated(self, name: &str, seconds: u64) -> Self {
        let date = self.form.written(seconds, "");
        self.with(name, &date)
    }

    fn json(&self) -> String {
        let members: Vec<String> =
            self.members.iter().map(|(name, value)| format!("{name:?}:{value}")).collect();
        format!("{{{}}}", members.join(","))
    }

    /// What `policy` says of it so long after `NOW`: everybody who asks is told the same.
    fn at(&self, policy: &ClaimsPolicy, millis: i64) -> String {
        let now = Timestamp::from_unix_millis((NOW * 1000).checked_add_signed(millis).unwrap());
        told(policy, self.form, &self.json(), now)
    }

    fn now(&self, policy: &ClaimsPolicy) -> String {
        self.at(policy, 0)
    }
}

impl Form {
    /// A date with a fraction, like `.5`.
    fn written(self, seconds: u64, fraction: &str) -> String {
        match self {
            Self::Jwt => format!("{seconds}{fraction}"),
            Self::Paseto => {
                let date = write_date_time(Timestamp::from_unix_seconds(seconds));
                format!("\"{}{fraction}Z\"", date.trim_end_matches('Z'))
            }
        }
    }
}

fn policy() -> ClaimsPolicy {
    ClaimsPolicy::new(ISSUER, API)
}

fn told(policy: &ClaimsPolicy, form: Form, claims: &str, now: Timestamp) -> String {
    let objections = policy.objections(claims, form.credential(), now);
    let admitted = VerifiedToken::admit(policy, form, KeyId::new("a"), claims.to_owned(), now);
    assert_eq!(admitted.err().as_ref(), objections.first());
    objections.first().map_or_else(|| "accepted".to_owned(), in_words)
}

fn in_words(error: &TokenError) -> String {
    match error.claim() {
        Some(claim) => format!("{} {claim}", error.reason()),
        None => error.reason().to_owned(),
    }
}

#[track_caller]
fn says(policy: &ClaimsPolicy, token: &Token, rows: &[(i64, &str)]) {
    for (millis, expected) in rows {
        assert_eq!(token.at(policy, *millis), *expected, "{} {millis} ms after now", token.json());
    }
}

#[test]
fn t46_an_expired_jwt_is_refused_at_its_end_and_a_paseto_after_it() {
    for leeway in [0, 1, 30, 300] {
        let policy = policy().with_leeway(Duration::from_secs(leeway)).unwrap();
        let end = i64::try_from(leeway).unwrap() * 1000;
        let jwt = Token::new(Form::Jwt).dated("exp", NOW);
        says(&policy, &jwt, &[(end - 1, "accepted"), (end, "expired"), (end + 1, "expired")]);
        let paseto = Token::new(Form::Paseto).dated("exp", NOW);
        says(&policy, &paseto, &[(end - 1, "accepted"), (end, "accepted"), (end + 1, "expired")]);
    }
}

#[test]
fn t47_a_part_of_a_second_does_not_put_the_end_off() {
    let policy = policy().with_leeway(Duration::ZERO).unwrap();
    let jwt = Token::new(Form::Jwt).with("exp", &Form::Jwt.written(NOW, ".9"));
    says(&policy, &jwt, &[(-1, "accepted"), (0, "expired")]);
    let paseto = Token::new(Form::Paseto).with("exp", &Form::Paseto.written(NOW, ".9"));
    says(&policy, &paseto, &[(0, "accepted"), (1, "expired")]);
    for form in FORMS {
        let nbf = Token::new(form).with("nbf", &form.written(NOW, ".1"));
        says(&policy, &nbf, &[(0, "not_yet_valid"), (999, "not_yet_valid"), (1000, "accepted")]);
        let iat = Token::new(form).with("iat", &form.written(NOW, ".1"));
        says(&policy, &iat, &[(0, "issued_in_future"), (999, "issued_in_future"), (1000, "accepted")]);
    }
}

#[test]
fn t47_an_end_is_required_and_is_a_date_of_its_format() {
    for form in FORMS {
        assert_eq!(Token::new(form).without("exp").now(&policy()), "missing_claim exp");
        let eternal = policy().insecure_without_expiry();
        assert_eq!(Token::new(form).without("exp").now(&eternal), "accepted");
        // Who accepts what never ends refuses what has ended.
        assert_eq!(Token::new(form).dated("exp", NOW - 31).now(&eternal), "expired");
        for name in ["exp", "nbf", "iat"] {
            let other = if form == Form::Jwt { Form::Paseto } else { Form::Jwt };
            let of_the_other_format = other.written(NOW, "");
            for wrong in [
                "null",
                "true",
                "{}",
                "[]",
                "\"\"",
                "\"1767323045\"",
                "-1",
                "-0",
                "1e400",
                "253402300800",
                "123456789012345678901234567890",
                &of_the_other_format,
                &format!("[{}]", form.written(NOW, "")),
            ] {
                let told = Token::new(form).with(name, wrong).now(&eternal);
                assert_eq!(told, format!("claims {name}"), "{form:?} {wrong}");
            }
        }
    }
}

#[test]
fn t48_what_has_not_begun_is_refused_and_what_was_made_in_the_future() {
    for form in FORMS {
        for (name, reason) in [("nbf", "not_yet_valid"), ("iat", "issued_in_future")] {
            let token = Token::new(form).dated(name, NOW);
            let rows = [(-LEEWAY_MILLIS - 1, reason), (-LEEWAY_MILLIS, "accepted"), (0, "accepted")];
            says(&policy(), &token, &rows);
            let exact = policy().with_leeway(Duration::ZERO).unwrap();
            says(&exact, &token, &[(-1, reason), (0, "accepted"), (1, "accepted")]);
            assert_eq!(Token::new(form).dated(name, 0).now(&policy()), "accepted", "{name}");
        }
    }
}

#[test]
fn t49_the_leeway_is_thirty_seconds_and_at_most_five_minutes() {
    assert_eq!(policy().0.leeway, Duration::from_secs(30));
    for accepted in [Duration::ZERO, Duration::from_nanos(1), Duration::from_secs(300)] {
        assert_eq!(policy().with_leeway(accepted).unwrap().0.leeway, accepted);
    }
    for refused in [
        Duration::from_secs(300) + Duration::from_nanos(1),
        Duration::from_secs(301),
        Duration::from_secs(u64::MAX),
        Duration::MAX,
    ] {
        assert_eq!(policy().with_leeway(refused).unwrap_err(), ConfigError::Leeway(refused));
    }
}

#[test]
fn t50_no_duration_and_no_instant_overflows() {
    let instants = [0, 1, NOW * 1000, u64::MAX - 1, u64::MAX].map(Timestamp::from_unix_millis);
    let longest =
        [Duration::ZERO, Duration::from_secs(u64::MAX), Duration::from_millis(u64::MAX), Duration::MAX];
    let latest = 253_402_300_799;
    for form in FORMS {
        for date in [0, NOW, latest] {
            let token = ["exp", "nbf", "iat"]
                .into_iter()
                .fold(Token::new(form), |token, name| token.dated(name, date));
            for now in instants {
                for most in longest {
                    let policy =
                        policy().with_leeway(MOST_LEEWAY).unwrap().with_max_age(most).with_max_lifetime(most);
                    let told = told(&policy, form, &token.json(), now);
                    let leeway = 300_000;
                    let date = date * 1000;
                    let expected = if now.unix_millis() >= date + leeway {
                        "expired"
                    } else if most == Duration::ZERO && date > now.unix_millis() + leeway {
                        "lives_too_long"
                    } else if date > now.unix_millis() + leeway {
                        "not_yet_valid"
                    } else {
                        "accepted"
                    };
                    assert_eq!(told, expected, "{} at {now:?}, at most {most:?}", token.json());
                }
            }
        }
    }
}

#[test]
fn t51_an_age_has_an_end_where_one_is_set() {
    let limited = policy().with_max_age(Duration::from_secs(100));
    for form in FORMS {
        let token = Token::new(form).dated("iat", NOW);
        let end = 100_000 + LEEWAY_MILLIS;
        says(&limited, &token, &[(0, "accepted"), (end, "accepted"), (end + 1, "too_old")]);
        says(&limited, &Token::new(form), &[(0, "missing_claim iat")]);
        // None is set.
        assert_eq!(Token::new(form).dated("iat", 0).now(&policy()), "accepted");
    }
}

/// Rounded up, a token of the second of a revocation would seem to be younger than it.
#[test]
fn t47_t51_a_part_of_a_second_makes_no_token_younger() {
    let policy = policy().with_leeway(Duration::ZERO).unwrap().with_max_age(Duration::from_secs(100));
    for form in FORMS {
        let token = Token::new(form).with("iat", &form.written(NOW, ".9"));
        let rows = [(0, "issued_in_future"), (1000, "accepted"), (100_000, "accepted"), (100_001, "too_old")];
        says(&policy, &token, &rows);
        let now = Timestamp::from_unix_seconds(NOW + 1);
        let admitted = VerifiedToken::admit(&policy, form, KeyId::new("a"), token.json(), now).unwrap();
        assert_eq!(admitted.issued_at(), Some(Timestamp::from_unix_seconds(NOW)));
    }
}

#[test]
fn t51_a_lifetime_has_an_end_where_one_is_set() {
    let limited = policy().with_max_lifetime(Duration::from_secs(100));
    for form in FORMS {
        let token = Token::new(form).dated("exp", NOW + 100);
        let earliest = -LEEWAY_MILLIS;
        let rows = [(earliest - 1, "lives_too_long"), (earliest, "accepted"), (0, "accepted")];
        says(&limited, &token, &rows);
        // Who sets one accepts nothing without an end, whatever else was said.
        let limited = limited.clone().insecure_without_expiry();
        assert_eq!(Token::new(form).without("exp").now(&limited), "missing_claim exp");
        assert_eq!(Token::new(form).dated("exp", 253_402_300_799).now(&policy()), "accepted");
    }
}

#[test]
fn t43_t45_an_issuer_is_a_string_and_is_ours_byte_for_byte() {
    for form in FORMS {
        assert_eq!(Token::new(form).without("iss").now(&policy()), "missing_claim iss");
        for wrong in
            ["null", "1", "true", "{}", "[]", "[\"https://id.example\"]", "{\"https://id.example\":1}"]
        {
            assert_eq!(Token::new(form).with("iss", wrong).now(&policy()), "claims iss", "{wrong}");
        }
        for other in [
            "",
            "https://id.example/",
            "https://id.exampl",
            "https://id.example.evil.example",
            "HTTPS://id.example",
            "https://ID.example",
            "http://id.example",
            "https://id.example:443",
            " https://id.example",
            "https://id.example ",
            "https://id.example\\u0000",
            "https://id.ex\\u0430mple",
            "id.example",
            "*",
        ] {
            let told = Token::new(form).with("iss", &format!("\"{other}\"")).now(&policy());
            assert_eq!(told, "issuer", "{other}");
        }
        let escaped = "\"https:\\/\\/id\\u002eexample\"";
        assert_eq!(Token::new(form).with("iss", escaped).now(&policy()), "accepted");
    }
    let with_a_slash = ClaimsPolicy::new("https://tenant.eu.auth0.com/", API);
    let without = Token::new(Form::Jwt).with("iss", "\"https://tenant.eu.auth0.com\"");
    assert_eq!(without.now(&with_a_slash), "issuer");
}

#[test]
fn t43_t44_an_audience_is_a_string_or_strings_and_one_is_ours() {
    let rows: [(&str, &str, &str); 24] = [
        // What it is, in a JWT, in a PASETO.
        ("\"https://api.example\"", "accepted", "accepted"),
        ("\"https:\\/\\/api\\u002Eexample\"", "accepted", "accepted"),
        ("[\"https://api.example\"]", "accepted", "claims aud"),
        ("[\"https://id.example/userinfo\",\"https://api.example\"]", "accepted", "claims aud"),
        ("[\"https://api.example\",\"https://api.example\"]", "accepted", "claims aud"),
        ("[ \"\\u0068ttps://api.example\" ]", "accepted", "claims aud"),
        ("[\"https://other.example\",\"\"]", "audience", "claims aud"),
        ("\"\"", "audience", "audience"),
        ("\"https://api.example/\"", "audience", "audience"),
        ("\"https://API.example\"", "audience", "audience"),
        ("\"https://api.exampl\"", "audience", "audience"),
        ("\"https://api.example \"", "audience", "audience"),
        ("\"https://other.example https://api.example\"", "audience", "audience"),
        ("\"[\\\"https://api.example\\\"]\"", "audience", "audience"),
        ("\"*\"", "audience", "audience"),
        ("null", "claims aud", "claims aud"),
        ("5", "claims aud", "claims aud"),
        ("false", "claims aud", "claims aud"),
        ("{\"https://api.example\":true}", "claims aud", "claims aud"),
        ("[]", "claims aud", "claims aud"),
        ("[\"https://api.example\",5]", "claims aud", "claims aud"),
        ("[\"https://api.example\",null]", "claims aud", "claims aud"),
        ("[\"https://api.example\",[\"https://api.example\"]]", "claims aud", "claims aud"),
        ("[[\"https://api.example\"]]", "claims aud", "claims aud"),
    ];
    for (audience, jwt, paseto) in rows {
        assert_eq!(Token::new(Form::Jwt).with("aud", audience).now(&policy()), jwt, "{audience}");
        assert_eq!(Token::new(Form::Paseto).with("aud", audience).now(&policy()), paseto, "{audience}");
    }
    for form in FORMS {
        assert_eq!(Token::new(form).without("aud").now(&policy()), "missing_claim aud");
    }
}

#[test]
fn t43_further_audiences_widen_and_none_is_asked_for_only_by_name() {
    for form in FORMS {
        let other = Token::new(form).with("aud", "\"https://other.example\"");
        assert_eq!(other.now(&policy()), "audience");
        assert_eq!(other.now(&policy().or_audience("https://other.example")), "accepted");
        assert_eq!(Token::new(form).now(&policy().or_audience("https://other.example")), "accepted");
        let whomever = ClaimsPolicy::insecure_without_audience(ISSUER);
        assert_eq!(other.now(&whomever), "accepted");
        assert_eq!(other.clone().without("aud").now(&whomever), "accepted");
        // It is read all the same.
        assert_eq!(other.clone().with("aud", "5").now(&whomever), "claims aud");
        // And the one that is named then is required.
        let named = whomever.or_audience(API);
        assert_eq!(other.now(&named), "audience");
        assert_eq!(other.without("aud").now(&named), "missing_claim aud");
    }
}

#[test]
fn a_token_that_is_bound_to_a_key_is_no_bearer_token() {
    for form in FORMS {
        for bound in [
            "{\"jkt\":\"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}",
            "{\"x5t#S256\":\"bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2\"}",
            "{\"unheard-of\":1}",
            "{}",
            "null",
            "\"\"",
            "false",
        ] {
            assert_eq!(Token::new(form).with("cnf", bound).now(&policy()), "key_bound", "{bound}");
        }
        let escaped = Token::new(form).json().replacen('{', "{\"\\u0063nf\":{},", 1);
        let told = told(&policy(), form, &escaped, Timestamp::from_unix_seconds(NOW));
        assert_eq!(told, "key_bound");
    }
}

#[test]
fn t52_what_is_required_is_there_and_is_not_null() {
    let policy = policy().require("tenant").require("a\"b");
    for form in FORMS {
        let token = Token::new(form);
        assert_eq!(token.now(&policy), "missing_claim tenant");
        assert_eq!(token.clone().with("tenant", "null").now(&policy), "missing_claim tenant");
        assert_eq!(token.clone().with("Tenant", "1").now(&policy), "missing_claim tenant");
        assert_eq!(token.clone().with("x", "{\"tenant\":1}").now(&policy), "missing_claim tenant");
        for value in ["0", "\"\"", "false", "[]", "{}"] {
            let token = token.clone().with("tenant", value);
            assert_eq!(token.now(&policy), "missing_claim a\"b", "{value}");
            assert_eq!(token.with("a\"b", value).now(&policy), "accepted", "{value}");
        }
        let escaped = token.with("a\"b", "1").json().replacen('{', "{\"ten\\u0061nt\":1,", 1);
        assert_eq!(told(&policy, form, &escaped, Timestamp::from_unix_seconds(NOW)), "accepted");
    }
}

#[test]
fn t52_what_is_required_and_read_here_is_of_its_type() {
    for form in FORMS {
        let all = ["iss", "sub", "jti", "client_id", "aud", "exp", "nbf", "iat", "auth_time"];
        let policy = ClaimsPolicy::insecure_without_audience(ISSUER).insecure_without_expiry();
        let policy = all.into_iter().fold(policy, ClaimsPolicy::require);
        let token = ["nbf", "iat", "auth_time"]
            .into_iter()
            .fold(Token::new(form), |token, name| token.dated(name, NOW));
        let token =
            ["sub", "jti", "client_id"].into_iter().fold(token, |token, name| token.with(name, "\"x\""));
        assert_eq!(token.now(&policy), "accepted");
        assert_eq!(token.clone().with("sub", "\"\"").now(&policy), "missing_claim sub");
        for name in all {
            let told = token.clone().without(name).now(&policy);
            assert_eq!(told, format!("missing_claim {name}"), "{form:?}");
        }
        let undated = token.with("auth_time", "\"yesterday\"");
        assert_eq!(undated.now(&policy), "missing_claim auth_time");
    }
}

#[test]
fn t53_an_access_token_of_rfc_9068_has_all_its_claims() {
    let strict = ClaimsPolicy::access_token_rfc9068(ISSUER, API);
    assert_eq!((strict.typing(), policy().typing()), (Typing::AccessToken, Typing::Common));
    for form in FORMS {
        let token = Token::new(form)
            .dated("iat", NOW)
            .with("sub", "\"ada\"")
            .with("client_id", "\"s6BhdRkqt3\"")
            .with("jti", "\"dbe39bf3a3ba4238a513f51d6e1691c4\"");
        assert_eq!(token.now(&strict), "accepted");
        for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
            let told = token.clone().without(name).now(&strict);
            assert_eq!(told, format!("missing_claim {name}"), "{form:?}");
        }
        // Elsewhere it merely informs; here it is what was asked for, or is not there.
        for wrong in ["null", "7", "{}", "[\"s6BhdRkqt3\"]"] {
            let told = token.clone().with("client_id", wrong).now(&strict);
            assert_eq!(told, "missing_claim client_id", "{wrong}");
        }
        // What an OpenID provider's id token has not.
        assert_eq!(token.clone().without("client_id").now(&policy()), "accepted");
    }
}

#[test]
fn what_names_its_owner_or_itself_is_a_string() {
    for form in FORMS {
        for name in ["sub", "jti"] {
            for wrong in ["null", "7", "true", "{}", "[]", "[\"ada\"]"] {
                let told = Token::new(form).with(name, wrong).now(&policy());
                assert_eq!(told, format!("claims {name}"), "{wrong}");
            }
            assert_eq!(Token::new(form).with(name, "\"\"").now(&policy()), "accepted");
        }
        for name in ["auth_time", "amr", "roles", "scope", "scp", "client_id", "azp", "nonce"] {
            for odd in
                ["null", "-7", "true", "{\"a\":[]}", "[]", "[1]", "\"2020-05-06T13:55:24.881Z\"", "1e400"]
            {
                let told = Token::new(form).with(name, odd).now(&policy());
                assert_eq!(told, "accepted", "{name} {odd}");
            }
        }
    }
}

#[test]
fn t17_t18_t19_what_is_no_object_with_unique_names_claims_nothing() {
    let now = Timestamp::from_unix_seconds(NOW);
    for form in FORMS {
        let claims = Token::new(form).json();
        assert_eq!(told(&policy(), form, &claims, now), "accepted");
        let inside = claims.trim_matches(['{', '}']);
        for wrong in [
            String::new(),
            "null".to_owned(),
            format!("[{claims}]"),
            format!("\u{feff}{claims}"),
            format!("{claims}{claims}"),
            format!("{{{inside},\"exp\":{}}}", form.written(NOW + 600, "")),
            format!("{{{inside},\"\\u0065xp\":{}}}", form.written(NOW + 600, "")),
            format!("{{{inside},\"x\":{{\"a\":1,\"a\":1}}}}"),
            format!("{{{inside},\"x\":\"\\ud800\"}}"),
            format!("{{{inside},\"x\":{}{}}}", "[".repeat(32), "]".repeat(32)),
        ] {
            assert_eq!(told(&policy(), form, &wrong, now), "claims", "{wrong}");
        }
        // In other white space and another order it is the same.
        let spaced = format!(" {{ \"x\" : [ {{ }} ] , {inside} }}\r\n");
        assert_eq!(told(&policy(), form, &spaced, now), "accepted");
    }
}

#[test]
fn objections_are_told_in_their_order_and_all_of_them() {
    let policy = policy()
        .with_max_age(Duration::from_secs(60))
        .with_max_lifetime(Duration::from_secs(60))
        .require("tenant")
        .require("region");
    for form in FORMS {
        let objections = |token: &Token| {
            let now = Timestamp::from_unix_seconds(NOW);
            let objections = policy.objections(&token.json(), form.credential(), now);
            objections.iter().map(in_words).collect::<Vec<_>>()
        };
        let empty = Token { form, members: Vec::new() };
        let missing =
            ["exp", "iss", "aud", "iat", "tenant", "region"].map(|name| format!("missing_claim {name}"));
        assert_eq!(objections(&empty), missing);
        let wrong = Token::new(form)
            .dated("exp", NOW - 60)
            .dated("nbf", NOW + 60)
            .dated("iat", NOW + 60)
            .with("iss", "\"x\"")
            .with("aud", "\"x\"")
            .with("cnf", "{}")
            .with("region", "1");
        let all = [
            "expired",
            "not_yet_valid",
            "issued_in_future",
            "issuer",
            "audience",
            "key_bound",
            "missing_claim tenant",
        ];
        assert_eq!(objections(&wrong), all);
        let old = wrong.dated("iat", NOW - 91).dated("exp", NOW + 91).without("nbf").without("cnf");
        let all = ["lives_too_long", "issuer", "audience", "too_old", "missing_claim tenant"];
        assert_eq!(objections(&old), all);
        // What cannot be read is one thing.
        assert_eq!(objections(&old.with("jti", "1")), ["claims jti"]);
    }
}

#[test]
fn a_policy_is_changed_for_whom_it_was_changed() {
    let first = policy();
    let second = first.clone().require("tenant").insecure_without_expiry();
    let token = Token::new(Form::Jwt);
    assert_eq!(token.now(&first), "accepted");
    assert_eq!(token.now(&second), "missing_claim tenant");
    assert_eq!(token.without("exp").now(&first), "missing_claim exp");
}
