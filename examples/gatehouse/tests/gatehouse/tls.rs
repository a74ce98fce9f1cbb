use std::{
    fs,
    process::{self, Command, Stdio},
};

use crate::server::Server;

/// A client that speaks TLS, keeps cookies, and trusts the certificate that nobody can know.
pub(crate) struct Curl {
    jar: String,
}

impl Curl {
    /// With a jar of its own for each `name`.
    pub(crate) fn new(name: &str) -> Self {
        Self { jar: format!("{}/jar-{name}-{}", env!("CARGO_TARGET_TMPDIR"), process::id()) }
    }

    /// What it prints.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--insecure", "--include"])
            .args(["--cookie", &self.jar, "--cookie-jar", &self.jar])
            .args(arguments)
            .stderr(Stdio::inherit())
            .output();
        let output = output.unwrap_or_else(|error| panic!("this test needs curl: {error}"));
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for Curl {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.jar));
    }
}

#[test]
fn over_tls_the_cookie_is_the_one_browsers_protect_best() {
    let server = Server::start(&["--tls"]);
    assert!(server.url.starts_with("https://127.0.0.1:"));
    let curl = Curl::new("tls");
    let url = |path: &str| format!("{}{path}", server.url);

    let login = curl.run(&["--data", "username=ada&password=lovelace", &url("/login")]);
    let cookie = login.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-Http-sid="), "{cookie}");
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/");

    let me = curl.run(&[&url("/api/me")]);
    assert!(me.contains("\"subject\":\"ada\"") && me.contains(&server.url), "{me}");
    curl.run(&["--request", "POST", &url("/logout")]);
    assert!(curl.run(&[&url("/api/me")]).starts_with("HTTP/2 401"));
}
