//! Many requests of one session at once: in every order a die throws, on threads with their history recorded, and over sockets. And
//! many with tokens, while their keys are replaced and they are revoked.

#[path = "concurrency/history.rs"]
mod history;
#[path = "concurrency/interleavings.rs"]
mod interleavings;
#[path = "concurrency/many.rs"]
mod many;
#[path = "concurrency/sockets.rs"]
mod sockets;
#[path = "concurrency/tokens.rs"]
mod tokens;
