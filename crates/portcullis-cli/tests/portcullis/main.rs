//! The program as it is run: arguments, standard input and files in; output, complaints and an exit code out.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of tests may fail, too"
)]

mod compare;
#[cfg(unix)]
mod compare_in_a_terminal;
mod every_algorithm;
mod folder;
mod forge;
mod hostile;
mod inspect;
mod issue;
mod keys;
mod ran;
#[cfg(unix)]
mod terminal;
mod verify;
