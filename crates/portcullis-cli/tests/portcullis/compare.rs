use std::{fs, path::Path};

use serde_json::{Value, json};

use crate::{
    folder::Folder,
    ran::{portcullis, run},
};

/// As few rounds as there can be: what is asked here is not how fast anything is.
const COMPARE: &str = "compare --rounds 3";

#[test]
fn the_json_is_as_its_schema_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/compare.schema.json");
    let schema: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let comparison = run(&format!("{COMPARE} --json --store memory:"), "").json();
    let errors: Vec<String> = validator
        .iter_errors(&comparison)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");

    // Nothing is written that the schema does not name, and it does refuse.
    for (schema, value) in [
        (&schema["properties"], &comparison),
        (&schema["$defs"]["row"]["properties"], &comparison["rows"][0]),
        (&schema["$defs"]["recommendation"]["properties"], &comparison["recommendations"][0]),
    ] {
        for name in value.as_object().unwrap().keys() {
            assert!(schema.get(name).is_some(), "{name}");
        }
    }
    for (pointer, wrong) in [
        ("/rows/0/verify_ns", json!("fast")),
        ("/rows/0/kind", json!("macaroon")),
        ("/rows/0/confidential", json!(1)),
        ("/recommendations", json!([])),
    ] {
        let mut changed = comparison.clone();
        *changed.pointer_mut(pointer).unwrap() = wrong;
        assert!(!validator.is_valid(&changed), "{pointer}");
    }
}

#[test]
fn there_is_a_row_for_each_credential_and_each_store() {
    let comparison = run(&format!("{COMPARE} --json --store memory: --store MEMORY:"), "").json();
    let rows = comparison["rows"].as_array().unwrap();
    let named =
        |row: &Value| (row["name"].as_str().unwrap().to_owned(), row["kind"].as_str().unwrap().to_owned());
    let expected = [
        ("HS256", "jwt"),
        ("RS256", "jwt"),
        ("PS256", "jwt"),
        ("ES256", "jwt"),
        ("ES384", "jwt"),
        ("EdDSA", "jwt"),
        ("v4.local", "paseto"),
        ("v4.public", "paseto"),
        ("v3.public", "paseto"),
        ("session in memory", "session"),
        ("session in memory:", "session"),
        ("session in memory: (2)", "session"),
    ];
    let expected = expected.map(|(name, kind)| (name.to_owned(), kind.to_owned()));
    assert_eq!(rows.iter().map(named).collect::<Vec<_>>(), expected);
    for row in rows {
        let is_session = row["kind"] == "session";
        assert_eq!(row["store_trips"], u64::from(is_session), "{row}");
        assert_eq!(row["confidential"], is_session || row["name"] == "v4.local", "{row}");
        assert_eq!(row["repeats"], 3, "{row}");
    }
}

#[test]
fn what_it_says_is_plain_where_there_is_no_terminal() {
    let ran = run(COMPARE, "");
    assert_eq!(ran.err, "");
    let text = ran.fine();
    assert!(!text.contains('\u{1b}') && !text.contains('\r'), "{text:?}");
    for part in [
        "JWT EdDSA",
        "PASETO v4.local",
        "session in memory",
        "Where the differences come from",
        "--verifiers",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn three_answers_end_in_one_recommendation() {
    let answers = "--callers programs --logout immediate --verifiers others";
    let text = run(&format!("{COMPARE} {answers}"), "").fine();
    let (_, end) = text.split_once("Which to choose").unwrap();
    for part in ["choose   PASETO v4.public", "because", "but ", "with_revocations", "bytes on each request"]
    {
        assert!(end.contains(part), "{part}: {end}");
    }
    let json = run(&format!("{COMPARE} --json {answers}"), "").json();
    assert_eq!(json["recommendations"].as_array().unwrap().len(), 1);
    assert_eq!(json["recommendations"][0]["choice"], "v4-public");
    let open = run(&format!("{COMPARE} --json --callers browsers"), "").json();
    assert_eq!(open["recommendations"].as_array().unwrap().len(), 6);
}

#[test]
fn more_claims_are_longer_tokens_and_no_longer_cookie() {
    let bytes = |options: &str| {
        let comparison = run(&format!("{COMPARE} --json {options}"), "").json();
        let of = |name: &str| {
            let rows = comparison["rows"].as_array().unwrap();
            rows.iter().find(|row| row["name"] == name).unwrap()["bytes"].as_u64().unwrap()
        };
        (of("HS256"), of("v4.local"), of("session in memory"))
    };
    let (jwt, paseto, session) = bytes("--scopes 0");
    let (longer_jwt, longer_paseto, same_session) = bytes("--scopes 100");
    assert!(longer_jwt > jwt + 1_000 && longer_paseto > paseto + 1_000, "{longer_jwt} {longer_paseto}");
    assert_eq!(session, same_session);
}

#[test]
fn a_payload_out_of_a_token_is_a_file_of_claims() {
    let payload = r#"{"iss":"https://id.example/","sub":"zoë","aud":["https://a.example","https://b.example"],"exp":1,"nbf":2,
        "iat":3,"jti":"x","scope":"read write","client_id":"app","roles":["admin"],"tenant":{"name":"acme","ids":[1,2.50]}}"#;
    let comparison = run(&format!("{COMPARE} --json --claims -"), payload).json();
    assert_eq!(comparison["rows"].as_array().unwrap().len(), 10);
}

#[test]
fn claims_that_cannot_be_compared_are_told_with_their_reason() {
    let long = format!(r#"{{"sub":"a","long":"{}"}}"#, "x".repeat(20_000));
    let longest = format!(r#"{{"sub":"a","long":"{}"}}"#, "x".repeat(70_000));
    let deep = format!(r#"{{"a":{}1{}}}"#, "[".repeat(100), "]".repeat(100));
    for (claims, reason) in [
        ("", "EOF"),
        ("{", "EOF"),
        ("[]", "a JSON object of claims"),
        ("null", "a JSON object of claims"),
        ("{} {}", "trailing"),
        (r#"{"a":1,"a":2}"#, "the claim `a` is there twice"),
        (r#"{"a":{"b":1,"b":2}}"#, "the claim `a`"),
        (r#"{"sub":7}"#, "the claim `sub` is no text"),
        (r#"{"sub":""}"#, "names nobody"),
        (r#"{"aud":[]}"#, "the claim `aud` is an empty list"),
        (r#"{"scope":"a\nb"}"#, "the claim `scope`"),
        (r#"{"roles":"admin"}"#, "the claim `roles` is no list"),
        (r#"{"amr":["pwd"]}"#, "the claim `amr`"),
        (&deep, "the claim `a`"),
        (&long, "longer than a token may be"),
        (&longest, "larger than 65536 bytes"),
    ] {
        let complaint = run(&format!("{COMPARE} --claims -"), claims).usage();
        assert!(complaint.contains(reason), "{claims:.60}: {complaint}");
        assert!(!complaint.contains('\u{1b}') && complaint.lines().count() == 1, "{complaint}");
    }
    let complaint = portcullis(&["compare", "--claims", "-"], [0xff, 0xfe]).usage();
    assert!(complaint.contains("--claims: standard input"), "{complaint}");
    let complaint = run(&format!("{COMPARE} --claims nowhere.json"), "").usage();
    assert!(complaint.contains("`nowhere.json`"), "{complaint}");
}

#[test]
fn a_store_that_cannot_be_opened_is_told_without_its_password() {
    for url in ["gopher://app:hunter2@db/0?password=hunter2", "hunter2", "memory:hunter2"] {
        let complaint = run(&format!("{COMPARE} --store {url}"), "").usage();
        assert!(complaint.contains("--store") && !complaint.contains("hunter2"), "{complaint}");
    }
}

#[test]
fn numbers_out_of_range_are_refused() {
    for options in
        ["--rounds 0", "--rounds 2", "--rounds 70000", "--scopes 701", "--scopes -1", "--callers everybody"]
    {
        run(&format!("compare {options}"), "").usage();
    }
}

#[test]
fn a_page_that_cannot_be_written_is_refused_before_anything_is_measured() {
    let folder = Folder::new();
    for path in [folder.path(""), folder.path("no/folder/page.html")] {
        let complaint = portcullis(&["compare", "--rounds", "1001", "--html", &path], "").usage();
        assert!(complaint.contains("--html") || complaint.contains("cannot be written"), "{complaint}");
    }
}

#[test]
fn what_fails_leaves_the_old_page_as_it_was_and_nothing_beside_it() {
    let folder = Folder::new();
    let page = folder.file("page.html", "old");
    portcullis(&["compare", "--html", &page, "--store", "gopher:"], "").usage();
    assert_eq!(fs::read_to_string(&page).unwrap(), "old");
    assert_eq!(fs::read_dir(folder.path("")).unwrap().count(), 1);
    assert_eq!(portcullis(&["compare", "--rounds", "3", "--html", &page], "").code, 0);
    assert!(fs::read_to_string(&page).unwrap().starts_with("<!doctype html>"));
    assert_eq!(fs::read_dir(folder.path("")).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn a_page_takes_the_place_of_a_file_and_of_nothing_else() {
    use std::os::unix::fs::{FileTypeExt, symlink};

    let complaint = run("compare --html /dev/null", "").usage();
    assert!(complaint.contains("`/dev/null` is no file"), "{complaint}");
    assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
    let folder = Folder::new();
    let (page, link) = (folder.file("page.html", "old"), folder.path("link.html"));
    symlink(&page, &link).unwrap();
    assert_eq!(portcullis(&["compare", "--rounds", "3", "--html", &link], "").code, 0);
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(fs::read_to_string(&page).unwrap().starts_with("<!doctype html>"));
}

/// Both are of one comparison.
#[test]
fn the_numbers_in_the_page_are_those_of_the_json() {
    let folder = Folder::new();
    let page = folder.path("page.html");
    let ran = portcullis(&["compare", "--rounds", "3", "--json", "--store", "memory:", "--html", &page], "");
    let (comparison, page) = (ran.json(), fs::read_to_string(&page).unwrap());
    for row in comparison["rows"].as_array().unwrap() {
        let name = row["name"].as_str().unwrap();
        let (_, rest) = page.split_once(&format!("<tr data-row=\"{name}\"")).unwrap();
        let (in_page, _) = rest.split_once("</tr>").unwrap();
        for (column, value) in row.as_object().unwrap().iter().filter(|(_, value)| value.is_number()) {
            let (_, cell) = in_page.split_once(&format!("data-column=\"{column}\"")).unwrap();
            let (_, cell) = cell.split_once("<data value=\"").unwrap();
            let (shown, _) = cell.split_once('"').unwrap();
            assert_eq!(shown, value.to_string(), "{name} {column}");
        }
    }
}
