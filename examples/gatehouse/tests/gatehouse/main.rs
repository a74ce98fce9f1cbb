//! The program itself, over real sockets.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the helpers of tests may fail, too"
)]

mod account;
mod admin;
mod attacker;
mod cart;
mod client;
mod compare;
mod cors;
mod cross_origin;
mod devices;
mod grpc;
mod inside;
mod keys;
mod login;
mod nodes;
mod outage;
mod pages;
mod revocation;
mod server;
mod start;
mod tls;
mod token;
