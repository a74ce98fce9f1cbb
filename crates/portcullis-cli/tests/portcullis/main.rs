//! The program as it is run: arguments, standard input and files in; output, complaints and an exit code out.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail, too")]

mod folder;
mod keys;
mod ran;
