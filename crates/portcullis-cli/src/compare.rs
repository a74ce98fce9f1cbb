//! `portcullis compare`: sessions, JWT and PASETO beside each other on this machine, and which to choose.

mod answers;
mod ask;
mod bar;
mod command;
mod page;
mod report;
mod run;

pub(crate) use command::Compare;
