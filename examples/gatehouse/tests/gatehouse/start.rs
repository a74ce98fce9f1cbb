use std::{thread, time::Duration};

use crate::server::{Server, refusal};

#[test]
fn what_cannot_be_done_is_refused_with_a_reason() {
    let rows: [(&[&str], &str); 12] = [
        (&["--store", "redis"], "named by a URL"),
        (&["--store", "gopher://127.0.0.1"], "no store has the scheme `gopher:`"),
        (&["--store", "redis://127.0.0.1:1"], "Connection refused"),
        (&["--listen", "0.0.0.0:0"], "add --tls"),
        (&["--attacker", "0.0.0.0:0"], "for this machine"),
        (&["--grpc-listen", "0.0.0.0:0"], "add --tls"),
        (&["--grpc-listen", "127.0.0.1:0", "--nodes", "2"], "--store memory:shared"),
        (&["--nodes", "17"], "1..=16"),
        (&["--public-origin", "shop.example"], "not an origin"),
        (&["--public-origin", "http://shop.example"], "others could read"),
        (&["--idle-timeout", "90", "--absolute-timeout", "60"], "idle timeout (90s)"),
        (&["--idle-timeout", "0"], "at least 1s"),
    ];
    for (arguments, reason) in rows {
        let said = refusal(arguments);
        assert!(said.contains(reason), "{arguments:?}: {said}");
    }
}

#[test]
fn a_stopped_server_finishes_what_it_began_and_exits_with_success() {
    let mut server = Server::start(&[]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    let slow = thread::spawn(move || browser.get("/slow?ms=1500"));
    thread::sleep(Duration::from_millis(500));
    server.terminate();
    let exit_code = server.wait();

    let answer = slow.join().unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("<strong>ada</strong>"), "{answer:?}");
    assert_eq!(exit_code, Some(0));
}

#[test]
fn an_idle_connection_does_not_hold_up_the_stop() {
    let mut server = Server::start(&[]);
    let _idle = server.browser().connect();
    server.terminate();
    assert_eq!(server.wait(), Some(0));
}

#[test]
fn the_log_holds_no_credential() {
    for format in ["json", "text"] {
        let mut server = Server::start(&["--log-format", format]);
        let browser = server.browser();
        browser.log_in("ada", "typed-into-the-wrong-field");
        browser.log_in("typed-into-the-wrong-field", "lovelace");
        browser.log_in("ada", "lovelace");
        browser.get("/api/me");
        server.terminate();
        server.wait();

        let log = server.log();
        assert!(log.contains("session.logged_in"), "{log}");
        let cookie = browser.cookie().unwrap();
        let secret = cookie.strip_prefix("sid=").unwrap();
        for hidden in [secret, "typed-into-the-wrong-field", "lovelace"] {
            assert!(!log.contains(hidden), "{hidden} in {log}");
        }
    }
}
