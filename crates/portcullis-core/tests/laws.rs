//! The memory store keeps every law, at once and with its calls drawn out so that they overlap and can be dropped.

use std::process::ExitCode;

use portcullis_core::MemoryStore;
use portcullis_testkit::{
    FaultyStore, TestClock,
    laws::{self, Backend},
};

fn main() -> ExitCode {
    laws::run([
        Backend::new("memory", async |clock: TestClock| Ok(MemoryStore::new().with_clock(clock).into()))
            .with_rounds(3_000),
        Backend::new("memory_interleaved", async |clock: TestClock| {
            let store = FaultyStore::new(MemoryStore::new().with_clock(clock));
            store.interleave(7, 3);
            Ok(store.into())
        }),
    ])
}
