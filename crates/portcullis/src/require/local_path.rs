use std::{error::Error, fmt, str::FromStr, sync::Arc};

/// A path of this site, with its query: where it is put into a `Location` field or a link, no browser is led to another site.
///
/// A browser reads `//host` and, as it takes `\` for `/`, also `/\host` as another site, and it drops tabs and line ends before
/// it looks ([URL §4.4]). So: one slash first and no second one, then visible ASCII without backslashes, which is all that a
/// path has anyway; at most 2048 bytes.
///
/// Quotes and angle brackets may be in it: escape it in a page, as any text.
///
/// What a client proposes is parsed by [`parse`](Self::parse) and dropped if it is none; for a field of a form there is
/// [`Next`](super::Next).
///
/// # Example
///
/// ```
/// use portcullis::require::LocalPath;
///
/// assert_eq!(LocalPath::parse("/account?tab=2").unwrap().as_str(), "/account?tab=2");
/// assert_eq!(LocalPath::parse("//evil.example"), None);
/// assert_eq!(LocalPath::parse("https://evil.example"), None);
/// ```
///
/// [URL §4.4]: https://url.spec.whatwg.org/#url-parsing
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct LocalPath(Arc<str>);

impl LocalPath {
    /// `path`, if it is one.
    #[must_use]
    pub fn parse(path: &str) -> Option<Self> {
        let after_slash = path.strip_prefix('/')?;
        let stays_here = !after_slash.starts_with('/')
            && path.len() <= LONGEST_BYTES
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        stays_here.then(|| Self(path.into()))
    }

    /// The path as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for LocalPath {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for LocalPath {
    type Err = LocalPathError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        Self::parse(path).ok_or_else(|| LocalPathError { path: path.to_owned() })
    }
}

/// Not a [`LocalPath`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalPathError {
    path: String,
}

impl fmt::Display for LocalPathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not a path of this site: one slash first, then visible ASCII without backslashes, at most \
             {LONGEST_BYTES} bytes",
            self.path
        )
    }
}

impl Error for LocalPathError {}

/// Longer than any link that people follow, and short enough for every server's limit of a header.
const LONGEST_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use url::Url;

    use super::*;

    #[test]
    fn a_path_of_this_site_is_kept() {
        let longest = format!("/{}", "a".repeat(LONGEST_BYTES - 1));
        for path in ["/", "/account", "/slow?ms=500#top", "/a//b", "/%2F%2Fevil.example", "/.//a", &longest] {
            assert_eq!(LocalPath::parse(path).unwrap().as_str(), path);
        }
    }

    #[test]
    fn what_may_lead_elsewhere_is_dropped() {
        let too_long = format!("/{}", "a".repeat(LONGEST_BYTES));
        for path in [
            "",
            "account",
            "https://evil.example",
            "javascript:alert(1)",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/a\\b",
            "/\t/evil.example",
            "/\n/evil.example",
            "/a\r\nset-cookie: sid=planted",
            "/\0",
            "/\u{7f}",
            " /account",
            "/ account",
            "/caf\u{e9}",
            "/\u{2028}",
            &too_long,
        ] {
            assert_eq!(LocalPath::parse(path), None, "{path:?}");
            assert!(path.parse::<LocalPath>().is_err(), "{path:?}");
        }
    }

    /// Ways to another site as far as anybody knows, texts out of what browsers treat specially, paths, and any other text.
    fn proposals() -> impl Strategy<Value = String> {
        prop_oneof![
            "/[/\\\\\t\r\n ]{0,3}evil\\.example",
            "/(/|\\\\|\t|\r|\n| |\\.|\\.\\.|:|@|\\?|#|%2[fF]|%5[cC]|\\[|\\]|evil\\.example){0,6}",
            "/[!-\\[\\]-~]{0,40}",
            "\\PC{0,40}",
        ]
    }

    proptest! {
        /// Browsers resolve a `Location` as the `url` crate does: after the WHATWG's rules.
        #[test]
        fn whatever_is_parsed_stays_on_the_site(proposed in proposals()) {
            let site = Url::parse("https://shop.example/login").unwrap();
            if let Some(path) = LocalPath::parse(&proposed) {
                prop_assert_eq!(site.join(path.as_str()).unwrap().origin(), site.origin());
            }
        }
    }
}
