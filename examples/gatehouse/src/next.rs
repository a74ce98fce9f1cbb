//! Where to go next, when a form says so.

/// `next` if it can only lead to this site, for a `Location` field.
///
/// A browser reads `//host` and, as it takes `\` for `/`, also `/\host` as another site, and it drops tabs and line ends before
/// it looks. So: one slash first, then visible ASCII without backslashes, which is all that a path has anyway.
pub(crate) fn local_path(next: &str) -> Option<&str> {
    let after_slash = next.strip_prefix('/')?;
    let stays_here = !after_slash.starts_with('/')
        && next.len() <= LONGEST_BYTES
        && next.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    stays_here.then_some(next)
}

const LONGEST_BYTES: usize = 2_048;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_site_is_kept() {
        for next in ["/", "/account", "/slow?ms=500#top", "/a//b", "/%2F%2Fevil.example"] {
            assert_eq!(local_path(next), Some(next));
        }
    }

    #[test]
    fn what_may_lead_elsewhere_is_dropped() {
        for next in [
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
            " /account",
            "/ account",
            "/caf\u{e9}",
            "/\u{2028}",
        ] {
            assert_eq!(local_path(next), None, "{next:?}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(LONGEST_BYTES))), None);
    }
}
