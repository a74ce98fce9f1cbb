//! What each operation does over the store, call by call, as the library does it.

#[path = "programs/limit.rs"]
pub mod limit;
#[path = "programs/log_out.rs"]
pub mod log_out;
#[path = "programs/log_out_others.rs"]
pub mod log_out_others;
#[path = "programs/others_refuted.rs"]
pub mod others_refuted;
#[path = "programs/rotate.rs"]
pub mod rotate;
#[path = "programs/write.rs"]
pub mod write;
#[path = "programs/writes.rs"]
pub mod writes;

use crate::{
    script::{Defect, Outage, Script, Turn},
    store::{Answer, Id},
};

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Program {
    Write,
    Renew,
    LogIn,
    LogInAtMost(Limit),
    LogOut,
    LogOutEverywhere,
    LogOutOthers,
    /// Refuted: the store spares one record when it raises the epoch.
    OthersInOneCall,
    /// Refuted: the epoch is raised for all, and the own session begun again.
    OthersByEpoch,
    /// Revokes the session that began under this id.
    Revoke(Id),
}

/// How many sessions there may be, and what becomes of one too many.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Limit {
    EvictOldest(usize),
    Refuse(usize),
}

/// What the client is told.
pub type Outcome = Result<Done, Refused>;

/// The request is acknowledged.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Done {
    /// The cookie it hands over.
    pub told: Option<Id>,
    /// The session by its handle, and the key.
    pub wrote: Option<(Id, u8)>,
    /// The write was put under another id than the request bore.
    pub followed: bool,
    pub ended: Ended,
    /// A new session by its handle, and the one whose data it took over.
    pub took_over: Option<(Id, Id)>,
}

/// Which sessions are said to be over.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub enum Ended {
    #[default]
    Nothing,
    Session(Id),
    /// Those that have, or had, one of these ids.
    Under(Vec<Id>),
    /// All of Ada's that were there when the request began.
    All,
    AllBut(Id),
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Refused {
    Gone,
    Fenced,
    Contended,
    TooMany,
    Outage,
}

impl Program {
    /// Whether it ends a session and begins none in its place.
    pub fn only_ends(self) -> bool {
        !matches!(self, Self::Write | Self::Renew | Self::LogIn | Self::LogInAtMost(_))
    }

    pub fn turn(self, number: u8, defect: Option<Defect>, bears: Id, answers: &[Answer]) -> Turn<Outcome> {
        Script::run(number, defect, answers, async |script: &Script<'_>| match self {
            Self::Write => write::write(script, bears).await,
            Self::Renew => rotate::renew(script, bears).await,
            Self::LogIn => rotate::log_in(script, bears, None).await,
            Self::LogInAtMost(limit) => rotate::log_in(script, bears, Some(limit)).await,
            Self::LogOut => log_out::log_out(script, bears).await,
            Self::LogOutEverywhere => log_out::log_out_everywhere(script, bears).await,
            Self::LogOutOthers => log_out_others::log_out_others(script, bears).await,
            Self::OthersInOneCall => others_refuted::in_one_call(script, bears).await,
            Self::OthersByEpoch => others_refuted::by_epoch(script, bears).await,
            Self::Revoke(handle) => log_out::revoke(script, bears, handle).await,
        })
    }
}

impl Done {
    pub fn wrote(handle: Id, key: u8, followed: bool) -> Self {
        Self { wrote: Some((handle, key)), followed, ..Self::default() }
    }

    pub fn ended(ended: Ended) -> Self {
        Self { ended, ..Self::default() }
    }
}

impl From<Outage> for Refused {
    fn from(Outage: Outage) -> Self {
        Self::Outage
    }
}
