use std::{
    fs,
    process::{Command, Stdio},
};

use crate::server::Server;

/// What `curl` prints; it keeps cookies in `jar` and trusts the certificate that nobody can know.
fn curl(jar: &str, arguments: &[&str]) -> String {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--insecure", "--include", "--cookie", jar, "--cookie-jar", jar])
        .args(arguments)
        .stderr(Stdio::inherit())
        .output();
    let output = output.unwrap_or_else(|error| panic!("this test needs curl: {error}"));
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn over_tls_the_cookie_is_the_one_browsers_protect_best() {
    let server = Server::start(&["--tls"]);
    assert!(server.url.starts_with("https://127.0.0.1:"));
    let jar = format!("{}/jar-{}", env!("CARGO_TARGET_TMPDIR"), std::process::id());
    let url = |path: &str| format!("{}{path}", server.url);

    let login = curl(&jar, &["--data", "username=ada&password=lovelace", &url("/login")]);
    let cookie = login.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let (pair, attributes) = cookie.split_once("; ").unwrap();
    assert!(pair.starts_with("__Host-Http-sid="), "{cookie}");
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/");

    let me = curl(&jar, &[&url("/api/me")]);
    assert!(me.contains("\"subject\":\"ada\"") && me.contains(&server.url), "{me}");
    curl(&jar, &["--request", "POST", &url("/logout")]);
    assert!(curl(&jar, &[&url("/api/me")]).starts_with("HTTP/2 401"));
    fs::remove_file(jar).unwrap();
}
