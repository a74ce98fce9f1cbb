//! PASETO bearer tokens.
