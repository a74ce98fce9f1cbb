//! The program itself, over real sockets.

#![expect(clippy::panic, clippy::unwrap_used, reason = "the helpers of tests may fail, too")]

mod account;
mod admin;
mod attacker;
mod cart;
mod client;
mod cross_origin;
mod devices;
mod grpc;
mod inside;
mod login;
mod nodes;
mod outage;
mod pages;
mod server;
mod start;
mod tls;
