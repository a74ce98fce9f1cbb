//! JSON as it was written: members in their order, names that come twice, numbers digit by digit.

mod show;
mod value;

pub(crate) use show::{in_line, show};
pub(crate) use value::Json;
