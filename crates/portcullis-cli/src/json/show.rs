use super::Json;
use crate::spelling::{name, quoted};

/// Writes the members of `json`, an object, a line each, under `indent` spaces; what `remark` says of one stands behind its value.
pub(crate) fn show(
    json: &Json,
    indent: usize,
    remark: &dyn Fn(&str, &Json) -> Option<String>,
    out: &mut String,
) {
    if json.members().is_empty() {
        out.push_str(&format!("{:indent$}(nothing)\n", ""));
    }
    for (called, value) in json.members() {
        out.push_str(&format!("{:indent$}{}:", "", name(called)));
        if matches!(value, Json::Object(members) if !members.is_empty()) {
            out.push('\n');
            show(value, indent + 2, &|_, _| None, out);
            continue;
        }
        out.push(' ');
        in_line(value, out);
        if let Some(remark) = remark(called, value) {
            out.push_str(&format!("  ({remark})"));
        }
        out.push('\n');
    }
}

/// Writes the value in one line.
pub(crate) fn in_line(json: &Json, out: &mut String) {
    match json {
        Json::Object(members) => {
            out.push('{');
            for (at, (called, value)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(&quoted(called));
                out.push_str(": ");
                in_line(value, out);
            }
            out.push('}');
        }
        Json::Array(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                in_line(element, out);
            }
            out.push(']');
        }
        Json::String(text) => out.push_str(&quoted(text)),
        Json::Number(raw) | Json::Literal(raw) => out.push_str(raw),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_are_shown_in_their_order_a_line_each() {
        let json = r#"{"sub":"ada","roles":["a","b"],"deep":{"er":{},"x y":[{"n":1.0}]},"exp":5}"#;
        let mut out = String::new();
        let remark = |name: &str, _: &Json| (name == "exp").then(|| String::from("long ago"));
        show(&Json::parse(json).unwrap(), 2, &remark, &mut out);
        assert_eq!(
            out,
            concat!(
                "  sub: \"ada\"\n",
                "  roles: [\"a\", \"b\"]\n",
                "  deep:\n",
                "    er: {}\n",
                "    \"x y\": [{\"n\": 1.0}]\n",
                "  exp: 5  (long ago)\n",
            )
        );
    }
}
