use http::{HeaderValue, Uri, uri::Scheme};

use super::ConfigError;
use crate::reject::Challenge;

/// What a `WWW-Authenticate: Bearer` says besides the error: realm ([RFC 9110 §11.5]) and the resource's metadata ([RFC 9728 §5.1]).
///
/// [RFC 9110 §11.5]: https://www.rfc-editor.org/rfc/rfc9110#section-11.5
/// [RFC 9728 §5.1]: https://www.rfc-editor.org/rfc/rfc9728#section-5.1
#[derive(Clone, Debug, Default)]
pub(super) struct BearerChallenge {
    realm: Option<Box<str>>,
    resource_metadata: Option<Box<str>>,
}

impl BearerChallenge {
    pub(super) fn set_realm(&mut self, realm: &str) -> Result<(), ConfigError> {
        if !is_quotable(realm) {
            return Err(ConfigError::Realm(realm.to_owned()));
        }
        self.realm = Some(realm.into());
        Ok(())
    }

    pub(super) fn set_resource_metadata(&mut self, url: &str) -> Result<(), ConfigError> {
        // Its parser drops a fragment, which RFC 9728 does not let it have.
        let parsed = url.parse::<Uri>().ok().filter(|_| is_quotable(url) && !url.contains('#'));
        if parsed.is_none_or(|url| url.scheme() != Some(&Scheme::HTTPS)) {
            return Err(ConfigError::ResourceMetadata(url.to_owned()));
        }
        self.resource_metadata = Some(url.into());
        Ok(())
    }

    /// To somebody who proved nothing: no error code ([RFC 6750 §3.1]).
    ///
    /// [RFC 6750 §3.1]: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
    pub(super) fn to(&self, challenge: Challenge) -> HeaderValue {
        match challenge {
            Challenge::LogIn => self.render(&[]),
            Challenge::LogInAgain(max_age) => self.render(&[
                ("error", "insufficient_user_authentication"),
                ("max_age", &max_age.as_secs().to_string()),
            ]),
        }
    }

    pub(super) fn invalid_request(&self) -> HeaderValue {
        self.render(&[("error", "invalid_request")])
    }

    /// Which check the token failed is not said (T70).
    pub(super) fn invalid_token(&self) -> HeaderValue {
        self.render(&[("error", "invalid_token")])
    }

    /// `scope` is what would be enough: scope-tokens of ours with spaces between; empty where nothing would be, which is no list ([RFC 6749 §3.3]).
    ///
    /// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
    pub(super) fn insufficient_scope(&self, scope: &str) -> HeaderValue {
        match scope {
            "" => self.render(&[("error", "insufficient_scope")]),
            _ => self.render(&[("error", "insufficient_scope"), ("scope", scope)]),
        }
    }

    /// Nothing in it comes from the request, and every value was checked when it was set (T68).
    fn render(&self, parameters: &[(&str, &str)]) -> HeaderValue {
        let realm = self.realm.as_deref().map(|realm| ("realm", realm));
        let metadata = self.resource_metadata.as_deref().map(|url| ("resource_metadata", url));
        let all = realm.into_iter().chain(parameters.iter().copied()).chain(metadata);
        let quoted: Vec<String> = all.map(|(name, value)| format!("{name}=\"{value}\"")).collect();
        let rendered = format!("Bearer {}", quoted.join(", "));
        HeaderValue::try_from(rendered.trim_end()).unwrap_or(HeaderValue::from_static("Bearer"))
    }
}

/// Whether it may stand between quotes as it is.
pub(super) fn is_quotable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn t66_t67_t69_parameters_are_quoted_and_separated_by_commas() {
        let mut all = BearerChallenge::default();
        assert_eq!(all.to(Challenge::LogIn), "Bearer");
        assert_eq!(all.invalid_token(), "Bearer error=\"invalid_token\"");
        all.set_realm("api").unwrap();
        all.set_resource_metadata("https://api.example/.well-known/oauth-protected-resource").unwrap();
        let metadata = "resource_metadata=\"https://api.example/.well-known/oauth-protected-resource\"";
        let rows = [
            (all.to(Challenge::LogIn), String::new()),
            (all.invalid_request(), " error=\"invalid_request\",".to_owned()),
            (all.invalid_token(), " error=\"invalid_token\",".to_owned()),
            (all.insufficient_scope("a b"), " error=\"insufficient_scope\", scope=\"a b\",".to_owned()),
            (
                all.to(Challenge::LogInAgain(Duration::from_secs(60))),
                " error=\"insufficient_user_authentication\", max_age=\"60\",".to_owned(),
            ),
        ];
        for (rendered, error) in rows {
            assert_eq!(rendered, format!("Bearer realm=\"api\",{error} {metadata}").as_str());
        }
    }

    #[test]
    fn t68_what_would_break_a_challenge_is_refused_when_it_is_set() {
        let mut challenge = BearerChallenge::default();
        for realm in ["a\"b", "a\\b", "é", "a\nb"] {
            assert!(challenge.set_realm(realm).is_err(), "{realm:?}");
        }
        for url in [
            "http://api.example/",
            "https://",
            "https:///x",
            "https://a b",
            "https://a/#b",
            "https://a\"",
            "api",
            "/api",
            "https://[",
        ] {
            assert!(challenge.set_resource_metadata(url).is_err(), "{url:?}");
        }
        assert_eq!(challenge.to(Challenge::LogIn), "Bearer");
    }
}
