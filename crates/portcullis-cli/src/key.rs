//! `portcullis key`: makes keys and looks at them.

mod algorithm;
mod generate;
mod id;
mod public;
mod written;

pub(crate) use generate::Generate;
pub(crate) use id::Id;
pub(crate) use public::Public;
