//! Beside serde_json, which reads all that is JSON.

use std::{collections::HashSet, fmt};

use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestCaseResult};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::super::{
    JsonError::{self, DuplicateName, Syntax, TooDeep},
    Value, elements, members,
};

/// All that is in a document, in its order.
#[derive(Clone, Debug, PartialEq)]
enum Tree {
    Null,
    Bool(bool),
    Number(f64),
    String(String),
    Array(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Tree {
    /// As our scanner has it.
    fn of(document: &str) -> Result<Self, JsonError> {
        let mut object = Vec::new();
        members(document, |name, value| {
            assert!(name.is(&name.decoded()) && name.is_same(name));
            object.push((name.decoded().into_owned(), Self::of_value(value)?));
            Ok::<_, JsonError>(())
        })?;
        Ok(Self::Object(object))
    }

    fn of_value(value: Value<'_>) -> Result<Self, JsonError> {
        assert_eq!(Value::of(value.raw()).map(Value::raw), Some(value.raw()));
        match value {
            Value::String(text) => {
                assert_eq!(value.raw(), text.quoted());
                Ok(Self::String(text.decoded().into_owned()))
            }
            Value::Number(number) => Ok(Self::Number(number.parse().unwrap())),
            Value::Array(array) => {
                let mut trees = Vec::new();
                elements(array, |element| {
                    trees.push(Self::of_value(element)?);
                    Ok::<_, JsonError>(())
                })?;
                Ok(Self::Array(trees))
            }
            Value::Other("null") => Ok(Self::Null),
            Value::Other("true") => Ok(Self::Bool(true)),
            Value::Other("false") => Ok(Self::Bool(false)),
            Value::Other(object) => Self::of(object),
        }
    }

    fn children(&self) -> Box<dyn Iterator<Item = &Self> + '_> {
        match self {
            Self::Array(elements) => Box::new(elements.iter()),
            Self::Object(members) => Box::new(members.iter().map(|(_, value)| value)),
            _ => Box::new([].into_iter()),
        }
    }

    fn depth(&self) -> usize {
        let inner = self.children().map(Self::depth).max().unwrap_or_default();
        inner + usize::from(matches!(self, Self::Array(_) | Self::Object(_)))
    }

    fn has_duplicates(&self) -> bool {
        let is_so_here = match self {
            Self::Object(members) => {
                members.iter().map(|(name, _)| name).collect::<HashSet<_>>().len() < members.len()
            }
            _ => false,
        };
        is_so_here || self.children().any(Self::has_duplicates)
    }

    /// Whether a number is beyond what serde_json takes.
    fn has_infinity(&self) -> bool {
        matches!(self, Self::Number(number) if number.is_infinite())
            || self.children().any(Self::has_infinity)
    }

    /// Whether both are the same, numbers to the last but one bit: serde_json rounds as it likes.
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => (one - other).abs() <= one.abs() * 1e-15,
            (Self::Array(ones), Self::Array(others)) => {
                ones.len() == others.len() && ones.iter().zip(others).all(|(one, other)| one.is_same(other))
            }
            (Self::Object(ones), Self::Object(others)) => {
                ones.len() == others.len()
                    && ones
                        .iter()
                        .zip(others)
                        .all(|((name, one), (other_name, other))| name == other_name && one.is_same(other))
            }
            _ => self == other,
        }
    }
}

/// As serde_json has it.
impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Planter)
    }
}

struct Planter;

impl<'de> Visitor<'de> for Planter {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, is: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(is))
    }

    #[expect(clippy::cast_precision_loss, reason = "both are compared as doubles")]
    fn visit_u64<E>(self, number: u64) -> Result<Tree, E> {
        Ok(Tree::Number(number as f64))
    }

    #[expect(clippy::cast_precision_loss, reason = "both are compared as doubles")]
    fn visit_i64<E>(self, number: i64) -> Result<Tree, E> {
        Ok(Tree::Number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tree, E> {
        Ok(Tree::Number(number))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Tree, E> {
        Ok(Tree::String(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Tree, A::Error> {
        let mut array = Vec::new();
        while let Some(element) = elements.next_element()? {
            array.push(element);
        }
        Ok(Tree::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Tree, A::Error> {
        let mut object = Vec::new();
        while let Some(member) = members.next_entry()? {
            object.push(member);
        }
        Ok(Tree::Object(object))
    }
}

/// Texts that are mostly JSON, whose names are few and whose letters have more than one spelling.
fn values() -> impl Strategy<Value = String> {
    let number = select(vec![
        "0",
        "-0",
        "7",
        "-12",
        "0.5",
        "1e3",
        "1E-3",
        "1e400",
        "253402300799",
        "18446744073709551616",
        "-9223372036854775809",
        "0.1e+1",
    ]);
    let leaf = prop_oneof![
        select(vec!["null", "true", "false"]).prop_map(str::to_owned),
        number.prop_map(str::to_owned),
        strings()
    ];
    leaf.prop_recursive(6, 40, 5, |inner| {
        let member = (strings(), spaces(), spaces(), inner.clone())
            .prop_map(|(name, before, behind, value)| format!("{before}{name}{behind}:{value}"));
        prop_oneof![
            (vec(inner, 0..4), spaces()).prop_map(|(values, space)| format!("[{space}{}]", values.join(","))),
            (vec(member, 0..4), spaces())
                .prop_map(|(members, space)| format!("{{{}{space}}}", members.join(","))),
        ]
    })
}

fn strings() -> impl Strategy<Value = String> {
    let letters = vec![
        "a",
        "\\u0061",
        "b",
        "\\n",
        "\\u000a",
        "\\\\",
        "\\u005C",
        "\\\"",
        "/",
        "\\/",
        "é",
        "\\u00e9",
        "\\ud83d\\ude00",
        "\u{1f600}",
        "\u{7f}",
        "\\u0000",
    ];
    vec(select(letters), 0..3).prop_map(|letters| format!("\"{}\"", letters.concat()))
}

fn spaces() -> impl Strategy<Value = &'static str> {
    select(vec!["", "", "", " ", "\t", "\r\n"])
}

/// Objects, objects with a letter changed, deep ones, and pieces in any order.
fn documents() -> impl Strategy<Value = String> {
    let object = || {
        vec((strings(), values()), 0..5).prop_map(|members| {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
            format!("{{{}}}", members.join(","))
        })
    };
    let pieces = vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\"a\"",
        "\"\\u0061\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "1",
        "-",
        ".",
        "e",
        "0",
        "true",
        "nul",
        " ",
        "\u{b}",
        "\0",
        "é",
        "\u{feff}",
        "{\"a\":1}",
        "\"b\":",
    ];
    let changed = (object(), any::<prop::sample::Index>(), select(pieces.clone()), 0..3_u8).prop_map(
        |(document, at, piece, change)| {
            let letters: Vec<char> = document.chars().collect();
            let (before, behind) = letters.split_at(at.index(letters.len()));
            let (first, rest) = behind.split_first().unwrap();
            let middle = match change {
                0 => String::new(),
                1 => piece.to_owned(),
                _ => format!("{first}{piece}"),
            };
            before.iter().chain(middle.chars().collect::<Vec<_>>().iter()).chain(rest).collect()
        },
    );
    let deep = (25_usize..40, select(vec![("[", "]"), ("{\"a\":", "}")]), values()).prop_map(
        |(depth, (open, close), value)| {
            format!("{{\"a\":{}{value}{}}}", open.repeat(depth), close.repeat(depth))
        },
    );
    prop_oneof![
        3 => object(),
        3 => changed,
        1 => deep,
        1 => vec(select(pieces), 0..12).prop_map(|pieces| pieces.concat()),
        1 => "\\PC{0,20}",
    ]
}

/// What we read, serde_json reads the same; what it alone reads has a reason.
fn agree(document: &str) -> TestCaseResult {
    match (Tree::of(document), serde_json::from_str::<Tree>(document)) {
        (Ok(ours), Ok(theirs)) => {
            prop_assert!(ours.is_same(&theirs), "{ours:?} is not {theirs:?}");
            prop_assert!(!theirs.has_duplicates() && theirs.depth() <= 32);
        }
        // A number that is none of a claim we read is nobody's business until somebody reads it.
        (Ok(ours), Err(error)) => prop_assert!(ours.has_infinity(), "{error}"),
        (Err(DuplicateName), Ok(theirs)) => prop_assert!(theirs.has_duplicates()),
        (Err(TooDeep), Ok(theirs)) => prop_assert!(theirs.depth() > 32),
        (Err(Syntax), Ok(theirs)) => prop_assert!(!matches!(theirs, Tree::Object(_)), "{theirs:?}"),
        (Err(_), Err(_)) => {}
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn t17_t18_t19_what_is_read_here_is_read_the_same_elsewhere(document in documents()) {
        agree(&document)?;
    }

    #[test]
    fn t17_no_text_panics(text in any::<String>()) {
        agree(&text)?;
        let _elements = elements::<JsonError>(&text, |_| Ok(()));
        let _value = Value::of(&text);
    }
}
