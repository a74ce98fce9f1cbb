//! What is read and what is refused.

mod peer;

use std::thread;

use super::{
    JsonError::{self, DuplicateName, Syntax, TooDeep},
    Value, elements, members,
};

fn read(document: &str) -> Result<(), JsonError> {
    members(document, |_, _| Ok(()))
}

#[test]
fn t17_only_objects_are_read_and_only_to_their_end() {
    for (name, document) in [
        ("empty", ""),
        ("space", " "),
        ("null", "null"),
        ("true", "true"),
        ("a number", "1"),
        ("a string", r#""a""#),
        ("an array", "[]"),
        ("an array of an object", "[{}]"),
        ("a byte order mark", "\u{feff}{}"),
        ("a byte order mark behind", "{}\u{feff}"),
        ("two", "{}{}"),
        ("two, apart", "{} {}"),
        ("a comma behind", "{},"),
        ("a NUL behind", "{}\0"),
        ("a letter behind", r#"{"a":1}x"#),
        ("a comment", "{/**/}"),
        ("a comment behind", "{}//"),
        ("not closed", "{"),
        ("closed as an array", "{]"),
        ("closed alone", "}"),
        ("no value", r#"{"a"}"#),
        ("no value behind the colon", r#"{"a":}"#),
        ("no name", "{:1}"),
        ("a name without quotes", "{a:1}"),
        ("a name in other quotes", "{'a':1}"),
        ("a number for a name", "{1:1}"),
        ("a comma too many", r#"{"a":1,}"#),
        ("a comma first", r#"{,"a":1}"#),
        ("two commas", r#"{"a":1,,"b":2}"#),
        ("no comma", r#"{"a":1 "b":2}"#),
        ("a semicolon", r#"{"a":1;"b":2}"#),
        ("an equals sign", r#"{"a"=1}"#),
        ("two colons", r#"{"a"::1}"#),
        ("two values", r#"{"a":1 2}"#),
        ("an array with a comma too many", r#"{"a":[1,]}"#),
        ("an array with a comma first", r#"{"a":[,1]}"#),
        ("an array without a comma", r#"{"a":[1 2]}"#),
        ("an array that is closed as an object", r#"{"a":[1}"#),
        ("a vertical tab", "{\u{b}}"),
        ("a form feed", "{\u{c}}"),
        ("a no-break space", "{\u{a0}}"),
        ("a line separator", "{\u{2028}}"),
        ("a literal in capitals", r#"{"a":NULL}"#),
        ("a literal cut", r#"{"a":tru}"#),
        ("a literal too long", r#"{"a":truex}"#),
        ("undefined", r#"{"a":undefined}"#),
    ] {
        assert_eq!(read(document), Err(Syntax), "{name}");
    }
    for document in ["{}", " \t\r\n{ \t\r\n} \t\r\n", "{ \"a\" : [ 1 , { } , [ ] , null ] , \"b\" : true }"] {
        assert_eq!(read(document), Ok(()), "{document:?}");
    }
    assert_eq!(Value::of("").map(Value::raw), None);
    assert_eq!(Value::of("1 2").map(Value::raw), None);
}

#[test]
fn t17_a_string_is_one_to_every_parser() {
    for (name, inner) in [
        ("a NUL", "\0"),
        ("a tab", "\t"),
        ("a line's end", "\n"),
        ("the last control character", "\u{1f}"),
        ("an escaped line's end", "\\\n"),
        ("an escape that is none", r"\a"),
        ("an escape in capitals", r"\N"),
        ("an escape of an apostrophe", r"\'"),
        ("an escape of octals", r"\033"),
        ("an escape of two digits", r"\x41"),
        ("an escape of a letter beyond ASCII", r"\é"),
        ("a unit in capitals", r"\U0061"),
        ("a unit of three digits", r"\u006"),
        ("a unit with a sign", r"\u+061"),
        ("a unit with a sign and a digit", r"\u-001"),
        ("a unit with a space", r"\u 061"),
        ("a unit with a letter that is none", r"\u006g"),
        ("a unit with a letter beyond ASCII", r"\u00é"),
        ("a unit in braces", r"\u{61}"),
        ("a high surrogate alone", r"\ud83d"),
        ("a high surrogate before a letter", r"\ud83dx"),
        ("a high surrogate before an escape", r"\ud83d\n"),
        ("a high surrogate before a unit that is none", r"\ud83d\u0061"),
        ("two high surrogates", r"\ud83d\ud83d"),
        ("two high surrogates and a low one", r"\ud83d\ud83d\ude00"),
        ("a low surrogate alone", r"\ude00"),
        ("the first surrogate", r"\ud800"),
        ("the last surrogate", r"\udfff"),
        ("surrogates the wrong way round", r"\ude00\ud83d"),
    ] {
        for document in [
            format!("{{\"{inner}\":1}}"),
            format!("{{\"a\":\"{inner}\"}}"),
            format!("{{\"a\":[\"{inner}\"]}}"),
        ] {
            assert_eq!(read(&document), Err(Syntax), "{name}");
        }
    }
    for cut in [r#"{"a":"b"#, r#"{"a":"b\"#, r#"{"a":"b\""#, r#"{"a":"\u00"#, r#"{"a":"\ud83d\"#, r#"{"a"#] {
        assert_eq!(read(cut), Err(Syntax), "{cut:?}");
    }
}

#[test]
fn t17_an_escape_is_the_character_it_means() {
    for (inner, meant) in [
        ("", ""),
        ("plain", "plain"),
        (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r"\u0061\u0000\u001F\u00e9\u00E9", "a\0\u{1f}éé"),
        (r"\ud7ff\ue000\uffff", "\u{d7ff}\u{e000}\u{ffff}"),
        (r"\ud800\udc00\uD83D\uDE00\udbff\udfff", "\u{10000}\u{1f600}\u{10ffff}"),
        (r"a\\u0061\\\u0062c", r"a\u0061\bc"),
        ("\u{7f}é\u{1f600}", "\u{7f}é\u{1f600}"),
        (r"\\", "\\"),
        (r"\\\\n", r"\\n"),
        (r"\ufeff", "\u{feff}"),
    ] {
        let document = format!("{{\"a\":\"{inner}\"}}");
        assert_eq!(read(&document), Ok(()), "{inner:?}");
        let text = Value::of(&document[5..document.len() - 1]).and_then(Value::text).unwrap();
        assert_eq!(text.decoded(), meant);
        assert!(text.is(meant) && !text.is(&format!("{meant}x")) && !text.is("y"), "{inner:?}");
    }
}

#[test]
fn t18_a_name_is_had_once_at_every_depth_and_by_every_spelling() {
    let spellings = [r#""ab""#, r#""\u0061b""#, r#""a\u0062""#, r#""\u0061\u0062""#];
    for one in spellings {
        for other in spellings {
            let pair = format!("{{{one}:1,\"x\":[],{other}:1}}");
            let first_of_many: String = (0..40).map(|n| format!(",\"{n}\":0")).collect();
            for document in [
                pair.clone(),
                format!("{{\"deep\":{pair}}}"),
                format!("{{\"deep\":[[1,{pair}]]}}"),
                format!("{{\"x\":{{\"y\":{{\"z\":[{pair}]}}}},\"ab\":2}}"),
                format!("{{{one}:1{first_of_many},{other}:1}}"),
                format!("{{\"x\":1{first_of_many},{one}:1,{other}:1}}"),
            ] {
                assert_eq!(read(&document), Err(DuplicateName), "{one} {other}");
            }
        }
    }
    for (name, document) in [
        ("another case", r#"{"a":1,"A":2}"#),
        ("another object", r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":2}]}"#),
        ("composed or not", r#"{"\u00e9":1,"e\u0301":2}"#),
        ("a backslash that is meant", r#"{"a":1,"\\u0061":2}"#),
        ("nothing and a NUL", r#"{"":1,"\u0000":2}"#),
        ("a prefix", r#"{"a":1,"aa":2,"aaa":3}"#),
    ] {
        assert_eq!(read(document), Ok(()), "{name}");
    }
    assert_eq!(read(r#"{"":1,"":2}"#), Err(DuplicateName));
    assert_eq!(read(r#"{"\"":1,"\u0022":2}"#), Err(DuplicateName));
    assert_eq!(read(r#"{"\ud83d\ude00":1,"😀":2}"#), Err(DuplicateName));
}

#[test]
fn t18_many_names_are_told_apart_as_few_are() {
    for count in 1..60 {
        let members: Vec<String> = (0..count).map(|n| format!("\"name{n}\":{n}")).collect();
        let document = format!("{{{}}}", members.join(","));
        assert_eq!(read(&document), Ok(()), "{count}");
        for again in 0..count {
            let digits: String = again.to_string().bytes().map(|digit| format!("\\u00{digit:x}")).collect();
            for name in [format!("name{again}"), format!("\\u006eame{digits}")] {
                let document = format!("{{{},\"{name}\":0}}", members.join(","));
                assert_eq!(read(&document), Err(DuplicateName), "{name} of {count}");
            }
        }
    }
}

#[test]
fn t19_thirty_two_are_in_one_another_and_no_more() {
    let nested = |open: &str, close: &str, depth: usize| {
        format!("{{\"a\":{}1{}}}", open.repeat(depth - 1), close.repeat(depth - 1))
    };
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[ ", " ]")] {
        assert_eq!(read(&nested(open, close, 32)), Ok(()), "{open}");
        assert_eq!(read(&nested(open, close, 33)), Err(TooDeep), "{open}");
        // What is in a claim can be asked for by itself.
        let claim = &nested(open, close, 32)[5..];
        assert!(Value::of(&claim[..claim.len() - 1]).is_some(), "{open}");
    }
    let mixed = |pairs| format!("{}1{}", "{\"a\":[".repeat(pairs), "]}".repeat(pairs));
    assert_eq!(read(&mixed(16)), Ok(()));
    assert_eq!(read(&mixed(17)), Err(TooDeep));
    // Beside one another is not in one another.
    assert_eq!(read(&format!("{{\"a\":[{}[]]}}", "[[],{}],".repeat(1_000))), Ok(()));
}

#[test]
fn t19_a_hundred_thousand_brackets_need_no_more_stack_than_thirty_two() {
    let on_a_small_stack = || {
        for open in ["[", "{\"a\":", "[{\"a\":", "{\"a\":[\"\\u0061\","] {
            for close in ["", "]", "}"] {
                let brackets = format!("{}{}", open.repeat(100_000), close.repeat(100_000));
                let document = format!("{{\"a\":{brackets}}}");
                assert_eq!(read(&document), Err(TooDeep), "{open}");
                assert!(Value::of(&brackets).is_none(), "{open}");
                assert!(elements::<JsonError>(&brackets, |_| Ok(())).is_err(), "{open}");
            }
        }
    };
    thread::Builder::new().stack_size(256 * 1024).spawn(on_a_small_stack).unwrap().join().unwrap();
}

#[test]
fn t20_numbers_are_as_json_has_them() {
    for number in [
        "",
        "-",
        "+1",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "-.5",
        "1.e3",
        "1e",
        "1e+",
        "1E-",
        "1e1.5",
        "1e 3",
        "- 1",
        "--1",
        "1_000",
        "1,000",
        "0x10",
        "0b1",
        "1f",
        "NaN",
        "-NaN",
        "Infinity",
        "-Infinity",
        "inf",
        "1..2",
        "1.2.3",
        "١",
        "１",
    ] {
        let document = format!("{{\"a\":{number}}}");
        assert_eq!(read(&document), Err(Syntax), "{number:?}");
    }
    for number in [
        "0",
        "-0",
        "-0.0e-0",
        "10",
        "0.5",
        "1e400",
        "-1E+400",
        "1e-400",
        "1E0099",
        "123456789012345678901234567890",
        "0.123456789012345678901234567890",
    ] {
        let document = format!("{{\"a\": {number} }}");
        let read = members(&document, |name, value| {
            assert!(name.is("a"));
            assert!(matches!(value, Value::Number(raw) if raw == number), "{value:?}");
            Ok::<_, JsonError>(())
        });
        assert_eq!(read, Ok(()), "{number:?}");
    }
}

#[test]
fn what_the_visitor_objects_to_is_the_answer() {
    #[derive(Debug, Eq, PartialEq)]
    enum Objection {
        Json(JsonError),
        Mine(String),
    }
    impl From<JsonError> for Objection {
        fn from(error: JsonError) -> Self {
            Self::Json(error)
        }
    }
    let object_to = |document, unwanted: &str| {
        members(document, |name, _| {
            if name.is(unwanted) { Err(Objection::Mine(name.decoded().into_owned())) } else { Ok(()) }
        })
    };
    assert_eq!(object_to(r#"{"a":1,"b":2}"#, "b"), Err(Objection::Mine("b".to_owned())));
    assert_eq!(object_to(r#"{"a":1,"b":2}"#, "c"), Ok(()));
    assert_eq!(object_to(r#"{"a":1,"b":2"#, "c"), Err(Objection::Json(Syntax)));
    // Members of what a member holds are not its own.
    assert_eq!(object_to(r#"{"a":{"b":2}}"#, "b"), Ok(()));
}
