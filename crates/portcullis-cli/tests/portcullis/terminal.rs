use std::{
    io::{Read, Write},
    num::NonZero,
    process::Child,
    sync::mpsc,
    thread,
    time::Duration,
};

use pty_process::blocking::{Command, Pty};

/// The program in a terminal, with somebody before it.
pub(crate) struct Terminal {
    child: Child,
    pty: Pty,
    written: mpsc::Receiver<Vec<u8>>,
    /// What was written so far.
    pub(crate) bytes: Vec<u8>,
    /// How much of it was waited for.
    seen: usize,
}

impl Terminal {
    pub(crate) fn new(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let (pty, other_side) = pty_process::blocking::open().unwrap();
        pty.resize(pty_process::Size::new(ROWS, COLUMNS)).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(arguments)
            .env_remove("NO_COLOR")
            .env("TERM", "xterm-256color");
        for (name, value) in environment {
            command = command.env(name, value);
        }
        let child = command.spawn(other_side).unwrap();
        // A terminal is read as it is written to, or the program would wait for it.
        let mut reading = std::fs::File::from(pty_of(&pty));
        let (sender, written) = mpsc::channel();
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            // At the end of the program a terminal reports an error and not the end of a file.
            while let Ok(read @ 1..) = reading.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self { child, pty, written, bytes: Vec::new(), seen: 0 }
    }

    /// Waits until `text` was written behind what was waited for last.
    pub(crate) fn wait_for(&mut self, text: &str) {
        loop {
            let mut unseen = self.bytes[self.seen..].windows(text.len());
            if let Some(at) = unseen.position(|window| window == text.as_bytes()) {
                self.seen += at + text.len();
                return;
            }
            match self.written.recv_timeout(LONGEST) {
                Ok(bytes) => self.bytes.extend(bytes),
                Err(error) => panic!("no {text:?} ({error}) in:\n{}", String::from_utf8_lossy(&self.bytes)),
            }
        }
    }

    /// As a keyboard does.
    pub(crate) fn press(&mut self, keys: &str) {
        self.pty.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits for the end, and tells what the program ended with.
    pub(crate) fn ended(&mut self) -> i32 {
        let code = self.child.wait().unwrap().code().unwrap();
        while let Ok(bytes) = self.written.recv_timeout(Duration::from_millis(500)) {
            self.bytes.extend(bytes);
        }
        code
    }

    /// What stands on a screen that is high enough for all of it.
    pub(crate) fn screen(&self) -> vt100::Parser {
        let mut screen = vt100::Parser::new(LONG, NonZero::new(COLUMNS).unwrap(), 0);
        screen.process(&self.bytes);
        screen
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn pty_of(pty: &Pty) -> std::os::fd::OwnedFd {
    use std::os::fd::AsFd;
    pty.as_fd().try_clone_to_owned().unwrap()
}

const ROWS: u16 = 40;
const LONG: NonZero<u16> = NonZero::new(500).unwrap();
const COLUMNS: u16 = 100;
const LONGEST: Duration = Duration::from_secs(60);
