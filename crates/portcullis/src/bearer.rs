//! Bearer tokens.

mod config_error;
mod verify;

pub use config_error::ConfigError;
pub use verify::{Verification, VerifyToken};

pub use crate::{
    claims::{
        error::{TokenError, TokenErrorKind},
        verified::VerifiedToken,
    },
    keyring::KeyId,
};
