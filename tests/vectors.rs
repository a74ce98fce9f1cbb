//! What others say a token is: the vectors of the standards and of Wycheproof, and the verdicts of the libraries most have.

#[path = "vectors/files.rs"]
mod files;
#[path = "vectors/jwt.rs"]
mod jwt;
#[path = "vectors/jwt_differential.rs"]
mod jwt_differential;
#[path = "vectors/paseto.rs"]
mod paseto;
