//! Every interleaving of a few requests, by exhaustive search: the store as its contract says it, the operations as the library does
//! them, call by call, and what must hold in every state.
//!
//! Begin with `model/programs`: each operation is an `async fn` over a store. `model/store.rs` is that store, `model/world.rs` says
//! which steps there are, `model/properties.rs` what must hold, and `model/scenarios.rs` for whom. What comes of a step that is done
//! otherwise, `model/defects.rs` says. The library's own code runs in `concurrency.rs`.
//!
//! `PORTCULLIS_LONG=1` adds triples in two browsers, and lost answers nearly everywhere.

#[path = "model/check.rs"]
mod check;
#[path = "model/defects.rs"]
mod defects;
#[path = "model/programs.rs"]
mod programs;
#[path = "model/properties.rs"]
mod properties;
#[path = "model/scenarios.rs"]
mod scenarios;
#[path = "model/script.rs"]
mod script;
#[path = "model/store.rs"]
mod store;
#[path = "model/told.rs"]
mod told;
#[path = "model/world.rs"]
mod world;
