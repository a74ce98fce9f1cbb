use crate::terminal::Terminal;

#[test]
fn it_asks_measures_and_answers() {
    let mut terminal = Terminal::new(&["compare", "--rounds", "3"], &[]);
    for (question, answer) in [
        ("Who calls?", "2\n"),
        ("honoured at once?", "yes\n"),
        ("A number from 1 to 2", "2\n"),
        ("Who verifies?", "1\n"),
    ] {
        terminal.wait_for(question);
        terminal.wait_for("> ");
        terminal.press(answer);
    }
    terminal.wait_for("measuring");
    terminal.wait_for("BearerLayer::new(PasetoVerifier::new(keys, policy))");
    assert_eq!(terminal.ended(), 0);
    let screen = terminal.screen();
    let shown = screen.screen().contents();
    assert!(shown.contains("choose   PASETO v4.local"), "{shown}");
    assert!(!shown.contains("measuring"), "the bar is gone: {shown}");
    assert!(!screen.screen().hide_cursor());
}

#[test]
fn headings_are_bold_unless_no_color_is_set() {
    for (environment, is_bold) in
        [(&[][..], true), (&[("NO_COLOR", "1")][..], false), (&[("TERM", "dumb")][..], false)]
    {
        let answers = ["--callers", "browsers", "--logout", "later", "--verifiers", "ours"];
        let arguments = [&["compare", "--rounds", "3"][..], &answers].concat();
        let mut terminal = Terminal::new(&arguments, environment);
        assert_eq!(terminal.ended(), 0);
        let written = String::from_utf8_lossy(&terminal.bytes).into_owned();
        assert_eq!(written.contains("\u{1b}[1m"), is_bold, "{environment:?}");
        let has_colour = (30..=37).any(|colour| written.contains(&format!("\u{1b}[{colour}m")));
        assert!(!has_colour, "{environment:?}");
        if environment.contains(&("TERM", "dumb")) {
            assert!(!written.contains('\u{1b}'), "{written}");
        }
    }
}

#[test]
fn ctrl_c_leaves_the_terminal_clean() {
    let answers = ["--callers", "browsers", "--logout", "later", "--verifiers", "ours"];
    let arguments = [&["compare", "--rounds", "1001"][..], &answers].concat();
    let mut terminal = Terminal::new(&arguments, &[]);
    terminal.wait_for("measuring");
    terminal.wait_for("EdDSA");
    terminal.press("\u{3}");
    assert_eq!(terminal.ended(), 130);
    let screen = terminal.screen();
    let shown = screen.screen().contents();
    assert!(!shown.contains("measuring") && shown.contains("portcullis: interrupted"), "{shown}");
    assert!(!screen.screen().hide_cursor() && !screen.screen().alternate_screen());
}
