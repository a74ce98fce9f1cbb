use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, Visitor},
    ser::{Error, SerializeMap},
};
use serde_json::value::RawValue;

/// A JSON value.
///
/// Written out again it has each name once, with the last of the values it was given; and a number that is beyond what programs compute with is a
/// string, so that whoever reads it can.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Object(Vec<(String, Self)>),
    Array(Vec<Self>),
    String(String),
    /// As it was written.
    Number(String),
    /// `true`, `false` or `null`.
    Literal(String),
}

impl Json {
    /// Reads `text`, which is one value and nothing else, of at most 32 objects and arrays in one another.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::parse_within(text, MOST_DEPTH)
    }

    /// Reads what will be the member of an object.
    pub(crate) fn parse_member(text: &str) -> Option<Self> {
        Self::parse_within(text, MOST_DEPTH - 1)
    }

    /// The value of the last member called `name`, of an object.
    pub(crate) fn member(&self, name: &str) -> Option<&Self> {
        self.members().iter().rev().find(|(called, _)| called == name).map(|(_, value)| value)
    }

    /// The members of an object; none of anything else.
    pub(crate) fn members(&self) -> &[(String, Self)] {
        match self {
            Self::Object(members) => members,
            _ => &[],
        }
    }

    /// The text of a string.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The first name that comes twice in one object, at any depth.
    pub(crate) fn repeated(&self) -> Option<&str> {
        match self {
            Self::Object(members) => {
                let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
                names.sort_unstable();
                let repeated = names.windows(2).find_map(|pair| match pair {
                    [one, other] if one == other => Some(*one),
                    _ => None,
                });
                repeated.or_else(|| members.iter().find_map(|(_, value)| value.repeated()))
            }
            Self::Array(elements) => elements.iter().find_map(Self::repeated),
            _ => None,
        }
    }

    fn parse_within(text: &str, depth: u8) -> Option<Self> {
        Self::of(serde_json::from_str(text).ok()?, depth)
    }

    fn of(raw: &RawValue, depth: u8) -> Option<Self> {
        let text = raw.get();
        Some(match text.as_bytes().first()? {
            b'{' => {
                let depth = depth.checked_sub(1)?;
                let Members(members) = serde_json::from_str(text).ok()?;
                let members = members.into_iter().map(|(name, value)| Some((name, Self::of(value, depth)?)));
                Self::Object(members.collect::<Option<_>>()?)
            }
            b'[' => {
                let depth = depth.checked_sub(1)?;
                let elements: Vec<&RawValue> = serde_json::from_str(text).ok()?;
                Self::Array(elements.into_iter().map(|value| Self::of(value, depth)).collect::<Option<_>>()?)
            }
            b'"' => Self::String(serde_json::from_str(text).ok()?),
            b'-' | b'0'..=b'9' => Self::Number(String::from(text)),
            _ => Self::Literal(String::from(text)),
        })
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Object(members) => {
                let mut map = serializer.serialize_map(None)?;
                for (at, (name, value)) in members.iter().enumerate() {
                    let is_last = members.iter().skip(at + 1).all(|(later, _)| later != name);
                    if is_last {
                        map.serialize_entry(name, value)?;
                    }
                }
                map.end()
            }
            Self::Array(elements) => serializer.collect_seq(elements),
            Self::String(text) => serializer.serialize_str(text),
            Self::Number(raw) if !is_in_range(raw) => serializer.serialize_str(raw),
            Self::Number(raw) | Self::Literal(raw) => {
                RawValue::from_string(raw.clone()).map_err(S::Error::custom)?.serialize(serializer)
            }
        }
    }
}

fn is_in_range(number: &str) -> bool {
    number.parse().is_ok_and(f64::is_finite)
}

/// An object's members in their order, each as it was written.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// As verifiers count: objects and arrays in one another, the outermost included.
const MOST_DEPTH: u8 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_kept_as_it_was_written() {
        let text = r#"{"b":1.50,"a":[true,null,1e400,"\u00e9"],"b":{"c":123456789012345678901234567890}}"#;
        let json = Json::parse(text).unwrap();
        assert_eq!(json.members().len(), 3);
        assert_eq!(json.repeated(), Some("b"));
        assert_eq!(json.member("b").unwrap().members().len(), 1, "the last one");
        let written = serde_json::to_string(&json).unwrap();
        assert_eq!(written, r#"{"a":[true,null,"1e400","é"],"b":{"c":123456789012345678901234567890}}"#);
    }

    #[test]
    fn t18_a_repeated_name_is_seen_at_any_depth_and_however_it_is_spelled() {
        for (text, repeated) in [
            (r#"{"a":1,"b":2}"#, None),
            (r#"{"a":1,"\u0061":2}"#, Some("a")),
            (r#"{"x":[{"a":{"b":1,"b":1}}]}"#, Some("b")),
            (r#"[{"a":1},{"a":1}]"#, None),
        ] {
            assert_eq!(Json::parse(text).unwrap().repeated(), repeated, "{text}");
        }
    }

    #[test]
    fn t19_nesting_is_bounded() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::parse(&nested(32)).is_some());
        assert!(Json::parse(&nested(33)).is_none());
        assert!(Json::parse_member(&nested(31)).is_some());
        assert!(Json::parse_member(&nested(32)).is_none());
        assert!(Json::parse(&nested(8_000)).is_none());
        assert!(Json::parse(&"[".repeat(16_000)).is_none());
    }

    #[test]
    fn what_is_no_json_is_nothing() {
        for text in
            ["", " ", "{", "{}{}", "{'a':1}", "nul", "01", r#""\ud800""#, "\u{feff}{}", r#"{"a":"\ud800"}"#]
        {
            assert_eq!(Json::parse(text), None, "{text:?}");
        }
    }
}
