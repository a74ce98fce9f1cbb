//! `docs/conformance.md` tells the truth: the tests it names are there, and those that show a requirement are in it. So does the
//! manual's page of threats: each names a test, and the test is there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

#[test]
fn every_test_that_is_named_is_there() {
    let tests = functions();
    let page = page();
    let missing: Vec<&str> = named(&page).filter(|name| !tests.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_test_that_the_manual_names_is_there() {
    let tests = functions();
    let page = threats();
    let missing: Vec<&str> = named(&page).filter(|name| !tests.contains(*name)).collect();
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn every_threat_names_a_test() {
    let page = threats();
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| attack"));
    let threats: Vec<Vec<&str>> = rows.filter(|row| !row.contains("---")).map(cells).collect();
    assert!(threats.len() > 30, "{}", threats.len());
    for threat in threats {
        let [_attack, _stopped_by, shown_by, _remains] = threat[..] else { panic!("{threat:?}") };
        assert!(named(shown_by).next().is_some(), "{threat:?}");
    }
}

#[test]
fn every_test_that_shows_a_requirement_is_named() {
    let page = page();
    let named: BTreeSet<String> = named(&page).map(str::to_owned).collect();
    let left_out: Vec<String> =
        functions().into_iter().filter(|name| shows_a_requirement(name) && !named.contains(name)).collect();
    assert!(left_out.is_empty(), "{left_out:#?}");
}

/// The page, found from this package's folder, in which tests are run.
fn page() -> String {
    fs::read_to_string("../docs/conformance.md").expect("the page")
}

/// The manual's page of threats.
fn threats() -> String {
    fs::read_to_string("../crates/portcullis/src/manual/threats.md").expect("the page")
}

/// The cells of a table's row.
fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split(" | ").map(str::trim).collect()
}

/// What the page has between backticks and looks like a test's name: several words with underscores between them.
fn named(page: &str) -> impl Iterator<Item = &str> {
    let quoted = page.split('`').skip(1).step_by(2);
    quoted.filter(|text| {
        text.matches('_').count() >= 2
            && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase() || byte.is_ascii_digit())
    })
}

/// Whether a test's name begins with the number of a requirement, of sessions (`s48_…`) or of tokens (`t24_…`).
fn shows_a_requirement(name: &str) -> bool {
    let rest = name.strip_prefix(['s', 't']).unwrap_or_default();
    rest.split_once('_')
        .is_some_and(|(number, _)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[test]
fn every_requirement_of_tokens_has_a_row() {
    let page = page();
    let missing: Vec<u32> = (1..=80).filter(|number| !page.contains(&format!("\n| T{number} | "))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// The names of all functions of the workspace.
fn functions() -> BTreeSet<String> {
    let mut functions = BTreeSet::new();
    for folder in ["../crates", "../examples", "../tests"] {
        for file in sources(Path::new(folder)) {
            let source = fs::read_to_string(&file).expect("a source");
            let names = source.split("fn ").skip(1).map(|rest| {
                rest.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                    .next()
                    .unwrap_or_default()
                    .to_owned()
            });
            functions.extend(names);
        }
    }
    functions
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    entries
        .flat_map(|path| match path.extension() {
            None if path.is_dir() && !path.ends_with("target") => sources(&path),
            Some(extension) if extension == "rs" => vec![path],
            _ => Vec::new(),
        })
        .collect()
}
