use std::io;

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};
use portcullis_compare::Progress;

/// Shows how far the comparison is, on standard error and only where that is a terminal. Dropped, it leaves nothing behind.
pub(super) struct Bar(ProgressBar);

impl Bar {
    pub(super) fn new() -> Self {
        let stderr = Term::stderr();
        let target = if stderr.is_term() && !console::is_dumb() {
            ProgressDrawTarget::term_like_with_hz(Box::new(WithMargin(stderr)), TIMES_A_SECOND)
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("measuring {bar:30} {percent:>3} %  {wide_msg}") {
            bar.set_style(style);
        }
        Self(bar)
    }

    pub(super) fn show(&self, progress: Progress<'_>) {
        self.0.set_length(progress.of);
        self.0.set_position(progress.done);
        self.0.set_message(progress.row.to_owned());
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// A terminal that keeps some columns free. A bar fills its line, and what the terminal then echoes of Ctrl-C would begin another: the bar would be
/// looked for there, and stay.
#[derive(Debug)]
struct WithMargin(Term);

impl TermLike for WithMargin {
    fn width(&self) -> u16 {
        self.0.size().1.saturating_sub(MARGIN)
    }

    fn move_cursor_up(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_up(lines)
    }

    fn move_cursor_down(&self, lines: usize) -> io::Result<()> {
        self.0.move_cursor_down(lines)
    }

    fn move_cursor_right(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_right(columns)
    }

    fn move_cursor_left(&self, columns: usize) -> io::Result<()> {
        self.0.move_cursor_left(columns)
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.0.write_line(line)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.0.write_str(text)
    }

    fn clear_line(&self) -> io::Result<()> {
        self.0.clear_line()
    }

    fn flush(&self) -> io::Result<()> {
        self.0.flush()
    }
}

/// `^C`, and one that stays free.
const MARGIN: u16 = 3;
const TIMES_A_SECOND: u8 = 10;
