//! The fuzz targets, for a short while: their seeds, and what a generator with a printed seed makes of them.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
};

use fastrand::Rng;
use support::fuzz;

#[test]
fn any_cookie_fields_are_harmless() {
    run("cookie_fields", 4_000, fuzz::cookie_fields);
}

#[test]
fn any_stored_bytes_are_a_session_or_nobodys() {
    run("session_record", 200, fuzz::session_record);
}

#[test]
fn any_word_of_where_a_request_comes_from_is_read_as_browsers_do() {
    run("origin", 4_000, fuzz::origin);
}

#[test]
fn any_text_that_is_taken_for_a_path_stays_on_the_site() {
    run("next", 20_000, fuzz::next);
}

#[test]
fn any_text_is_a_paseto_of_ours_or_is_refused() {
    run("paseto", 2_000, fuzz::paseto);
}

#[test]
fn any_text_is_a_jwt_as_the_rules_have_it_or_is_refused() {
    run("jwt", 4_000, fuzz::jwt);
}

#[test]
fn any_bytes_are_a_key_that_can_be_written_or_are_refused_without_a_word_of_them() {
    run("jwk", 1_000, fuzz::jwk);
}

#[test]
fn any_credentials_are_harmless_and_none_but_a_good_token_lets_in() {
    run("credentials", 1_000, fuzz::credentials);
}

/// Every seed as it is, then `cases` mutations, each of its own seed.
fn run(target: &str, cases: u64, body: fn(&[u8])) {
    let seeds = seeds(target);
    for (name, bytes) in &seeds {
        try_one(body, bytes, &format!("the seed {name} of {target}"));
    }
    for seed in 0..cases {
        let mut rng = Rng::with_seed(seed);
        try_one(body, &mutated(&seeds, &mut rng), &format!("{target}, random seed {seed}"));
    }
}

fn try_one(body: fn(&[u8]), bytes: &[u8], what: &str) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| body(bytes))) {
        eprintln!("{what}: {:?}", bytes.escape_ascii().to_string());
        resume_unwind(panic);
    }
}

fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = format!("../fuzz/seeds/{target}");
    let mut seeds: Vec<(String, Vec<u8>)> = fs::read_dir(folder)
        .expect("a folder of seeds")
        .map(|entry| entry.expect("an entry"))
        .map(|entry| (entry.file_name().display().to_string(), fs::read(entry.path()).expect("a seed")))
        .collect();
    // Folders have no order, and a random seed must mean the same everywhere.
    seeds.sort();
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

/// One of the seeds after a few of the changes that parsers trip over.
fn mutated(seeds: &[(String, Vec<u8>)], rng: &mut Rng) -> Vec<u8> {
    let one = |rng: &mut Rng| &seeds[rng.usize(..seeds.len())].1;
    let mut bytes = one(rng).clone();
    for _ in 0..rng.usize(1..6) {
        let at = rng.usize(..=bytes.len());
        let end = rng.usize(at..=bytes.len().min(at + 16));
        match rng.u8(..7) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.insert(at, rng.u8(..)),
            3 => bytes[at..end].iter_mut().for_each(|byte| *byte = rng.u8(..)),
            4 => bytes[at..end].iter_mut().for_each(|byte| *byte ^= 1 << rng.u8(..8)),
            5 => bytes.extend_from_within(at..end),
            _ => {
                let other = one(rng);
                let from = rng.usize(..=other.len());
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
        }
    }
    bytes
}
