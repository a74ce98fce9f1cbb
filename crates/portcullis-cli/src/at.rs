use portcullis::store::{Clock, SystemClock, Timestamp};

use crate::dates;

/// When a token is looked at.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct At {
    /// Look at the token as of this time, instead of now: `2026-01-02T03:04:05Z`, or seconds since 1970
    #[arg(long, value_name = "TIME", value_parser = parse)]
    at: Option<Timestamp>,
}

impl At {
    /// The clock to decide by.
    pub(crate) fn clock(self) -> Held {
        Held(self.at.unwrap_or_else(|| SystemClock.now()))
    }
}

/// A clock that stands: all that one command says is of the same moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Held(Timestamp);

impl Clock for Held {
    fn now(&self) -> Timestamp {
        self.0
    }
}

fn parse(text: &str) -> Result<Timestamp, String> {
    let at = dates::from_rfc3339(text).or_else(|| dates::from_seconds(text));
    at.ok_or_else(|| {
        String::from("neither a date like 2026-01-02T03:04:05Z nor a number of seconds since 1970")
    })
}
