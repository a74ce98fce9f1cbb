use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    thread,
};

use serde_json::Value;

use crate::{
    server::{Server, refusal},
    token::{FORMATS, call, token},
};

/// Whatever port it listens on, tokens are of one issuer.
const ISSUER: [&str; 2] = ["--public-origin", "http://localhost:1234"];

/// A folder that is gone with the value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("keys-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> String {
        self.0.join(name).to_str().unwrap().to_owned()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

fn start(keys: &str) -> Server {
    Server::start(&[&ISSUER[..], &["--keys", keys]].concat())
}

fn mode(path: &str) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_file_of_keys_is_made_once_and_for_its_owner_alone() {
    let folder = Folder::new("made");
    let file = folder.file("keys.json");
    let first = start(&file);
    assert!(first.greeting().contains(&format!("the keys in {file}")), "{}", first.greeting());
    assert_eq!((mode(&file), folder.names()), (0o600, vec!["keys.json".to_owned()]));
    let made = fs::read_to_string(&file).unwrap();
    let keys: Value = serde_json::from_str(&made).unwrap();
    let [jwk, paserk] = &keys["keys"].as_array().unwrap()[..] else {
        panic!("not two keys");
    };
    assert!(jwk["d"].is_string() && paserk["paserk"].as_str().unwrap().starts_with("k4.secret."));

    let browser = first.browser();
    let tokens = FORMATS.map(|format| token(&browser, format, ""));
    drop(first);
    let second = start(&file);
    let browser = second.browser();
    for token in &tokens {
        assert_eq!(call(&browser, "GET", "/api/me", token).status, 200, "of before the restart");
    }
    assert_eq!((fs::read_to_string(&file).unwrap(), mode(&file)), (made, 0o600));
    assert!(!second.log().contains("others may read"));
}

#[test]
fn without_a_file_tokens_end_with_the_program() {
    let first = Server::start(&ISSUER);
    assert!(first.greeting().contains("end with this program"), "{}", first.greeting());
    let browser = first.browser();
    let tokens = FORMATS.map(|format| token(&browser, format, ""));
    for token in &tokens {
        assert_eq!(call(&browser, "GET", "/api/me", token).status, 200);
    }
    drop(first);
    let second = Server::start(&ISSUER);
    for token in &tokens {
        assert_eq!(call(&second.browser(), "GET", "/api/me", token).status, 401);
    }
}

#[test]
fn two_that_start_at_once_have_the_keys_of_one() {
    let folder = Folder::new("at-once");
    let file = folder.file("keys.json");
    let servers: Vec<Server> = thread::scope(|scope| {
        let starting: Vec<_> = (0..3).map(|_| scope.spawn(|| start(&file))).collect();
        starting.into_iter().map(|server| server.join().unwrap()).collect()
    });
    assert_eq!(folder.names(), ["keys.json"]);
    let token = token(&servers[0].browser(), "paseto", "");
    for server in &servers {
        assert_eq!(call(&server.browser(), "GET", "/api/me", &token).status, 200);
    }
}

#[test]
fn a_file_that_others_may_read_is_used_and_warned_of() {
    let folder = Folder::new("open");
    let file = folder.file("keys.json");
    drop(start(&file));
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let server = start(&file);
    let log = server.log();
    assert!(log.contains("others may read the keys") && log.contains("644"), "{log}");
    assert_eq!(mode(&file), 0o644, "it is not ours to change");
}

#[test]
fn what_holds_no_keys_is_refused_and_left_as_it_is() {
    let folder = Folder::new("refused");
    let good = folder.file("good.json");
    drop(start(&good));
    let keys: Value = serde_json::from_str(&fs::read_to_string(&good).unwrap()).unwrap();
    let only = |at: usize| serde_json::json!({ "keys": [keys["keys"][at]] }).to_string();
    for (name, content, reason) in [
        ("empty", String::new(), "no key for JWT"),
        ("other", "my letters".to_owned(), "no key for JWT"),
        ("none", "{\"keys\":[]}".to_owned(), "no key for JWT"),
        ("jwt", only(0), "no key for PASETO"),
        ("paseto", only(1), "no key for JWT"),
    ] {
        let file = folder.file(name);
        fs::write(&file, &content).unwrap();
        let said = refusal(&["--listen", "127.0.0.1:0", "--keys", &file]);
        assert!(said.contains(reason) && said.contains(&file), "{name}: {said}");
        assert_eq!(fs::read_to_string(&file).unwrap(), content, "{name}");
        let secret = keys.to_string();
        assert!(!said.contains("k4.secret.A") && !said.contains(&secret), "{name}");
    }
    let nowhere = folder.file("no/such/folder.json");
    let said = refusal(&["--listen", "127.0.0.1:0", "--keys", &nowhere]);
    assert!(said.contains("cannot be made") && !Path::new(&nowhere).exists(), "{said}");
}
