//! `WWW-Authenticate` as RFC 9110 §11.6.1 and §5.6 have it, read as strictly as any client may.

use http::{HeaderMap, header::WWW_AUTHENTICATE};

/// A scheme with its parameters, unquoted.
pub(super) type Challenge = (String, Vec<(String, String)>);

/// The challenges of all fields; an error says what is none.
pub(super) fn challenges(headers: &HeaderMap) -> Result<Vec<Challenge>, String> {
    let mut all: Vec<Challenge> = Vec::new();
    for field in headers.get_all(WWW_AUTHENTICATE) {
        let field = field.to_str().map_err(|_no_text| format!("{field:?}"))?;
        let mut rest = field;
        let mut is_first = true;
        loop {
            let (name, after) = token(rest).ok_or_else(|| format!("no token: {rest:?} of {field:?}"))?;
            if let Some(value) = after.strip_prefix('=') {
                let (value, after) = token(value)
                    .map(|(value, after)| (value.to_owned(), after))
                    .or_else(|| quoted(value))
                    .ok_or_else(|| format!("no value: {value:?} of {field:?}"))?;
                let (_, parameters) =
                    all.last_mut().filter(|_| !is_first).ok_or("a parameter without scheme")?;
                if parameters.iter().any(|(taken, _)| taken.eq_ignore_ascii_case(name)) {
                    return Err(format!("{name} twice in {field:?}"));
                }
                parameters.push((name.to_ascii_lowercase(), value));
                rest = after;
            } else {
                all.push((name.to_ascii_lowercase(), Vec::new()));
                rest = after;
                if let Some(parameter) = after.strip_prefix(' ').map(|rest| rest.trim_start_matches(' ')) {
                    (rest, is_first) = (parameter, false);
                    continue;
                }
            }
            is_first = false;
            if rest.is_empty() {
                break;
            }
            let after = rest.trim_start_matches([' ', '\t']).strip_prefix(',');
            rest = after
                .ok_or_else(|| format!("no comma: {rest:?} of {field:?}"))?
                .trim_start_matches([' ', '\t']);
        }
    }
    Ok(all)
}

fn token(text: &str) -> Option<(&str, &str)> {
    let is_tchar = |letter: char| letter.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(letter);
    let end = text.find(|letter| !is_tchar(letter)).unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.strip_prefix('"')?.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[at + 2..])),
            '\\' => value.push(letters.next()?.1),
            '\t' | ' '..='~' => value.push(letter),
            _ => return None,
        }
    }
    None
}

#[test]
fn the_parser_tells_challenges_from_what_are_none() {
    let rows = [
        ("Bearer", Some(1)),
        ("Bearer realm=\"a, b\", error=\"c\"", Some(1)),
        ("Bearer realm=\"a\", Cookie realm=\"b\", max_age=3", Some(2)),
        ("Basic realm=\"a\\\"b\"", Some(1)),
        ("Bearer realm=\"a\" error=\"b\"", None),
        ("Bearer realm=\"a", None),
        ("Bearer realm=a b", None),
        ("Bearer ", None),
        ("Bearer a=1, a=2", None),
        ("realm=\"a\"", None),
        ("Bearer realm=\"a\",", None),
        ("", None),
    ];
    for (field, expected) in rows {
        let headers = HeaderMap::from_iter([(WWW_AUTHENTICATE, field.parse().unwrap())]);
        assert_eq!(challenges(&headers).ok().map(|all| all.len()), expected, "{field:?}");
    }
}
