/// `token` with one character changed, in each of its parts once.
pub(crate) fn tampered(token: &str) -> Vec<String> {
    let parts: Vec<_> = token.split('.').collect();
    let changed = |at: usize| {
        let mut parts: Vec<_> = parts.iter().map(|part| (*part).to_owned()).collect();
        // In the middle: the last character of a part has bits that count for nothing.
        let middle = parts[at].len() / 2;
        let other = if parts[at].as_bytes()[middle] == b'A' { "B" } else { "A" };
        parts[at].replace_range(middle..=middle, other);
        parts.join(".")
    };
    (0..parts.len()).map(changed).collect()
}
