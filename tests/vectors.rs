//! Tokens and keys that others made: published vectors, and other libraries as oracles.

#[path = "vectors/paseto.rs"]
mod paseto;
